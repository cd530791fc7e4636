//! What depends on a type cannot be called on a trait object, but on the pointer to it.

use cogen::{Exception, Generator};

fn stop(g: &mut (dyn Generator<Yield = u32, Resume = (), Return = ()> + Unpin)) {
    let _ = g.throw(Exception::new("stop"));
}

fn main() {
    stop(&mut cogen::from_iter([1]));
}

//! What is raised and thrown must be able to go to another thread: the message says what to throw in its place.

use std::error::Error;
use std::fmt;
use std::rc::Rc;

use cogen::{Co, Generator, GeneratorExt, generator};

#[derive(Debug)]
struct Script(Rc<str>);

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Script {}

fn main() {
    let ask = |co: Co<'static, u32, u32>| async move { co.yield_(1).await };
    let mut g = generator(ask).boxed();
    let _ = g.throw(Script("no".into()));
    let boxed: Box<dyn Error> = "no".into();
    let _ = g.throw(boxed);
    let _ = generator(ask).try_drive(|_| Err(Script("no".into())));
}

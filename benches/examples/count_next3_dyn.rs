//! `next` on a `BoxGen` with three yields.

use cogen::{BoxGen, Co, Generator, generator};
use cogen_bench::{count_up3, loops::operations, nexts};

// Chosen at run time, so that the calls stay calls through the vtable.
#[inline(never)]
fn choose(n: u64) -> BoxGen<'static, u64> {
    if n == 7 {
        generator(|co: Co<'_, u64>| count_up3!(co, 7)).boxed()
    } else {
        generator(|co: Co<'_, u64>| count_up3!(co)).boxed()
    }
}

fn main() {
    let n = operations();
    let mut g = choose(n);
    nexts!(g, n);
}

//! `send` to a `BoxGen`.

use cogen::{BoxGen, Co, Generator, generator};
use cogen_bench::{loops::operations, sends, sum_up};

// Chosen at run time, so that the calls stay calls through the vtable.
#[inline(never)]
fn choose(n: u64) -> BoxGen<'static, u64, u64> {
    if n == 7 {
        generator(|co: Co<'_, u64, u64>| sum_up!(co, 7)).boxed()
    } else {
        generator(|co: Co<'_, u64, u64>| sum_up!(co)).boxed()
    }
}

fn main() {
    let n = operations();
    let mut g = choose(n);
    sends!(g, n);
}

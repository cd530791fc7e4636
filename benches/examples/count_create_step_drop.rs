//! Make a pinned generator, resume it once, drop it.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up, loops::operations, nexts};
use std::hint::black_box;
use std::pin::pin;

fn main() {
    for k in 0..operations() {
        let mut g = pin!(generator(|co: Co<'_, u64>| count_up!(co, black_box(k))));
        nexts!(g, 1);
    }
}

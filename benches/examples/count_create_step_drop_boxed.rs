//! Make a `Box::pin`ned generator, resume it once, drop it. The box goes through `black_box`: otherwise
//! the optimiser takes the allocation away.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up, loops::operations, nexts};
use std::hint::black_box;

fn main() {
    for k in 0..operations() {
        let mut g = black_box(Box::pin(generator(|co: Co<'_, u64>| {
            count_up!(co, black_box(k))
        })));
        nexts!(g, 1);
    }
}

//! `next` on a pinned generator that delegates to a pinned one, three deep.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up, delegate, loops::operations, nexts};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| delegate!(
        co,
        Box::pin(generator(|co: Co<'_, u64>| delegate!(
            co,
            Box::pin(generator(|co: Co<'_, u64>| delegate!(
                co,
                Box::pin(generator(|co: Co<'_, u64>| count_up!(co)))
            )))
        )))
    )));
    nexts!(g, operations());
}

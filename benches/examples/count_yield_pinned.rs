//! `next` on a pinned generator.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up, loops::operations, nexts};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| count_up!(co)));
    nexts!(g, operations());
}

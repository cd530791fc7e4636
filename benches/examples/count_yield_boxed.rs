//! `next` on a `Box::pin`ned generator.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up, loops::operations, nexts};

fn main() {
    let mut g = Box::pin(generator(|co: Co<'_, u64>| count_up!(co)));
    nexts!(g, operations());
}

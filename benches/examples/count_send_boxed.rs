//! `send` to a `Box::pin`ned generator.

use cogen::{Co, Generator, generator};
use cogen_bench::{loops::operations, sends, sum_up};

fn main() {
    let mut g = Box::pin(generator(|co: Co<'_, u64, u64>| sum_up!(co)));
    sends!(g, operations());
}

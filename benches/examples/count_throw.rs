//! `throw` into a pinned generator that catches it with `try_yield` and goes on.

use cogen::{Co, Generator, generator};
use cogen_bench::{loops::operations, throws, try_count_up};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| try_count_up!(co)));
    throws!(g, operations());
}

//! `anext` on a pinned generator, polled with a waker that does nothing.

use cogen::{Co, Generator, generator};
use cogen_bench::{anexts, count_up, loops::operations};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| count_up!(co)));
    anexts!(g, operations());
}

//! `send` to a pinned generator with three yields.

use cogen::{Co, Generator, generator};
use cogen_bench::{loops::operations, sends, sum_up3};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64, u64>| sum_up3!(co)));
    sends!(g, operations());
}

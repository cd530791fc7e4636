//! `send` to a `Box::pin`ned generator with three yields.

use cogen::{Co, Generator, generator};
use cogen_bench::{loops::operations, sends, sum_up3};

fn main() {
    let mut g = Box::pin(generator(|co: Co<'_, u64, u64>| sum_up3!(co)));
    sends!(g, operations());
}

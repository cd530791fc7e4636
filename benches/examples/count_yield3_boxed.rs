//! `next` on a `Box::pin`ned generator with three yields.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up3, loops::operations, nexts};

fn main() {
    let mut g = Box::pin(generator(|co: Co<'_, u64>| count_up3!(co)));
    nexts!(g, operations());
}

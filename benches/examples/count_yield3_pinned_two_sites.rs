//! `next` on a pinned generator with three yields, resumed in two places of the program.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up3, loops::operations, nexts};
use std::pin::pin;

fn main() {
    let n = operations();
    let mut g = pin!(generator(|co: Co<'_, u64>| count_up3!(co)));
    nexts!(g, n / 2);
    nexts!(g, n - n / 2);
}

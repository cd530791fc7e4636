//! `next` on a pinned generator that uses `try_yield`.

use cogen::{Co, Generator, generator};
use cogen_bench::{loops::operations, nexts, try_count_up};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| try_count_up!(co)));
    nexts!(g, operations());
}

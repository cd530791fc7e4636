//! `next` on a pinned generator that yields inside a scope.

use cogen::{Co, Generator, generator};
use cogen_bench::{count_up_in_scope, loops::operations, nexts};
use std::pin::pin;

fn main() {
    let mut g = pin!(generator(|co: Co<'_, u64>| count_up_in_scope!(co)));
    nexts!(g, operations());
}

//! `next` on a pinned generator whose body ends: the loop over it also checks for the end.

use cogen::{Co, Generator, generator};
use cogen_bench::{bodies::unknown, loops::operations, nexts};
use std::pin::pin;

fn main() {
    let end = operations();
    let mut g = pin!(generator(|co: Co<'_, u64>| async move {
        let mut i = unknown();
        while i < end {
            co.yield_(i).await;
            i += 1;
        }
    }));
    nexts!(g, u64::MAX);
}

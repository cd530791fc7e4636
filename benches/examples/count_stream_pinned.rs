//! `poll_next` on a pinned generator as a stream, polled with a waker that does nothing.

use cogen::{Co, GeneratorExt, generator};
use cogen_bench::{count_up, loops::operations, polls};
use std::pin::pin;

fn main() {
    let mut s = pin!(generator(|co: Co<'_, u64>| count_up!(co)).into_stream());
    polls!(s, operations());
}

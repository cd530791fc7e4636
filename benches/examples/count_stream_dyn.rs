//! `poll_next` on a `BoxGen` as a stream, one of two, chosen at run time.

use cogen::{BoxGen, Co, GeneratorExt, generator};
use cogen_bench::{count_up, loops::operations, polls};
use std::pin::pin;

fn main() {
    let g: BoxGen<'_, u64> = if std::hint::black_box(true) {
        generator(|co: Co<'_, u64>| count_up!(co)).boxed()
    } else {
        generator(|co: Co<'_, u64>| count_up!(co)).boxed()
    };
    let mut s = pin!(g.into_stream());
    polls!(s, operations());
}

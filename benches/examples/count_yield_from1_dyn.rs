//! `next` on a boxed generator that delegates to a boxed one, each one of two chosen at run time.

use cogen::{BoxGen, Co, Generator, generator};
use cogen_bench::{count_up, delegate, loops::operations, nexts};
use std::hint::black_box;

fn sub() -> BoxGen<'static, u64> {
    if black_box(true) {
        generator(|co: Co<'_, u64>| count_up!(co)).boxed()
    } else {
        generator(|co: Co<'_, u64>| count_up!(co)).boxed()
    }
}

fn main() {
    let mut g: BoxGen<'_, u64> = if black_box(true) {
        generator(|co: Co<'_, u64>| delegate!(co, sub())).boxed()
    } else {
        generator(|co: Co<'_, u64>| delegate!(co, sub())).boxed()
    };
    nexts!(g, operations());
}

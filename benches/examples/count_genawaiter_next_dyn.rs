//! The same as `count_genawaiter_next`, with a boxed `dyn Future` as the body.

use cogen_bench::{count_up, genawaiter_resumes, loops::operations};
use genawaiter::rc::{Co, Gen};
use std::pin::Pin;

type Body = Pin<Box<dyn Future<Output = ()>>>;

// Chosen at run time, so that the calls stay calls through the vtable.
#[inline(never)]
fn choose(n: u64) -> Gen<u64, (), Body> {
    Gen::new(|co: Co<u64>| -> Body {
        if n == 7 {
            Box::pin(count_up!(co, 7))
        } else {
            Box::pin(count_up!(co))
        }
    })
}

fn main() {
    let n = operations();
    let mut g = choose(n);
    genawaiter_resumes!(g, n);
}

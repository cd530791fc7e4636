//! `resume_with` of genawaiter's `rc::Gen`.

use cogen_bench::{genawaiter_sends, loops::operations, sum_up};
use genawaiter::rc::{Co, Gen};

fn main() {
    let mut g = Gen::new(|co: Co<u64, u64>| sum_up!(co));
    genawaiter_sends!(g, operations());
}

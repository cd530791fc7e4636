//! `resume_with` of genawaiter's `rc::Gen` with three yields.

use cogen_bench::{genawaiter_sends, loops::operations, sum_up3};
use genawaiter::rc::{Co, Gen};

fn main() {
    let mut g = Gen::new(|co: Co<u64, u64>| sum_up3!(co));
    genawaiter_sends!(g, operations());
}

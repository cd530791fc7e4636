//! `resume` of genawaiter's `rc::Gen` with three yields.

use cogen_bench::{count_up3, genawaiter_resumes, loops::operations};
use genawaiter::rc::{Co, Gen};

fn main() {
    let mut g = Gen::new(|co: Co<u64>| count_up3!(co));
    genawaiter_resumes!(g, operations());
}

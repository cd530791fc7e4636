//! `resume` of genawaiter's `rc::Gen`.

use cogen_bench::{count_up, genawaiter_resumes, loops::operations};
use genawaiter::rc::{Co, Gen};

fn main() {
    let mut g = Gen::new(|co: Co<u64>| count_up!(co));
    genawaiter_resumes!(g, operations());
}

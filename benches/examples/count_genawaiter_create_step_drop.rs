//! Make a genawaiter `rc::Gen`, resume it once, drop it.

use cogen_bench::{count_up, genawaiter_resumes, loops::operations};
use genawaiter::rc::{Co, Gen};
use std::hint::black_box;

fn main() {
    for k in 0..operations() {
        let mut g = Gen::new(|co: Co<u64>| count_up!(co, black_box(k)));
        genawaiter_resumes!(g, 1);
    }
}

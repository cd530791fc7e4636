//! `resume` of a diapause coroutine.

use cogen_bench::{bodies::unknown, diapause_resumes, loops::operations};
use diapause::Coroutine;

#[diapause::coroutine(yield = u64)]
fn count_up() {
    let mut i: u64 = unknown();
    loop {
        yield_!(i);
        i += 1;
    }
}

fn main() {
    let mut g = count_up();
    diapause_resumes!(g, operations());
}

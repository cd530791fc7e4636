//! `resume` of a diapause coroutine with three yields.

use cogen_bench::{bodies::unknown, diapause_resumes, loops::operations};
use diapause::Coroutine;

#[diapause::coroutine(yield = u64)]
fn count_up3() {
    let mut i: u64 = unknown();
    loop {
        yield_!(i);
        yield_!(i + 1);
        yield_!(i + 2);
        i += 3;
    }
}

fn main() {
    let mut g = count_up3();
    diapause_resumes!(g, operations());
}

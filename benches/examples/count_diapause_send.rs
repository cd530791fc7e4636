//! `resume` of a diapause coroutine, with a value.

use cogen_bench::{bodies::unknown, diapause_sends, loops::operations};
use diapause::Coroutine;

#[diapause::coroutine(yield = u64, resume = u64)]
fn sum_up() {
    let mut sum: u64 = unknown();
    loop {
        let sent = yield_!(sum);
        sum += sent;
    }
}

fn main() {
    let mut g = sum_up();
    diapause_sends!(g, operations());
}

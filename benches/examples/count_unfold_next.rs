//! `poll_next` on a stream of `unfold` of futures, polled with a waker that does nothing.

use cogen_bench::{loops::operations, polls, unfold_up};
use std::pin::pin;

fn main() {
    let mut s = pin!(unfold_up!());
    polls!(s, operations());
}

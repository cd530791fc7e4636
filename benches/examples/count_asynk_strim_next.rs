//! `poll_next` on a stream of asynk-strim, polled with a waker that does nothing.

use cogen_bench::{asynk_strim_up, loops::operations, polls};
use std::pin::pin;

fn main() {
    let mut s = pin!(asynk_strim_up!());
    polls!(s, operations());
}

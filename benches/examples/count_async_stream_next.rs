//! `poll_next` on a stream of async-stream, polled with a waker that does nothing.

use cogen_bench::{async_stream_up, loops::operations, polls};
use std::pin::pin;

fn main() {
    let mut s = pin!(async_stream_up!());
    polls!(s, operations());
}

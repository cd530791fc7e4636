//! The adapters: to and from futures, streams, sinks, handlers and genawaiter.
#![allow(
    unreachable_code,
    reason = "what follows an endless loop names the return type"
)]

#[path = "../support/mod.rs"]
mod support;

mod ask;
mod auto_traits;
mod drive;
mod drive_async;
mod drive_with;
mod future;
#[cfg(feature = "genawaiter")]
mod genawaiter;
mod lent;
mod sink;
mod sink_errors;
mod sources;
mod stream;
mod wakers;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Polls once, with a waker that does nothing.
fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

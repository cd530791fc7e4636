use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::errors::Interrupted;
use super::push::outcome;
use super::sink::Sink;
use super::source::Source;
use crate::debug::debug;

/// The future of [`Pipeline::run_async`](super::Pipeline::run_async).
#[must_use = "a pipeline does nothing until it is run"]
pub struct RunAsync<U, K> {
    source: U,
    sink: K,
}

impl<U, K> RunAsync<U, K> {
    pub(super) fn new(source: U, sink: K) -> Self {
        Self { source, sink }
    }
}

// Sources and sinks are polled through `&mut self`: they are not pinned.
impl<U, K> Unpin for RunAsync<U, K> {}

impl<U: Source, K: Sink<In = U::Item>> Future for RunAsync<U, K> {
    type Output = Result<K::Output, Interrupted<K::Output>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { source, sink } = self.get_mut();
        let output = ready!(sink.poll_drain(source, Some(cx)));
        let take_error = || source.take_error().or_else(|| sink.take_error());
        Poll::Ready(outcome(take_error, output))
    }
}

debug!(impl[U, K] RunAsync<U, K> { .. });

use std::iter;
use std::task::{Context, Poll};

use super::errors::{Awaits, Errors, FeedError, Interrupted, NoOutput};
use super::pipeline::Pipeline;
use super::select;
use super::sink::Sink;
use super::source::Source;
use crate::debug::debug;
use crate::frame::Exception;

/// A pipeline that is pushed into: see [`Sink::pushed`].
///
/// Dropping it without [`finish`](Self::finish) drops what the stages hold back: they are closed, and
/// do not flush.
#[must_use = "nothing is pushed before it is told to"]
pub struct Push<K: Sink> {
    sink: K,
    top: Top<K::In>,
    /// `Pending` until the sink has come to its end.
    output: Poll<Option<K::Output>>,
}

impl<K: Sink> Push<K> {
    pub(super) fn new(sink: K) -> Self {
        Self {
            sink,
            top: Top::new(),
            output: Poll::Pending,
        }
    }

    /// Sends an item down. When this returns, the item has gone as far as it can (which is into a queue, if a stage
    /// is on a thread: what comes of the item then goes on with the next `feed`, or with `finish`).
    ///
    /// # Errors
    ///
    /// `Ended(item)`: the pipeline takes no more items, and this one comes back. `Raised`: a stage failed.
    pub fn feed(&mut self, item: K::In) -> Result<(), FeedError<K::In>> {
        if self.is_ended() {
            return Err(FeedError::Ended(item));
        }
        self.top.item = Some(item);
        self.drain();
        if self.top.item.is_some() && self.output.is_pending() {
            // A part on a thread did not wait for room.
            self.output = select::blocking(|| self.sink.poll_drain(&mut self.top, None));
        }
        if let Some(exception) = self.take_error() {
            return Err(FeedError::Raised(exception));
        }
        match self.top.item.take() {
            Some(item) => Err(FeedError::Ended(item)),
            None => Ok(()),
        }
    }

    /// Whether the pipeline takes no more items.
    pub fn is_ended(&self) -> bool {
        self.output.is_ready() || self.top.ended
    }

    /// Tells all stages that there are no more items, and gives the output of the sink.
    ///
    /// # Errors
    ///
    /// What a stage raises now. (What [`feed`](Self::feed) reported is not reported again.)
    pub fn finish(mut self) -> Result<K::Output, Interrupted<K::Output>> {
        self.end()
    }

    /// `finish`, for an owner that cannot move it.
    pub(super) fn end(&mut self) -> Result<K::Output, Interrupted<K::Output>> {
        if !self.is_ended() {
            self.top.ended = true;
        }
        self.drain();
        let output = match &mut self.output {
            Poll::Ready(output) => output.take(),
            Poll::Pending => None,
        };
        outcome(|| self.take_error(), output)
    }

    fn drain(&mut self) {
        if self.output.is_ready() {
            return;
        }
        self.output = self.sink.poll_drain(&mut self.top, None);
        if !self.top.ended || self.output.is_ready() {
            return;
        }
        self.output = select::blocking(|| self.sink.poll_drain(&mut self.top, None));
        if self.output.is_pending() {
            self.top.throw(Awaits::new().into());
            self.output = Poll::Ready(None);
        }
    }

    pub(super) fn take_error(&mut self) -> Option<Exception> {
        self.top.take_error().or_else(|| self.sink.take_error())
    }
}

debug!(impl[K: Sink] self: Push<K> { is_ended: self.is_ended(), .. });

/// The outcome of a run.
pub(super) fn outcome<O>(
    mut take_error: impl FnMut() -> Option<Exception>,
    output: Option<O>,
) -> Result<O, Interrupted<O>> {
    match (take_error(), output) {
        (None, Some(output)) => Ok(output),
        (None, None) => Err(Interrupted::new(NoOutput::new().into(), Vec::new(), None)),
        (Some(exception), output) => {
            let others = iter::from_fn(take_error).collect();
            Err(Interrupted::new(exception, others, output))
        }
    }
}

/// The source of a pipeline that is pushed into: one item at a time.
struct Top<T> {
    item: Option<T>,
    ended: bool,
    errors: Errors,
}

impl<T> Top<T> {
    fn new() -> Self {
        Self {
            item: None,
            ended: false,
            errors: Errors::default(),
        }
    }
}

impl<T> Pipeline for Top<T> {
    type Item = T;
}

impl<T> Source for Top<T> {
    #[inline]
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<T>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match self.item.take() {
            Some(item) => Poll::Ready(Some(item)),
            None => Poll::Pending,
        }
    }

    fn throw(&mut self, exception: Exception) {
        self.close();
        self.errors.add(exception);
    }

    fn close(&mut self) {
        self.ended = true;
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}

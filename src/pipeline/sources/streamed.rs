use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// A source of the items of a stream, for a pipeline that is driven asynchronously
/// ([`into_stream`](Pipeline::into_stream), [`run_async`](Pipeline::run_async)). The stream is dropped when no
/// more items are wanted, or when a stage below fails. It must be `Unpin`: pinned, or boxed.
///
/// Its items are passed on as they are: for a stream of results, [`try_map`](crate::pipeline::try_map()) with `|item|
/// item` makes their errors those of the pipeline.
///
/// # Errors
///
/// Driven synchronously, a stream that is not ready ends the pipeline with [`Awaits`](crate::pipeline::Awaits).
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, collect, streamed};
/// use futures::{channel::mpsc, executor::block_on, future::join};
///
/// let (sender, receiver) = mpsc::unbounded();
/// let squares = streamed(receiver).map(|n: u32| n * n).run_async(collect::<Vec<_>, _>());
/// let feeder = async move {
///     for n in 1..=3 {
///         sender.unbounded_send(n).unwrap();
///     }
/// };
/// assert_eq!(block_on(join(squares, feeder)).0?, [1, 4, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn streamed<S: Stream + Unpin>(stream: S) -> Streamed<S> {
    Streamed {
        stream: Some(stream),
        errors: Errors::default(),
    }
}

/// A source: see [`streamed`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Streamed<S> {
    /// `None` after the end.
    stream: Option<S>,
    errors: Errors,
}

impl<S: Stream> Pipeline for Streamed<S> {
    type Item = S::Item;
}

impl<S: Stream + Unpin> Source for Streamed<S> {
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<S::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let stream = Pin::new(stream);
        let item = match cx {
            Some(cx) => stream.poll_next(cx),
            None => stream.poll_next(&mut Context::from_waker(Waker::noop())),
        };
        if matches!(item, Poll::Ready(None)) {
            self.stream = None;
        }
        item
    }

    fn throw(&mut self, exception: Exception) {
        self.stream = None;
        self.errors.add(exception);
    }

    fn close(&mut self) {
        self.stream = None;
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

debug!(impl[S] Streamed<S> { .. });

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::source::Source;
use crate::debug::debug;
use crate::frame::Exception;

/// A pipeline as a stream: see [`Pipeline::into_stream`](super::Pipeline::into_stream).
#[must_use = "a stream does nothing until it is polled"]
pub struct IntoStream<U> {
    source: U,
    ended: bool,
}

impl<U: Source> IntoStream<U> {
    pub(super) fn new(source: U) -> Self {
        Self {
            source,
            ended: false,
        }
    }
}

// A source is polled through `&mut self`: it is not pinned.
impl<U> Unpin for IntoStream<U> {}

impl<U: Source> Stream for IntoStream<U> {
    type Item = Result<U::Item, Exception>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(item) = ready!(self.source.poll_next(Some(cx))) {
            return Poll::Ready(Some(Ok(item)));
        }
        let error = self.source.take_error();
        self.ended = error.is_none();
        Poll::Ready(error.map(Err))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.ended {
            return (0, Some(0));
        }
        // Any number of items may be missing, and errors may come in their place.
        (self.source.size_hint().0.min(1), None)
    }
}

impl<U: Source> FusedStream for IntoStream<U> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

debug!(impl[U] self: IntoStream<U> { ended: self.ended, .. });

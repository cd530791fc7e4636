use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::accessors;
use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{Generator, NextError, State, Step};

/// A generator that returns a `Result` as a stream of results: see
/// [`GeneratorExt::into_try_stream`](crate::GeneratorExt::into_try_stream).
#[pin_project]
#[must_use = "a stream does nothing until it is polled"]
pub struct IntoTryStream<G, F> {
    #[pin]
    generator: G,
    convert: F,
    /// An error was given for a generator that has not ended.
    told: bool,
}

accessors!(IntoTryStream[G, F]);

impl<G, F> IntoTryStream<G, F> {
    pub(super) fn new(generator: G, convert: F) -> Self {
        Self {
            generator,
            convert,
            told: false,
        }
    }
}

impl<G, F, E> Stream for IntoTryStream<G, F>
where
    G: Generator<Resume = (), Return = Result<(), E>>,
    F: FnMut(Exception) -> E,
{
    type Item = Result<G::Yield, E>;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let mut item = None;
        match this.generator.resume_next_into(Some(cx), (), &mut item) {
            Ok(Step::Yielded(())) => Poll::Ready(item.map(Ok)),
            Err(NextError::Pending) => Poll::Pending,
            Ok(Step::Complete(outcome)) => Poll::Ready(outcome.err().map(Err)),
            Err(NextError::Raised(exception)) => Poll::Ready(Some(Err((this.convert)(exception)))),
            Err(NextError::Finished) => Poll::Ready(None),
            // It may be so for ever: then this would be a stream without an end.
            Err(_) if mem::replace(this.told, true) => Poll::Ready(None),
            Err(error) => Poll::Ready(Some(Err((this.convert)(error.into_exception())))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.is_terminated().then_some(0))
    }
}

impl<G, F, E> FusedStream for IntoTryStream<G, F>
where
    G: Generator<Resume = (), Return = Result<(), E>>,
    F: FnMut(Exception) -> E,
{
    fn is_terminated(&self) -> bool {
        self.generator.state() == State::Closed
    }
}

debug!(impl[G: fmt::Debug, F] self: IntoTryStream<G, F> { generator: self.generator, .. });

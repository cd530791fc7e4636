use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::accessors;
use crate::generator::{Generator, NextError, RecursionError, State, Step, too_deep};

/// A generator as a stream: see [`GeneratorExt::into_stream`](crate::GeneratorExt::into_stream).
#[pin_project]
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct IntoStream<G> {
    #[pin]
    generator: G,
}

accessors!(IntoStream[G]);

impl<G> IntoStream<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }
}

impl<G: Generator<Resume = ()>> Stream for IntoStream<G> {
    type Item = G::Yield;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<G::Yield>> {
        let mut generator = self.project().generator;
        let mut item = None;
        match generator.as_mut().resume_next_into(Some(cx), (), &mut item) {
            Ok(Step::Yielded(())) => Poll::Ready(item),
            Err(NextError::Pending) => Poll::Pending,
            Ok(Step::Complete(value)) => {
                generator.keep_return(Ok(value));
                Poll::Ready(None)
            }
            Err(NextError::Raised(exception)) => {
                let deep = exception.is::<RecursionError>();
                generator.keep_return(Err(exception));
                if deep {
                    too_deep();
                }
                Poll::Ready(None)
            }
            Err(NextError::TooDeep) => too_deep(),
            Err(NextError::Running | NextError::Finished) => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.is_terminated().then_some(0))
    }
}

impl<G: Generator<Resume = ()>> FusedStream for IntoStream<G> {
    fn is_terminated(&self) -> bool {
        self.generator.state() == State::Closed
    }
}

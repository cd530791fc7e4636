use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::accessors;
use crate::generator::{Generator, NextError, Step};

/// A generator as a cooperative future: see [`GeneratorExt::into_future`](crate::GeneratorExt::into_future).
#[pin_project]
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct IntoFuture<G> {
    #[pin]
    generator: G,
}

accessors!(IntoFuture[G]);

impl<G> IntoFuture<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }
}

impl<G: Generator<Yield = (), Resume = ()>> Future for IntoFuture<G> {
    type Output = Result<G::Return, NextError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().generator.resume_next(Some(cx)) {
            Ok(Step::Complete(value)) => Poll::Ready(Ok(value)),
            Ok(Step::Yielded(())) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Err(NextError::Pending) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

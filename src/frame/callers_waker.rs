use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::slot::{self, BorrowedWaker};

/// Polls `future` with the caller's own waker: that of whatever drives the generator.
///
/// The body of a generator is polled with a waker of the generator's own. That one wakes the caller's, and a clone of
/// it is a clone of the caller's, so a future that keeps a waker, which it can only do by cloning, keeps the
/// caller's. This function is for futures that look at the waker they are polled with, as those of some executors
/// with only one kind of waker do (embassy's timers). Yields and scopes in `future` work as elsewhere in the body.
///
/// Elsewhere, and in a generator that is driven synchronously, it does nothing. Inside a combinator with wakers of
/// its own, such as `FuturesUnordered`, `future` gets the combinator's waker, as it would without a generator.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, Step, generator, with_callers_waker};
/// use std::future::poll_fn;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let waker = Waker::noop();
/// let mut g = pin!(generator(|co| async move {
///     let unchanged = poll_fn(|cx| Poll::Ready(cx.waker().data() == waker.data()));
///     co.yield_(with_callers_waker(unchanged).await).await;
/// }));
/// let polled = pin!(g.anext()).poll(&mut Context::from_waker(waker));
/// assert!(matches!(polled, Poll::Ready(Ok(Step::Yielded(true)))));
/// ```
pub fn with_callers_waker<F: Future>(future: F) -> WithCallersWaker<F> {
    WithCallersWaker { future }
}

/// The future of [`with_callers_waker`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct WithCallersWaker<F> {
    #[pin]
    future: F,
}

impl<F: Future> Future for WithCallersWaker<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.project().future;
        match BorrowedWaker::foreign(cx) {
            Some(callers) => {
                slot::link_all(cx);
                future.poll(&mut callers.context())
            }
            None => future.poll(cx),
        }
    }
}

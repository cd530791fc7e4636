//! What a task steps.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::thrown::error_of;
use crate::frame::{Engine, Frame, Never, Polled, poll};

/// How a body is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) enum Mode {
    /// A step of the task itself.
    Step,
    /// On behalf of a child in the task's body.
    Relay,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) enum Stepped {
    /// The task has ended.
    Ended,
    /// It is suspended, and queued: the caller of the step must see to its entry in the ready queue.
    Again,
    /// It is suspended, or was not polled.
    Asleep,
}

/// A body that can be stepped.
pub(in crate::aio) trait Body<T> {
    /// Polls the body. Returns whether it has ended; then its outcome is in `out`, which was empty before.
    fn step(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut Option<Result<T, Error>>)
    -> bool;

    /// Drops what the body consists of: something other than itself has ended it.
    fn end(self: Pin<&mut Self>);
}

impl<T, F: Future<Output = Result<T, Error>>> Body<T> for Frame<'_, Never, (), F> {
    #[inline]
    fn step(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut Option<Result<T, Error>>,
    ) -> bool {
        match poll(self, cx, out) {
            Polled::Pending => false,
            Polled::Complete => true,
            Polled::Raised(exception) => {
                *out = Some(Err(error_of(exception)));
                true
            }
        }
    }

    fn end(self: Pin<&mut Self>) {
        Engine::end(self);
    }
}

/// Whether a body gets a box of its own before it becomes a task's. It is handed from function to function on
/// its way into the task, and without optimisation each of them has a copy on the stack.
pub(in crate::aio) const fn is_large<F>() -> bool {
    let large = if cfg!(debug_assertions) { 2 } else { 16 };
    size_of::<F>() > large << 10
}

/// A user's future, as the body of a task: its output is a result.
#[pin_project]
pub(in crate::aio) struct IntoResult<F>(#[pin] F);

impl<F> IntoResult<F> {
    pub(in crate::aio) fn new(future: F) -> Self {
        Self(future)
    }
}

impl<F: Future<Output: Output>> Future for IntoResult<F> {
    type Output = Result<<F::Output as Output>::Ok, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().0.poll(cx)).into_result())
    }
}

/// The same for the body of an async generator, whose value goes nowhere.
#[pin_project]
pub(in crate::aio) struct IntoEnd<F>(#[pin] F);

impl<F> IntoEnd<F> {
    pub(in crate::aio) fn new(future: F) -> Self {
        Self(future)
    }
}

impl<F: Future<Output: Output>> Future for IntoEnd<F> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(self.project().0.poll(cx)).into_result();
        Poll::Ready(ended.map(drop))
    }
}

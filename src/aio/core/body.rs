//! What a task steps.
//!
//! 1. A cancel is left in the frame for the innermost scope, and the poll that follows delivers it. A frame without
//!    a scope that could take it is dropped, and the cancel is the outcome.
//! 2. It may happen that the scope does not take it: a destructor dropped the scope, or a combinator around it did
//!    not poll it. Then it goes to the scope that is innermost now, in the same step, so that the body does not go
//!    on in between as if there were no cancel. This ends after some tries, with the body dropped.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::thrown::{Thrown, error_of};
use crate::frame::{Engine, Exception, Frame, Never, Polled, poll, tries};

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
    /// Polls the body, with or without a cancel to deliver. Returns whether it has ended; then its outcome is
    /// in `out`, which was empty before.
    fn step(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cancelled: Option<Cancelled>,
        out: &mut Option<Result<T, Error>>,
    ) -> bool;
}

impl<T, F: Future<Output = Result<T, Error>>> Body<T> for Frame<'_, Never, (), F> {
    #[inline]
    fn step(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cancelled: Option<Cancelled>,
        out: &mut Option<Result<T, Error>>,
    ) -> bool {
        let mut left = 0;
        if let Some(cancelled) = cancelled {
            // Before the throw, which changes the phase.
            left = tries(self.phase());
            if let Err(error) = throw(self.as_mut(), Exception::new(Thrown(cancelled))) {
                *out = Some(Err(error));
                return true;
            }
        }
        loop {
            // This is the only place that polls.
            let ended = match poll(self.as_mut(), cx, out) {
                Polled::Pending => false,
                Polled::Complete => true,
                Polled::Raised(exception) => {
                    *out = Some(Err(error_of(exception)));
                    true
                }
            };
            if left == 0 {
                return ended;
            }
            // A cancel was delivered, or was not (invariant 2).
            left -= 1;
            let Some(thrown) = throw_again(self.as_mut(), left) else {
                return ended;
            };
            // Where an exception that no scope took ends the task, a value is lost.
            *out = thrown.err().map(Err);
            if out.is_some() {
                return true;
            }
        }
    }
}

/// Leaves an exception for the next poll to deliver. If no scope can take it, it ends the task.
#[cold]
#[inline(never)]
fn throw<T, F: Future<Output = Result<T, Error>>>(
    frame: Pin<&mut Frame<'_, Never, (), F>>,
    exception: Exception,
) -> Result<(), Error> {
    frame.deliver(exception).map_err(error_of)
}

/// The same for what the last poll was to deliver, if no scope has taken it. It also ends the task if no
/// other poll is `left`.
#[cold]
#[inline(never)]
fn throw_again<T, F: Future<Output = Result<T, Error>>>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    left: u32,
) -> Option<Result<(), Error>> {
    let exception = frame.as_mut().undelivered()?;
    Some(if left == 0 {
        frame.end();
        Err(error_of(exception))
    } else {
        throw(frame, exception)
    })
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

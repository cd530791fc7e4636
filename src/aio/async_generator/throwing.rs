//! How something is thrown into a body that has been awaiting since a call was dropped.
//!
//! The scopes in the body belong to the task that polls it, so the generator's own frame knows none that
//! would take the exception, and the task's frame is in the middle of a poll. So the body is polled for a
//! moment in a frame of its own, to which its scopes then belong, and the exception is thrown into that.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::generator_core::Inner;
use crate::aio::core::awaiting::expect_current;
use crate::aio::core::error::Error;
use crate::frame::{Engine as _, Exception, Frame, Never, Polled, poll};
use crate::generator::{Generator as _, NextError, Step};

/// Where a throw has ended up.
pub(super) enum Landed<Y> {
    /// A scope took it, and the body went on to the next yield, or to its end.
    Stepped(Result<Step<Y, Result<(), Error>>, NextError>),
    /// The exception left the body, or another one did.
    Raised(Exception),
    /// A scope took it, and the body awaits again.
    Pending,
    /// No scope took it. The body may have gone on meanwhile to a yield, or to its end.
    Nowhere(Exception),
}

/// Throws `exception` where the body awaits.
pub(super) fn throw_in<Y, S>(
    inner: &mut Inner<Y, S>,
    cx: &mut Context<'_>,
    exception: Exception,
) -> Landed<Y> {
    let task = expect_current().1;
    let body = poll_fn(|cx| poll_on(inner, cx));
    let mut frame = pin!(Frame::<Never, (), _>::new(|_| body));
    let _lent = task.core().lend_key(frame.key());
    let mut out = None;
    // So that the scopes can make their claims.
    match (poll(frame.as_mut(), cx, &mut out), &out) {
        (Polled::Pending, _) => {}
        (Polled::Complete, Some(Ok(Step::Yielded(_) | Step::Complete(Ok(()))))) => {
            return Landed::Nowhere(exception);
        }
        (ended, _) => return landed(ended, out),
    }
    if let Err(exception) = frame.as_mut().deliver(exception) {
        return Landed::Nowhere(exception);
    }
    let polled = poll(frame.as_mut(), cx, &mut out);
    match frame.as_mut().undelivered() {
        Some(exception) => Landed::Nowhere(exception),
        None => landed(polled, out),
    }
}

/// Continues the body.
pub(super) fn poll_on<Y, S>(
    inner: &mut Inner<Y, S>,
    cx: &mut Context<'_>,
) -> Poll<Result<Step<Y, Result<(), Error>>, NextError>> {
    match Pin::new(inner).resume_continue(Some(cx)) {
        Err(NextError::Pending) => Poll::Pending,
        step => Poll::Ready(step),
    }
}

fn landed<Y>(
    polled: Polled,
    out: Option<Result<Step<Y, Result<(), Error>>, NextError>>,
) -> Landed<Y> {
    match (polled, out) {
        (Polled::Raised(exception), _) => Landed::Raised(exception),
        (_, Some(step)) => Landed::Stepped(step),
        (_, None) => Landed::Pending,
    }
}

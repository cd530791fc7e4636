use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::scope::{Scope, caught};
use crate::aio::core::error::Error;
use crate::debug::debug;

/// A scope: runs `inside`, and catches whatever is thrown in it: a cancel, or what was thrown into the
/// [async generator](crate::aio::async_generator()) whose body this is. Python: `try: …` / `except
/// BaseException as e:`.
///
/// Otherwise it is like [`catch_cancelled`](crate::aio::catch_cancelled()). What was caught goes on with
/// [`Error::raise`].
///
/// # Errors
///
/// What was thrown.
///
/// # Panics
///
/// If it is awaited outside a task.
#[track_caller]
pub fn catch<F: IntoFuture>(inside: F) -> Catch<F::IntoFuture> {
    Catch {
        scope: Scope::new(inside.into_future()),
    }
}

/// The future of [`catch()`].
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct Catch<F> {
    #[pin]
    scope: Scope<F>,
}

impl<F: Future> Future for Catch<F> {
    type Output = Result<F::Output, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().scope.poll(cx)).map_err(caught))
    }
}

debug!(impl[F] Catch<F> { .. });

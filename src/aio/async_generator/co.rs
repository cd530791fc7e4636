use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use crate::aio::core::error::Error;
use crate::aio::core::thrown::{Raised, error_of};
use crate::aio::scopes::raise::Raise;
use crate::debug::debug;
use crate::frame::Co;
use crate::frame::Exception;
use crate::generator::Scoped;

/// The handle through which the body of an async generator yields. It is `Copy`: pass it to helper
/// functions.
pub struct AsyncCo<Y, S = ()> {
    co: Co<'static, Y, S>,
}

impl<Y, S> AsyncCo<Y, S> {
    pub(super) fn new(co: Co<'static, Y, S>) -> Self {
        Self { co }
    }

    /// Yields `value` and waits for what is sent. Python: `sent = yield value`.
    ///
    /// What is thrown at it unwinds the body to the innermost scope.
    ///
    /// # Panics
    ///
    /// If it is awaited where its generator is not running.
    pub fn yield_(self, value: Y) -> Yield<Y, S> {
        Yield {
            scope: Scoped::new(self.co.try_yield(value)),
        }
    }

    /// Yields `value`; what is thrown at it comes back as an error. Python: `try: sent = yield value` /
    /// `except BaseException as e:`.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// # Panics
    ///
    /// As for [`yield_`](Self::yield_).
    pub fn try_yield(self, value: Y) -> TryYield<Y, S> {
        TryYield {
            scope: self.co.try_yield(value),
        }
    }
}

/// The future of [`AsyncCo::yield_`].
#[must_use = "a yield does nothing until it is awaited"]
#[pin_project]
pub struct Yield<Y, S = ()> {
    #[pin]
    scope: Scoped<crate::generator::TryYield<Y, S>, Raise>,
}

impl<Y, S> Future for Yield<Y, S> {
    type Output = S;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S> {
        self.project().scope.poll_to_end(cx, |outcome| {
            outcome.map_err(|exception| Raise::new(Exception::new(Raised(error_of(exception)))))
        })
    }
}

/// The future of [`AsyncCo::try_yield`].
#[must_use = "a yield does nothing until it is awaited"]
#[pin_project]
pub struct TryYield<Y, S = ()> {
    #[pin]
    scope: crate::generator::TryYield<Y, S>,
}

impl<Y, S> Future for TryYield<Y, S> {
    type Output = Result<S, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().scope.poll(cx)).map_err(error_of))
    }
}

debug!(impl[Y, S] Yield<Y, S> { .. });

debug!(impl[Y, S] TryYield<Y, S> { .. });

impl<Y, S> Clone for AsyncCo<Y, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Y, S> Copy for AsyncCo<Y, S> {}

impl<Y, S> fmt::Debug for AsyncCo<Y, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.co.fmt(f)
    }
}

use std::fmt;

use super::super::Error;
use super::super::cancelled::{Raised, error_of};
use super::super::scope::raise;
use crate::Co;
use crate::frame::Exception;

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
    pub async fn yield_(self, value: Y) -> S {
        match self.try_yield(value).await {
            Ok(sent) => sent,
            Err(error) => raise(Exception::new(Raised(error))).await,
        }
    }

    /// Yields `value`; what is thrown at it is an error. Python: `try: sent = yield value` / `except
    /// BaseException as e:`.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    pub async fn try_yield(self, value: Y) -> Result<S, Error> {
        self.co.try_yield(value).await.map_err(error_of)
    }
}

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

//! How errors travel in the frames of tasks.

use std::fmt;

use super::cancelled::Cancelled;
use super::error::Error;
use crate::frame::Exception;

/// How a cancel travels in the frame of a task. It is private, so that a [`Cancelled`] becomes an [`Error`]
/// through its own variant, not as one of the user's errors.
#[derive(Debug)]
pub(in crate::aio) struct Thrown(pub(in crate::aio) Cancelled);

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Thrown {}

/// How any other error travels in a frame: one that was thrown into an async generator.
#[derive(Debug)]
pub(in crate::aio) struct Raised(pub(in crate::aio) Error);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Raised {}

/// What was thrown, as an error.
pub(in crate::aio) fn error_of(exception: Exception) -> Error {
    match exception.downcast::<Thrown>() {
        Ok(Thrown(cancelled)) => Error::Cancelled(cancelled),
        Err(other) => match other.downcast::<Raised>() {
            Ok(Raised(error)) => error,
            Err(other) => Error::new(other),
        },
    }
}

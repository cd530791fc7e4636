use std::fmt;
use std::sync::Arc;

use super::error::Error;
use crate::frame::Exception;

/// A cancel: what [`cancel`](crate::aio::TaskHandle::cancel) throws into a task. Python:
/// `asyncio.CancelledError`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
    message: Option<Arc<str>>,
}

impl Cancelled {
    /// A cancel without a message.
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::aio) fn with(message: Option<Arc<str>>) -> Self {
        Self { message }
    }

    /// What was given to [`cancel_with`](crate::aio::TaskHandle::cancel_with).
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "cancelled: {message}"),
            None => f.write_str("cancelled"),
        }
    }
}

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

impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

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

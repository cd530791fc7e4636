use std::error::Error as StdError;
use std::fmt;

use super::queue_error::QueueError;
use crate::aio::core::error::Error;
use crate::debug::debug;

/// An item that was not put into a queue, and why.
///
/// Because the item may be anything, this does not implement `Error` itself. So `?` makes an error without
/// the item: an [`Error`] with a [`QueueError`] in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PutError<T> {
    /// The item.
    pub item: T,
    /// [`Full`](QueueError::Full) or [`ShutDown`](QueueError::ShutDown).
    pub reason: QueueError,
}

debug!(impl[T] self: PutError<T> { reason: self.reason, .. });

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<T> From<PutError<T>> for QueueError {
    fn from(error: PutError<T>) -> Self {
        error.reason
    }
}

impl<T> From<PutError<T>> for Error {
    fn from(error: PutError<T>) -> Self {
        error.reason.into()
    }
}

impl<T> From<PutError<T>> for Box<dyn StdError> {
    fn from(error: PutError<T>) -> Self {
        error.reason.into()
    }
}

impl<T> From<PutError<T>> for Box<dyn StdError + Send + Sync> {
    fn from(error: PutError<T>) -> Self {
        error.reason.into()
    }
}

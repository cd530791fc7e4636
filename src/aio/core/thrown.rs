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
    let (error, context) = exception.into_parts();
    let error = match error.downcast::<Thrown>() {
        Ok(cancel) => return Error::Cancelled(cancel.0),
        Err(other) => match other.downcast::<Raised>() {
            Ok(raised) => raised.0,
            Err(other) => Error::new(other),
        },
    };
    match context {
        Some(context) => error.in_context(public(context)),
        None => error,
    }
}

/// A context without the private types in which errors travel.
fn public(context: Exception) -> Exception {
    let mut errors = Vec::new();
    let mut next = Some(context);
    while let Some(exception) = next {
        let (error, context) = exception.into_parts();
        errors.push(Exception::new(error_of(Exception::new(error))));
        next = context;
    }
    let chained = errors
        .into_iter()
        .rev()
        .reduce(|context, error| error.with_context(context));
    chained.unwrap_or_else(|| unreachable!("there is one at least"))
}

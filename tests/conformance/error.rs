//! The exceptions of the cases: a name and a payload.

use std::fmt;

use cogen::{CloseError, Exception, GeneratorExit, NextError, SendError, StartError, ThrowError};

/// `null` or a number.
pub(crate) type Value = Option<i64>;

pub(crate) const GENERATOR_EXIT: &str = "GeneratorExit";
pub(crate) const STOP_ITERATION: &str = "StopIteration";

#[derive(Clone, Debug)]
pub(crate) struct PyError {
    pub(crate) name: String,
    pub(crate) payload: Value,
}

impl PyError {
    pub(crate) fn new(name: &str, payload: Value) -> Self {
        Self {
            name: name.to_owned(),
            payload,
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The exception to throw or raise. `GeneratorExit` is the crate's own, so that `close` recognises it.
    pub(crate) fn into_exception(self) -> Exception {
        if self.is(GENERATOR_EXIT) {
            GeneratorExit::with(self.payload).into()
        } else {
            self.into()
        }
    }

    /// The error for an exception that was caught or came out.
    pub(crate) fn of(exception: &Exception) -> Self {
        if let Some(exit) = exception.downcast_ref::<GeneratorExit>() {
            let payload = exit.payload::<Value>().copied().flatten();
            return Self::new(GENERATOR_EXIT, payload);
        }
        if let Some(error) = exception.downcast_ref::<Self>() {
            return error.clone();
        }
        Self::new(python_name(exception), None)
    }
}

/// The name of what Python raises for one of the crate's errors.
fn python_name(exception: &Exception) -> &'static str {
    let running = matches!(exception.downcast_ref(), Some(StartError::Running))
        || matches!(exception.downcast_ref(), Some(NextError::Running))
        || matches!(exception.downcast_ref(), Some(SendError::Running(())))
        || matches!(exception.downcast_ref(), Some(ThrowError::Running(_)))
        || matches!(exception.downcast_ref(), Some(CloseError::<()>::Running));
    if running {
        return "ValueError";
    }
    match exception.downcast_ref() {
        Some(CloseError::<()>::Ignored(())) => "RuntimeError",
        _ => "no exception of a case",
    }
}

impl fmt::Display for PyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.name, self.payload)
    }
}

impl std::error::Error for PyError {}

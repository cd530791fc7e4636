//! The exceptions of the cases, and what the library makes of them.

use std::fmt;

use cogen::GeneratorExit;
use cogen::aio::{BrokenBarrier, Cancelled, Error, QueueError};
use cogen::context::YieldError;
use serde_json::{Value as Json, json};

pub(crate) const CANCELLED: &str = "Cancelled";
pub(crate) const STOP_ASYNC_ITERATION: &str = "StopAsyncIteration";
const GENERATOR_EXIT: &str = "GeneratorExit";
const TIMEOUT_ERROR: &str = "TimeoutError";

/// A name and a payload: an integer, the message of a cancel, the exceptions of a group, or null.
#[derive(Clone, Debug)]
pub(crate) struct Exc {
    name: String,
    payload: Json,
    /// The library's error, if the exception came from the library; it goes back unchanged.
    origin: Option<Error>,
}

impl Exc {
    pub(crate) fn new(name: &str, payload: Json) -> Self {
        Self {
            name: name.to_owned(),
            payload,
            origin: None,
        }
    }

    /// The exception as a value of a case.
    pub(crate) fn to_json(&self) -> Json {
        json!({ "raised": self.name, "payload": self.payload })
    }

    /// Whether an `except` clause for the class catches it.
    pub(crate) fn is_a(&self, class: &str) -> bool {
        match class {
            "*" => true,
            "Exception" => self.is_exception(),
            "BaseExceptionGroup" => self.name.ends_with("ExceptionGroup"),
            "RuntimeError" => matches!(&*self.name, "RuntimeError" | "BrokenBarrierError"),
            class => self.name == class,
        }
    }

    fn is_exception(&self) -> bool {
        let outside = [CANCELLED, GENERATOR_EXIT, "BaseExceptionGroup"];
        !outside.contains(&&*self.name)
    }

    /// The error to return from a body. The library knows cancels and timeouts; all other exceptions are opaque to it.
    pub(crate) fn into_error(mut self) -> Error {
        match self.origin.take() {
            Some(error) => error,
            None if self.name == CANCELLED => Error::Cancelled(Cancelled::new()),
            // This one is the crate's own, so that closing recognises it.
            None if self.name == GENERATOR_EXIT => Error::from(GeneratorExit::new()),
            None if self.name == TIMEOUT_ERROR && self.payload.is_null() => Error::Timeout,
            None => Error::from(self),
        }
    }

    fn of_library(name: &str, payload: Json, origin: Error) -> Self {
        Self {
            origin: Some(origin),
            ..Self::new(name, payload)
        }
    }

    /// An exception that holds those of a group; it is an `Exception` if all of them are.
    fn of_group(errors: &[Error], origin: Error) -> Self {
        let inner: Vec<_> = errors.iter().cloned().map(Self::from).collect();
        let name = if inner.iter().all(Self::is_exception) {
            "ExceptionGroup"
        } else {
            "BaseExceptionGroup"
        };
        Self::of_library(name, inner.iter().map(Self::to_json).collect(), origin)
    }
}

impl From<Cancelled> for Exc {
    fn from(cancelled: Cancelled) -> Self {
        let message = cancelled.message().filter(|message| !message.is_empty());
        let payload = json!(message);
        Self::of_library(CANCELLED, payload, Error::Cancelled(cancelled))
    }
}

impl From<Error> for Exc {
    fn from(error: Error) -> Self {
        if let Some(own) = error.downcast_ref::<Self>() {
            return own.clone();
        }
        if error.downcast_ref::<GeneratorExit>().is_some() {
            return Self::of_library(GENERATOR_EXIT, Json::Null, error);
        }
        if let Some(name) = of_object(&error) {
            return Self::of_library(name, Json::Null, error);
        }
        let name = match &error {
            Error::Cancelled(cancelled) => return cancelled.clone().into(),
            Error::Group(group) => return Self::of_group(group.errors(), error.clone()),
            Error::Timeout => TIMEOUT_ERROR,
            Error::InvalidState(_) => "InvalidStateError",
            Error::Value(_) => "ValueError",
            Error::Runtime(_) => "RuntimeError",
            // No case expects a panic, so any case with one fails.
            other => return Self::new("no exception of a case", json!(other.to_string())),
        };
        Self::of_library(name, Json::Null, error)
    }
}

/// The errors of barriers, queues and context managers.
fn of_object(error: &Error) -> Option<&'static str> {
    if error.downcast_ref::<YieldError>().is_some() {
        return Some("RuntimeError");
    }
    if error.downcast_ref::<BrokenBarrier>().is_some() {
        return Some("BrokenBarrierError");
    }
    Some(match error.downcast_ref::<QueueError>()? {
        QueueError::Empty => "QueueEmpty",
        QueueError::Full => "QueueFull",
        _ => "QueueShutDown",
    })
}

impl fmt::Display for Exc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.payload)
    }
}

impl std::error::Error for Exc {}

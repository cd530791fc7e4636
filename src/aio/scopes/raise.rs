use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::aio::core::awaiting::expect_current_for;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::core::thrown::{Raised, Thrown};
use crate::debug::debug;
use crate::frame::{Exception, Never};

/// A raise in the task that polls it: the future of [`Error::raise`] and [`Cancelled::raise`]. It never
/// ends: the innermost scope around it drops it and gets the error, or the task ends with it.
#[must_use = "a raise does nothing until it is awaited"]
pub struct Raise {
    at: &'static Location<'static>,
    /// Present until the first poll tells the task.
    exception: Option<Exception>,
}

impl Raise {
    #[track_caller]
    pub(in crate::aio) fn new(exception: Exception) -> Self {
        Self {
            at: Location::caller(),
            exception: Some(exception),
        }
    }
}

impl Future for Raise {
    type Output = Never;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Never> {
        if self.exception.is_some() {
            let task = expect_current_for(self.at).1;
            if let Some(exception) = self.exception.take() {
                task.raise(exception);
            }
        }
        Poll::Pending
    }
}

debug!(Raise { .. });

impl Error {
    /// Raises the error in the running task: the innermost scope around gets it, or the task ends with it.
    /// Python: `raise`.
    ///
    /// A body that returns an error has the same effect; this is for places where `?` cannot be used.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    #[track_caller]
    pub fn raise(self) -> Raise {
        match self {
            Self::Cancelled(cancelled) => cancelled.raise(),
            other => Raise::new(Exception::new(Raised(other))),
        }
    }
}

impl Cancelled {
    /// Raises the cancel in the running task: the innermost scope around gets it, or the task ends as
    /// cancelled. Python: `raise`.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    #[track_caller]
    pub fn raise(mut self) -> Raise {
        self.let_go();
        Raise::new(Exception::new(Thrown(self)))
    }
}

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::aio::core::awaiting::expect_current_for;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::core::thrown::{Raised, Thrown};
use crate::debug::debug;
use crate::frame::Never;
use crate::frame::{self, Exception};

/// A raise in the task that polls it: the future of [`Error::raise`] and [`Cancelled::raise`]. It never
/// ends: the innermost scope around it drops it and gets the error, or the task ends with it.
#[must_use = "a raise does nothing until it is awaited"]
pub struct Raise {
    at: &'static Location<'static>,
    state: RaiseState,
}

enum RaiseState {
    /// Present until the first poll tells the task.
    New(Option<Exception>),
    Raising(frame::Raise<Never, ()>),
}

impl Raise {
    #[track_caller]
    pub(in crate::aio) fn new(exception: Exception) -> Self {
        Self {
            at: Location::caller(),
            state: RaiseState::New(Some(exception)),
        }
    }
}

impl Future for Raise {
    type Output = Never;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Never> {
        let this = &mut *self;
        if let RaiseState::New(exception) = &mut this.state {
            let task = expect_current_for(this.at).1;
            let co = task.core().key().co();
            if let Some(exception) = exception.take() {
                if exception.is::<Thrown>() {
                    task.core().unwind();
                }
                this.state = RaiseState::Raising(co.raise(exception));
            }
        }
        match &mut this.state {
            RaiseState::Raising(raise) => Pin::new(raise).poll(cx),
            RaiseState::New(_) => Poll::Pending,
        }
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
    pub fn raise(self) -> Raise {
        Raise::new(Exception::new(Thrown(self)))
    }
}

//! Clean-up that panics: the rest of the clean-up runs all the same. Destructors of others are steps of their own, so that
//! one never panics while another one unwinds.

#[cfg(feature = "std")]
use std::any::Any;
#[cfg(feature = "std")]
use std::boxed::Box;
#[cfg(feature = "std")]
use std::panic::{self, AssertUnwindSafe};

#[cfg(feature = "std")]
use super::block_panicked::BlockPanicked;
use crate::frame::Exception;
#[cfg(feature = "std")]
use crate::generator::{ignored, panicked};

/// Where it was that nobody could be told of an error.
#[cfg(feature = "std")]
const PLACE: &str = "a context that a panic left";

/// An error that a panic takes the place of.
pub(crate) fn lost(exception: Exception) {
    #[cfg(feature = "std")]
    if !exception.is::<BlockPanicked>() {
        ignored(PLACE, exception);
        return;
    }
    drop(exception);
}

/// Runs clean-up while the thread unwinds. A panic in it must not leave the destructor that this is called in, as that
/// would abort the process.
pub(crate) fn while_unwinding(run: impl FnOnce()) {
    #[cfg(feature = "std")]
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        panicked(PLACE, payload);
    }
    #[cfg(not(feature = "std"))]
    run();
}

/// The first panic of several steps of a clean-up, each of which runs, whatever the others do.
///
/// Without the feature `std` a panic cannot be caught, and goes on at once.
#[derive(Default)]
pub(crate) struct FirstPanic {
    #[cfg(feature = "std")]
    payload: Option<Box<dyn Any + Send>>,
}

#[cfg_attr(
    not(feature = "std"),
    expect(clippy::unused_self, reason = "with `std` it is used")
)]
impl FirstPanic {
    #[cfg(feature = "std")]
    pub(crate) fn run(&mut self, step: impl FnOnce()) {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(step)) {
            self.keep(payload);
        }
    }

    /// A step has panicked.
    #[cfg(feature = "std")]
    pub(crate) fn keep(&mut self, payload: Box<dyn Any + Send>) {
        match self.payload {
            None => self.payload = Some(payload),
            Some(_) => panicked(PLACE, payload),
        }
    }

    #[cfg(not(feature = "std"))]
    pub(crate) fn run(&mut self, step: impl FnOnce()) {
        step();
    }

    pub(crate) fn is_some(&self) -> bool {
        #[cfg(feature = "std")]
        return self.payload.is_some();
        #[cfg(not(feature = "std"))]
        return false;
    }

    /// Goes on with the panic, if there was one.
    pub(crate) fn go_on(self) {
        #[cfg(feature = "std")]
        if let Some(payload) = self.payload {
            panic::resume_unwind(payload);
        }
    }
}

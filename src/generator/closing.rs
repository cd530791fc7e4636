#[cfg(feature = "std")]
use std::panic::{self, AssertUnwindSafe};
#[cfg(feature = "std")]
use std::thread;

use super::errors::CloseError;
use super::protocol::Generator;
use super::state::State;
#[cfg(feature = "std")]
use super::unraisable;

/// A generator that is closed when it is dropped: see [`Generator::closing`].
///
/// What goes wrong in closing (an exception, a yield) has nobody to go to: it is reported, as in Python, by a line on
/// stderr or to [a hook](crate::set_unraisable_hook). A panic in a clean-up goes on, unless the thread is panicking
/// already: then it is reported. A generator that closes itself when it is dropped (a [`BoxGen`](crate::BoxGen), say)
/// does so, and is closed once.
///
/// The drop drives the generator synchronously: a clean-up that awaits something is cut off there, and one that
/// yields for a generator around this one panics. If a clean-up does either, close the generator with
/// [`aclose`](Generator::aclose). Without the feature `std` nothing is reported.
#[derive(Debug)]
#[must_use = "a generator does nothing until it is resumed"]
pub struct Closing<G: Generator + Unpin> {
    generator: G,
}

impl<G: Generator + Unpin> Closing<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }

    /// The generator.
    pub fn get_ref(&self) -> &G {
        &self.generator
    }

    /// The generator.
    pub fn get_mut(&mut self) -> &mut G {
        &mut self.generator
    }
}

impl<G: Generator + Unpin> Drop for Closing<G> {
    fn drop(&mut self) {
        in_drop(is_unwinding(), || {
            let is_open = matches!(self.generator.state(), State::Suspended | State::Awaiting);
            if is_open && !self.generator.closes_on_drop() {
                ignore(self.generator.close());
            }
        });
    }
}

/// What is told of a generator that fails to close when it is dropped.
#[cfg(feature = "std")]
const PLACE: &str = "a generator that was dropped";

/// Whether this thread is panicking.
pub(super) fn is_unwinding() -> bool {
    #[cfg(feature = "std")]
    return thread::panicking();
    #[cfg(not(feature = "std"))]
    false
}

/// Closes something that is being dropped. If a thread is `unwinding` because of that, a second panic is caught and
/// reported, as it would abort the process.
pub(super) fn in_drop(unwinding: bool, close: impl FnOnce()) {
    #[cfg(feature = "std")]
    if unwinding {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(close)) {
            unraisable::panicked(PLACE, payload);
        }
        return;
    }
    let _ = unwinding;
    close();
}

/// Nobody is left to tell how a generator was closed. Python: "Exception ignored in".
pub(super) fn ignore<Y, R>(closed: Result<Option<R>, CloseError<Y>>) {
    if let Err(error) = closed {
        let exception = error.into_exception();
        #[cfg(feature = "std")]
        unraisable::ignored(PLACE, exception);
        #[cfg(not(feature = "std"))]
        drop(exception);
    }
}

#[cfg(feature = "std")]
use std::panic::{self, AssertUnwindSafe};
#[cfg(feature = "std")]
use std::thread;

use super::protocol::Generator;
use super::state::State;

/// A generator that is closed when it is dropped: see [`Generator::closing`].
///
/// The outcome of closing (an exception, a yield) is ignored, as in Python. A panic in a clean-up is not ignored,
/// unless the thread is panicking already.
///
/// The drop drives the generator synchronously: a clean-up that awaits something is cut off there, and one that
/// yields for a generator around this one panics. If a clean-up does either, close the generator with
/// [`aclose`](Generator::aclose).
#[derive(Debug)]
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
        if self.generator.state() == State::Suspended {
            in_drop(|| drop(self.generator.close()));
        }
    }
}

/// Closes something that is being dropped. If the thread is already panicking, a second panic is caught, as it would
/// abort the process.
pub(super) fn in_drop(close: impl FnOnce()) {
    #[cfg(feature = "std")]
    if thread::panicking() {
        let _ignored = panic::catch_unwind(AssertUnwindSafe(close));
        return;
    }
    close();
}

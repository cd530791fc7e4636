use std::panic::{self, AssertUnwindSafe};
use std::thread;

use super::{Generator, State};

/// A generator that is closed when it is dropped: see [`Generator::closing`].
///
/// What closing leads to (an exception, a yield) is ignored, as Python ignores it. A panic in a clean-up is not, unless
/// the thread is panicking already.
///
/// The drop drives it synchronously: a clean-up that awaits something is cut off there, and one that yields for a generator
/// around this one panics. Where a clean-up does that, close it with [`aclose`](Generator::aclose).
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

/// Closes something that is being dropped: where the thread is panicking, a second panic would abort the process.
pub(super) fn in_drop(close: impl FnOnce()) {
    if thread::panicking() {
        let _ignored = panic::catch_unwind(AssertUnwindSafe(close));
    } else {
        close();
    }
}

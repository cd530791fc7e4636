//! What is at work for a loop and is no job of it.

use std::sync::Arc;

use super::current;
use super::inbox::Inbox;

/// While this lives, the virtual clock of a loop stands still: something that is not on its thread will wake one of its
/// tasks. Whoever holds this wakes that task first, and then drops it.
pub(crate) struct AtWork {
    inbox: Arc<Inbox>,
}

impl AtWork {
    /// For the loop of this thread, if it has a virtual clock; others do not ask.
    pub(crate) fn here() -> Option<Self> {
        let lp = current::get().filter(|lp| lp.is_virtual())?;
        let inbox = lp.inbox.clone();
        inbox.work_begins();
        Some(Self { inbox })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.inbox.work_ends();
        self.inbox.rouse();
    }
}

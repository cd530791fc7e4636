use super::permits::Permits;
use crate::aio::core::output::output;
use crate::debug::debug;

/// A place that a semaphore has given: it goes back when the permit is dropped.
#[must_use = "the place is free again as soon as the permit is dropped"]
pub struct Permit<'a> {
    permits: &'a Permits,
}

impl<'a> Permit<'a> {
    pub(super) fn new(permits: &'a Permits) -> Self {
        Self { permits }
    }

    /// Keeps the place taken, until somebody calls `release`. Python: what `acquire` leaves.
    #[allow(clippy::mem_forget, reason = "there is nothing else in it")]
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // A bounded semaphore whose places somebody gave back by hand is full already.
        let _within = self.permits.release();
    }
}

debug!(Permit<'_> { .. });

output!(['a] Permit<'a>);

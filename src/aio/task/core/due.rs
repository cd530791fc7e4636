//! What the end of a step and the beginning of the next one have to look at: one comparison shows that there
//! is nothing.

use std::cell::Cell;

/// A set of reasons for a further look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason(u8);

impl Reason {
    /// A cancel is noted.
    pub(super) const NOTED: Self = Self(1);
    /// A plain wait was cancelled.
    pub(super) const LEAF: Self = Self(2);
    /// The step unwinds a scope with a cancel: set by the delivery, or by a raise, cleared at the step's end.
    pub(super) const UNWINDS: Self = Self(4);
    /// A cancel waits for a step to deliver it.
    pub(super) const CANCEL: Self = Self(Self::NOTED.0 | Self::LEAF.0);
}

#[derive(Default)]
pub(super) struct Due(Cell<u8>);

impl Due {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.get() == 0
    }

    #[inline]
    pub(super) fn has(&self, reason: Reason) -> bool {
        self.0.get() & reason.0 != 0
    }

    pub(super) fn set(&self, reason: Reason) {
        self.0.set(self.0.get() | reason.0);
    }

    /// Clears `reason`. Returns whether it was set.
    pub(super) fn clear(&self, reason: Reason) -> bool {
        let had = self.has(reason);
        self.0.set(self.0.get() & !reason.0);
        had
    }
}

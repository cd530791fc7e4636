//! What the end of a step and the beginning of the next one have to look at: one comparison shows that there
//! is nothing.

use std::cell::Cell;

/// A set of reasons for a further look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio::core::task) struct Reason(u8);

impl Reason {
    /// A cancel is noted.
    pub(in crate::aio::core::task) const NOTED: Self = Self(1);
    /// A plain wait was cancelled.
    pub(in crate::aio::core::task) const LEAF: Self = Self(2);
    /// The step unwinds a scope with a cancel: set by the delivery, or by a raise, cleared at the step's end.
    pub(in crate::aio::core::task) const UNWINDS: Self = Self(4);
    /// A cancel waits for a step to deliver it.
    pub(in crate::aio::core::task) const CANCEL: Self = Self(Self::NOTED.0 | Self::LEAF.0);
}

#[derive(Default)]
pub(in crate::aio::core::task) struct Due(Cell<u8>);

impl Due {
    #[inline]
    pub(in crate::aio::core::task) fn is_empty(&self) -> bool {
        self.0.get() == 0
    }

    #[inline]
    pub(in crate::aio::core::task) fn has(&self, reason: Reason) -> bool {
        self.0.get() & reason.0 != 0
    }

    pub(in crate::aio::core::task) fn set(&self, reason: Reason) {
        self.0.set(self.0.get() | reason.0);
    }

    /// Clears `reason`. Returns whether it was set.
    pub(in crate::aio::core::task) fn clear(&self, reason: Reason) -> bool {
        let had = self.has(reason);
        self.0.set(self.0.get() & !reason.0);
        had
    }
}

//! The slot of a frame whose bodies may call.
//!
//! 1. A call looks like a value: it leaves its handle here and marks the slot as full, so that nobody
//!    else gives one, and the scopes around it claim as for a yield. `BLOCKED` in the key tells the two
//!    apart; then `out` is not initialised.
//! 2. The frame takes the handle, and unmarks the slot, after the poll ([`super::run`]).

use std::cell::Cell;
use std::task::{Context, Waker};

use super::node::Handle;
use super::slot::{BLOCKED, Slot, SlotHead};
use super::thread;

/// The slot of a frame whose bodies may call.
#[repr(C)]
pub(super) struct CallSlot<Y, S> {
    pub(super) slot: Slot<Y, S>,
    /// What the frame polls with.
    pub(super) waker: Cell<*const Waker>,
    pub(super) requested: Cell<Option<Handle>>,
    /// There is another call beside that.
    pub(super) beside: Cell<bool>,
}

impl<Y, S> CallSlot<Y, S> {
    pub(super) fn head(&self) -> &SlotHead {
        &self.slot.head
    }

    #[inline(always)]
    pub(super) fn new(slot: Slot<Y, S>) -> Self {
        Self {
            waker: Cell::new(slot.head.caller),
            slot,
            requested: Cell::new(None),
            beside: Cell::new(false),
        }
    }

    /// Asks the frame to poll a body.
    pub(super) fn request(&self, handle: Handle) {
        let head = self.head();
        head.key.set(head.key.get() | BLOCKED);
        head.full.set(true);
        self.requested.set(Some(handle));
    }

    /// There is another call beside the one that has asked: the body is polled once more.
    pub(super) fn beside(&self) {
        self.beside.set(true);
    }

    /// Whether `cx` is the frame's own: not some combinator's, and not that of a generator inside it.
    pub(super) fn is_polled_with(&self, cx: &Context<'_>) -> bool {
        let head = self.head();
        // SAFETY: the waker outlives the polls with it, and this is in one.
        let same = unsafe { (*self.waker.get()).will_wake(cx.waker()) };
        same && (head.caller.is_null() || thread::is_innermost(head))
    }

    /// There is a call.
    #[inline]
    pub(super) fn is_called(&self) -> bool {
        self.head().key.get() & BLOCKED != 0
    }
}

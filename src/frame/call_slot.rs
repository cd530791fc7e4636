//! The slot of a frame whose bodies may call.
//!
//! 1. A call looks like a value: it leaves its handle here and marks the slot as full, so that nothing else gives a
//!    value, and the scopes around the call claim as for a yield. The flag `CALLED` tells the two apart; then `out`
//!    is not initialised.
//! 2. The frame takes the handle, and unmarks the slot, after the poll ([`super::recursive_resume`]).
//! 3. When a called body is over, its handle is left in `over` while the body that called it is polled: the calling
//!    body takes the handle over with the output ([`super::called_body`], invariant 3).

use core::cell::Cell;
use core::future::Future;
use core::task::Context;

use super::called_body::{Handle, Owner};
use super::flags::Flags;
use super::slot::{self, Slot, SlotHead};

/// The slot of a frame whose bodies may call.
#[repr(C)]
pub(super) struct CallSlot<Y, S> {
    pub(super) slot: Slot<Y, S>,
    pub(super) requested: Cell<Option<Handle>>,
    over: Cell<Option<Handle>>,
    /// There is another call beside the requested one.
    pub(super) beside: Cell<bool>,
    /// How many calls are polled inside one another, where they are awaited.
    depth: Cell<usize>,
}

/// The greatest such depth where it only serves the order among yields: these calls take native
/// stack.
const DEEPEST: usize = 64;

impl<Y, S> CallSlot<Y, S> {
    pub(super) fn head(&self) -> &SlotHead {
        &self.slot.head
    }

    #[inline(always)]
    pub(super) fn new(slot: Slot<Y, S>) -> Self {
        Self {
            slot,
            requested: Cell::new(None),
            over: Cell::new(None),
            beside: Cell::new(false),
            depth: Cell::new(0),
        }
    }

    /// Asks the frame to poll a body.
    #[inline]
    pub(super) fn request(&self, handle: Handle) {
        let head = self.head();
        if head.is_plain() {
            head.call();
        } else {
            head.set(Flags::FULL.with(Flags::CALLED));
        }
        // What was there before belongs to a call that was forgotten.
        self.requested.set(Some(handle));
    }

    /// The called body of `handle` is over.
    #[inline]
    pub(super) fn leave_over(&self, handle: Handle) {
        self.over.set(Some(handle));
    }

    /// The handle of the call that owns `node`, if it was left in `over`.
    #[inline]
    pub(super) fn take_over<F: Future>(&self, node: &Owner<F>) -> Option<Handle> {
        let over = self.over.take()?;
        if node.is_of(&over) {
            return Some(over);
        }
        self.over.set(Some(over));
        None
    }

    /// There is another call beside the one that has asked: the body is polled once more.
    pub(super) fn beside(&self) {
        self.beside.set(true);
    }

    /// Whether there are, or were in this poll, yields beside a call that is made now. The call is
    /// then polled where it is awaited, so that its yields queue among those.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        let head = self.head();
        head.has(Flags::QUEUED.with(Flags::FULL).with(Flags::ASKED))
    }

    /// One call deeper, until the guard is dropped; `None` if that is too deep.
    pub(super) fn deeper(&self) -> Option<impl Drop + '_> {
        let depth = self.depth.get();
        (depth < DEEPEST).then(|| {
            self.depth.set(depth + 1);
            Deeper(&self.depth)
        })
    }

    /// Whether `cx` is the frame's own: not some combinator's, and not that of a generator inside it.
    pub(super) fn is_polled_with(&self, cx: &Context<'_>) -> bool {
        slot::is_of(cx, self.head())
    }

    /// Whether there is a call.
    #[inline]
    pub(super) fn is_called(&self) -> bool {
        self.head().has(Flags::CALLED)
    }
}

struct Deeper<'a>(&'a Cell<usize>);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

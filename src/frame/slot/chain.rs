//! The chain of the slots on this thread that a foreign waker can reach.
//!
//! 1. The chain links slots on this thread's stack. A linked slot is unlinked before its stack
//!    frame ends, on unwind too ([`crate::frame::frame`]).

use core::cell::Cell;
use core::num::NonZeroU64;
use core::ptr;

use super::slot_head::{Link, SlotHead};
use crate::frame::flags::Flags;

thread_local! {
    /// The slot that was linked last, or null.
    static CHAIN: Cell<*const SlotHead> = const { Cell::new(ptr::null()) };
}

/// Puts a slot into this thread's chain.
///
/// # Safety
///
/// `slot` points to a slot on this thread's stack, is not linked, and stays valid until it is.
pub(super) unsafe fn link(slot: *const SlotHead) {
    CHAIN.with(|chain| {
        let next = chain.replace(slot);
        // SAFETY: `slot` is valid by the contract.
        unsafe {
            let id = (*slot).id();
            (*slot).set_link(Link { id, next });
        }
    });
}

/// Takes the slot of frame `id` out of this thread's chain, if it is there.
///
/// This goes by id, not by address: a call that is handed the slot's address would keep the
/// optimiser from holding the slot in registers, even where the call never happens.
#[cold]
#[inline(never)]
fn unlink(id: NonZeroU64) {
    CHAIN.with(|chain| {
        let (mut before, mut slot) = (ptr::null::<SlotHead>(), chain.get());
        while !slot.is_null() {
            // SAFETY: linked slots are valid (invariant 1), and so is the one before, if there is one.
            unsafe {
                let link = (*slot).link();
                if link.id == id {
                    match before.as_ref() {
                        None => chain.set(link.next),
                        Some(before) => before.set_link(Link {
                            id: before.link().id,
                            next: link.next,
                        }),
                    }
                    return;
                }
                (before, slot) = (slot, link.next);
            }
        }
    });
}

/// The slot of frame `id`, if it is in this thread's chain.
pub(super) fn find(id: NonZeroU64) -> Option<*const SlotHead> {
    CHAIN.with(|chain| {
        let mut slot = chain.get();
        while !slot.is_null() {
            // SAFETY: linked slots are valid (invariant 1).
            unsafe {
                let link = (*slot).link();
                if link.id == id {
                    return Some(slot);
                }
                slot = link.next;
            }
        }
        None
    })
}

impl SlotHead {
    /// Takes the slot out of the thread's chain, if it is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn unlink(&self) {
        if self.has(Flags::LINKED) {
            self.unlink_frame(self.id());
        }
    }

    /// The same, where the frame is borrowed, so that its id is passed in.
    #[inline(always)]
    pub(in crate::frame) fn unlink_frame(&self, id: NonZeroU64) {
        if self.has(Flags::LINKED) {
            unlink(id);
            self.forget(Flags::LINKED.with(Flags::CLONED));
        }
    }

    /// The same, where the slot is not used again: this is small, so that it is inlined where a body panics.
    #[inline(always)]
    pub(in crate::frame) fn leave(&self) {
        if self.has(Flags::LINKED) {
            unlink(self.id());
        }
    }
}

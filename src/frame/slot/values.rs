//! The slot with what goes through it: a value, and a reply.

use core::cell::UnsafeCell;
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::task::Waker;

use super::slot_head::SlotHead;
use crate::frame::flags::Flags;
use crate::frame::frame_head::FrameHead;

/// Whether a value is put where the caller says, and does not come back from the step.
pub(in crate::frame) const fn is_put<Y>() -> bool {
    size_of::<Y>() > size_of::<usize>()
}

/// The slot of a resume: [`super`] has its invariants.
#[repr(C)]
pub(in crate::frame) struct Slot<Y, S> {
    pub(in crate::frame) head: SlotHead,
    out: UnsafeCell<MaybeUninit<Y>>,
    /// Where a value goes that [`is_put`]; nothing else uses that place while the slot lives.
    place: *mut MaybeUninit<Y>,
    reply: UnsafeCell<MaybeUninit<S>>,
}

impl<Y, S> Slot<Y, S> {
    /// # Safety
    ///
    /// While the slot lives, `head` is valid and changed only through the slot, and `caller` is null or valid.
    /// `reply` is initialised if `flags` say that there is one; it belongs to the slot from now on. `place` is valid
    /// for a value, if that [`is_put`], and used by nothing else.
    #[inline(always)]
    pub(in crate::frame) unsafe fn new(
        head: *mut FrameHead,
        caller: *const Waker,
        flags: Flags,
        reply: MaybeUninit<S>,
        place: *mut MaybeUninit<Y>,
    ) -> Self {
        Self {
            // SAFETY: by the contract.
            head: unsafe { SlotHead::new(head, caller, flags) },
            out: UnsafeCell::new(MaybeUninit::uninit()),
            place,
            reply: UnsafeCell::new(reply),
        }
    }

    /// Where a value goes.
    #[inline(always)]
    fn place(&self) -> *mut MaybeUninit<Y> {
        if const { is_put::<Y>() } {
            self.place
        } else {
            self.out.get()
        }
    }

    /// Puts a value, for a caller that sets `FULL`.
    ///
    /// # Safety
    ///
    /// There is none. `value` is initialised, and not used again.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) unsafe fn put(&self, value: &MaybeUninit<Y>) {
        // SAFETY: by the contract; nothing else refers to `out` (invariant 2).
        unsafe { ptr::copy_nonoverlapping(value, self.place(), 1) };
    }

    /// Reads the reply, for a caller that clears `REPLIED`.
    ///
    /// # Safety
    ///
    /// There is one, and it is not used again.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) unsafe fn read_reply(&self) -> S {
        // SAFETY: by the contract (invariant 5).
        unsafe { (*self.reply.get()).assume_init_read() }
    }

    /// Takes the value that was put.
    ///
    /// # Safety
    ///
    /// The slot is `FULL`, and not `CALLED`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) unsafe fn take_out(&self) -> Y {
        self.head.forget(Flags::FULL);
        // SAFETY: there was a value (invariant 4), and now there is none.
        unsafe { (*self.place()).assume_init_read() }
    }

    /// Takes the value that was put, into `place`; if it [`is_put`], it is there already.
    ///
    /// # Safety
    ///
    /// As for [`take_out`](Self::take_out); `place` is valid, and the one that the slot has.
    #[inline(always)]
    pub(in crate::frame) unsafe fn take_into(&self, place: *mut MaybeUninit<Y>) {
        if const { is_put::<Y>() } {
            self.head.forget(Flags::FULL);
        } else {
            // SAFETY: by the contract.
            unsafe { (*place).write(self.take_out()) };
        }
    }

    /// Takes the reply, if there is one.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn take_reply(&self) -> Option<S> {
        if !self.head.has(Flags::REPLIED) {
            return None;
        }
        self.head.forget(Flags::REPLIED);
        // SAFETY: there was a reply, and now there is none.
        Some(unsafe { self.read_reply() })
    }

    /// Takes back what was given: a value, which is for the caller to drop, or a call, which is forgotten.
    /// The yield that gave it may live on, but no reply will come for it.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn take_back(&self) -> Option<Y> {
        let value = self.take_rest();
        if value.is_some() {
            self.head.renew();
        }
        self.head.admit_anew();
        value
    }

    /// The value that was given, if there is one. A call is forgotten.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take_rest(&self) -> Option<Y> {
        let flags = self.head.flags();
        self.head.forget(Flags::FULL.with(Flags::CALLED));
        if !flags.any(Flags::FULL) || flags.any(Flags::CALLED) {
            return None;
        }
        // SAFETY: there was a value (invariant 4), and now there is none.
        Some(unsafe { (*self.place()).assume_init_read() })
    }

    /// Drops what is left, at the end of a resume.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn discard(&self) {
        if mem::needs_drop::<Y>() || mem::needs_drop::<S>() {
            let reply = self.take_reply();
            drop(self.take_rest());
            drop(reply);
        }
    }
}

//! The slot of a frame that never yields. Only a scope or a raise asks for it, and few bodies have one, so the slot is
//! made when something asks for it.
//!
//! 1. A [`SlotOnDemand`] is on the stack of its poll, and in the thread's list of them until the poll has ended, on unwind
//!    too. So whatever finds it there runs on its thread, within its poll.
//! 2. Its slot is made at most once, and is in the thread's chain from then on, until the poll has ended, on unwind
//!    too. It is initialised if and only if `made`.
//! 3. What a frame keeps from one resume for the next is in its cold box. A frame that has a cold box gets its slot
//!    at once, so a slot that is made later starts empty.

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::num::NonZeroU64;
use core::ptr;
use core::task::Waker;

use super::chain;
use super::slot_head::SlotHead;
use super::values::Slot;
use crate::frame::admit::admit;
use crate::frame::flags::Flags;
use crate::frame::frame_head::FrameHead;
use crate::frame::never::Never;
use crate::frame::status::{Op, Status, Target};
use crate::frame::yield_queue::Polls;

/// A poll under way, and the slot that it may need.
pub(in crate::frame) struct SlotOnDemand {
    /// The head of the frame that is polled: valid as long as the poll lasts, and used by nothing
    /// else.
    head: *mut FrameHead,
    caller: *const Waker,
    /// The poll around this one, or null.
    outer: *const Self,
    made: Cell<bool>,
    slot: UnsafeCell<MaybeUninit<Slot<Never, ()>>>,
}

thread_local! {
    /// The innermost poll, or null.
    static INNERMOST: Cell<*const SlotOnDemand> = const { Cell::new(ptr::null()) };
}

/// The slot of frame `id`, if that is being polled on this thread and has none yet.
pub(super) fn make(id: NonZeroU64) -> Option<*const SlotHead> {
    let mut innermost = INNERMOST.get();
    // SAFETY: what is in the list lives (invariant 1).
    while let Some(poll) = unsafe { innermost.as_ref() } {
        // SAFETY: the head is valid as long as the poll lasts.
        if unsafe { (*poll.head).id } == id && !poll.made.get() {
            return Some(poll.make(Flags::NONE));
        }
        innermost = poll.outer;
    }
    None
}

impl SlotOnDemand {
    /// For a poll of the frame with that head, by a caller with that waker.
    ///
    /// # Safety
    ///
    /// As long as this is used, `head` is valid and used by nothing else, and `caller` is valid.
    #[inline(always)]
    pub(in crate::frame) unsafe fn new(head: *mut FrameHead, caller: *const Waker) -> Self {
        Self {
            head,
            caller,
            outer: INNERMOST.get(),
            made: Cell::new(false),
            slot: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The poll begins. What comes back must be forgotten before [`end`](Self::end): it is for a poll that panics.
    #[inline(always)]
    pub(in crate::frame) fn begin(&self) -> impl Drop + '_ {
        INNERMOST.set(&raw const *self);
        Guard(self)
    }

    /// Whether something has asked for the slot.
    #[inline(always)]
    pub(in crate::frame) fn is_made(&self) -> bool {
        self.made.get()
    }

    /// Makes the slot, which has not been made.
    fn make(&self, flags: Flags) -> *const SlotHead {
        debug_assert!(!self.made.get());
        let slot = self.slot.get().cast::<Slot<Never, ()>>();
        // SAFETY: the head is valid as long as the poll lasts, and the caller's waker outlives that. The reply is of
        // size zero, and no value is ever put. The place is the slot's own.
        unsafe {
            slot.write(Slot::new(
                self.head,
                self.caller,
                flags,
                MaybeUninit::new(()),
                ptr::null_mut(),
            ));
        }
        self.made.set(true);
        let slot = slot.cast::<SlotHead>().cast_const();
        // SAFETY: it is on this thread's stack, and is unlinked when the poll ends, on unwind too (invariant 2).
        unsafe {
            (*slot).set(Flags::LINKED);
            chain::link(slot);
        }
        slot
    }

    /// The slot, if it has been made.
    #[inline(always)]
    fn slot(&self) -> Option<&Slot<Never, ()>> {
        // SAFETY: it is initialised then, and only referred to as shared.
        self.made
            .get()
            .then(|| unsafe { &*self.slot.get().cast::<Slot<Never, ()>>() })
    }

    /// The frame has a cold box, or may not be polled. Returns whether it may.
    #[cold]
    #[inline(never)]
    pub(in crate::frame) fn begin_rarely(&self, op: Op) -> bool {
        // SAFETY: the head is valid as long as the poll lasts. There is no reply.
        unsafe {
            let Some(flags) = admit(&*self.head, op) else {
                return false;
            };
            self.make(flags);
        }
        true
    }

    /// Something has asked for the slot. Returns whether the body, which is pending, is to be polled once more.
    #[cold]
    #[inline(never)]
    pub(in crate::frame) fn goes_on(&self, polls: &mut MaybeUninit<Polls>) -> bool {
        let Some(slot) = self.slot() else {
            return false;
        };
        let head = &slot.head;
        if head.has(Flags::RAISED) {
            return false;
        }
        head.is_to_go_on(polls)
            || (head.has(Flags::ASKED.with(Flags::QUEUED)) && slot.go_round(polls))
    }

    /// The poll has ended. Returns whether the body has raised.
    #[inline(always)]
    pub(in crate::frame) fn end(&self) -> bool {
        INNERMOST.set(self.outer);
        let Some(slot) = self.slot() else {
            self.suspend(Target::NONE);
            return false;
        };
        self.end_slot(slot)
    }

    /// The same, for a slot that has been made.
    #[cold]
    #[inline(never)]
    fn end_slot(&self, slot: &Slot<Never, ()>) -> bool {
        slot.head.unlink();
        // SAFETY: the head is valid as long as the poll lasts.
        let (cold, before) = unsafe { ((*self.head).cold, (*self.head).status.target()) };
        self.suspend(slot.head.aim(cold, before));
        slot.head.has(Flags::RAISED)
    }

    #[inline(always)]
    fn suspend(&self, target: Target) {
        // SAFETY: the head is valid as long as the poll lasts.
        unsafe { (*self.head).status = Status::awaiting(target) };
    }
}

/// Runs if the body panics.
struct Guard<'a>(&'a SlotOnDemand);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.end();
        // SAFETY: the head is valid as long as the poll lasts.
        unsafe { (*self.0.head).status = Status::POISONED };
    }
}

//! Polls of bodies that never yield, as those of tasks. Only a scope or a raise asks for the slot of such a frame, and
//! few bodies have one: so the slot is made when something asks for it.
//!
//! 1. A [`Lazy`] is on the stack of its poll, and in the thread's list of them until the poll has ended, on unwind
//!    too. So whatever finds it there runs on its thread, within its poll.
//! 2. Its slot is made once at most, and is in the thread's chain from then on, until the poll has ended, on unwind
//!    too. It is initialised if and only if `made`.
//! 3. What a frame keeps from one resume for the next is in its cold box. One that has a cold box gets its slot at
//!    once, so a slot that is made later begins with nothing.

use std::cell::{Cell, UnsafeCell};
use std::future::Future;
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, Waker};

use super::admit::{Entry, admit};
use super::engine::raised;
use super::head::Head;
use super::slot::{Flags, Slot, SlotHead};
use super::status::{Op, Status, Target};
use super::turns::Polls;
use super::{Frame, Never, Resumed, thread};

/// A poll under way.
struct Lazy {
    /// Of the frame that is polled: valid as long as the poll lasts, and used by nobody else.
    head: *mut Head,
    caller: *const Waker,
    /// The one around it, or null.
    outer: *const Self,
    made: Cell<bool>,
    slot: UnsafeCell<MaybeUninit<Slot<Never, ()>>>,
}

thread_local! {
    /// The innermost poll, or null.
    static INNERMOST: Cell<*const Lazy> = const { Cell::new(ptr::null()) };
}

/// The slot of frame `id`, if that is being polled on this thread and has none yet.
pub(super) fn make(id: NonZeroU64) -> Option<*const SlotHead> {
    let mut lazy = INNERMOST.get();
    // SAFETY: what is in the list lives (invariant 1).
    while let Some(poll) = unsafe { lazy.as_ref() } {
        // SAFETY: the head is valid as long as the poll lasts.
        if unsafe { (*poll.head).id } == id && !poll.made.get() {
            return Some(poll.make(Entry::plain(false)));
        }
        lazy = poll.outer;
    }
    None
}

impl Lazy {
    /// Makes the slot, which has not been made.
    fn make(&self, entry: Entry) -> *const SlotHead {
        debug_assert!(!self.made.get());
        let slot = self.slot.get().cast::<Slot<Never, ()>>();
        // SAFETY: the head is valid as long as the poll lasts, and the caller's waker outlives that. The reply is of
        // size zero, and no value is ever put. The place is the slot's own.
        unsafe {
            slot.write(Slot::new(
                self.head,
                self.caller,
                entry,
                MaybeUninit::new(()),
                ptr::null_mut(),
            ));
        }
        self.made.set(true);
        let slot = slot.cast::<SlotHead>().cast_const();
        // SAFETY: it is on this thread's stack, and is unlinked when the poll ends, on unwind too (invariant 2).
        unsafe {
            (*slot).set(Flags::LINKED);
            thread::link(slot);
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

    /// The frame has a cold box, or may not be polled. Whether it may.
    #[cold]
    #[inline(never)]
    fn begin_rarely(&self, op: Op) -> bool {
        // SAFETY: the head is valid as long as the poll lasts. There is no reply.
        unsafe {
            let Some(entry) = admit(&*self.head, op) else {
                return false;
            };
            entry.prepare(&*self.head, MaybeUninit::<()>::uninit());
            self.make(entry);
        }
        true
    }

    /// Something has asked for the slot. Whether the body, which is pending, is to be polled once more.
    #[cold]
    #[inline(never)]
    fn goes_on(&self, polls: &mut MaybeUninit<Polls>) -> bool {
        let Some(slot) = self.slot() else {
            return false;
        };
        let head = &slot.head;
        if head.has(Flags::RAISED) {
            return false;
        }
        head.is_to_go_on(head.counted(polls))
            || (head.has(Flags::ASKED.with(Flags::QUEUED)) && slot.go_round(head.counted(polls)))
    }

    /// The poll has ended. Whether the body has raised.
    #[inline(always)]
    fn end(&self) -> bool {
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
struct Guard<'a>(&'a Lazy);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.end();
        // SAFETY: the head is valid as long as the poll lasts.
        unsafe { (*self.0.head).status = Status::POISONED };
    }
}

/// Starts, or polls again, a body that never yields, with the context of its caller.
#[inline(always)]
pub(crate) fn poll<F: Future>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    cx: &mut Context<'_>,
) -> Resumed<Never, F::Output, ()> {
    let (head, mut body) = frame.as_mut().split();
    let lazy = Lazy {
        head,
        caller: ptr::from_ref(cx.waker()),
        outer: INNERMOST.get(),
        made: Cell::new(false),
        slot: UnsafeCell::new(MaybeUninit::uninit()),
    };
    // SAFETY: the head is valid, and nobody else uses it.
    let (status, cold) = unsafe { ((*head).status, (*head).cold) };
    let op = if status.is_created() {
        Op::START
    } else {
        Op::CONTINUE
    };
    let usual = cold.is_null() && (status.is_created() || status.is_awaiting());
    if !usual && !lazy.begin_rarely(op) {
        return Resumed::Refused(None);
    }
    INNERMOST.set(&raw const lazy);
    let guard = Guard(&lazy);
    let mut polls = MaybeUninit::uninit();
    let polled = loop {
        let polled = body.as_mut().poll(cx);
        if polled.is_ready() || !lazy.made.get() || !lazy.goes_on(&mut polls) {
            break polled;
        }
    };
    mem::forget(guard);
    let has_raised = lazy.end();
    if polled.is_pending() && !has_raised {
        return Resumed::Pending(None);
    }
    frame.as_mut().finish();
    match polled {
        Poll::Ready(value) if !has_raised => Resumed::Complete(value),
        _ => raised(frame),
    }
}

//! Polls of bodies that never yield, such as those of tasks. Only a scope or a raise asks for the slot of such a
//! frame, and few bodies have one, so the slot is made when something asks for it.
//!
//! 1. A [`Lazy`] is on the stack of its poll, and in the thread's list of them until the poll has ended, on unwind
//!    too. So whatever finds it there runs on its thread, within its poll.
//! 2. Its slot is made at most once, and is in the thread's chain from then on, until the poll has ended, on unwind
//!    too. It is initialised if and only if `made`.
//! 3. What a frame keeps from one resume for the next is in its cold box. A frame that has a cold box gets its slot
//!    at once, so a slot that is made later starts empty.

use core::cell::{Cell, UnsafeCell};
use core::future::Future;
use core::mem::{self, MaybeUninit};
use core::num::NonZeroU64;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, Waker};

use super::admit::admit;
use super::engine::Engine as _;
use super::exception::Exception;
use super::frame::Frame;
use super::frame_head::FrameHead;
use super::raise::Never;
use super::slot::{Flags, Slot, SlotHead};
use super::status::{Op, Status, Target};
use super::thread;
use super::yield_queue::Polls;

/// A poll under way.
struct Lazy {
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
    static INNERMOST: Cell<*const Lazy> = const { Cell::new(ptr::null()) };
}

/// The slot of frame `id`, if that is being polled on this thread and has none yet.
pub(super) fn make(id: NonZeroU64) -> Option<*const SlotHead> {
    let mut lazy = INNERMOST.get();
    // SAFETY: what is in the list lives (invariant 1).
    while let Some(poll) = unsafe { lazy.as_ref() } {
        // SAFETY: the head is valid as long as the poll lasts.
        if unsafe { (*poll.head).id } == id && !poll.made.get() {
            return Some(poll.make(Flags::NONE));
        }
        lazy = poll.outer;
    }
    None
}

impl Lazy {
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

    /// The frame has a cold box, or may not be polled. Returns whether it may.
    #[cold]
    #[inline(never)]
    fn begin_rarely(&self, op: Op) -> bool {
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
    fn goes_on(&self, polls: &mut MaybeUninit<Polls>) -> bool {
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

/// How a poll ended.
#[derive(Debug)]
pub(crate) enum Polled {
    /// The body awaits something.
    Pending,
    /// The body has ended: its value is where the caller said.
    Complete,
    /// The body has raised.
    Raised(Exception),
}

/// Starts, or polls again, a body that never yields, with the context of its caller. Its value goes to `out`, which
/// is empty, so that it is moved only once.
///
/// # Panics
///
/// If the body is over.
#[inline(always)]
pub(crate) fn poll<F: Future>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    cx: &mut Context<'_>,
    out: &mut Option<F::Output>,
) -> Polled {
    let (head, mut body) = frame.as_mut().split();
    let lazy = Lazy {
        head,
        caller: ptr::from_ref(cx.waker()),
        outer: INNERMOST.get(),
        made: Cell::new(false),
        slot: UnsafeCell::new(MaybeUninit::uninit()),
    };
    // SAFETY: the head is valid, and nothing else uses it.
    let (status, cold) = unsafe { ((*head).status, (*head).cold) };
    let op = if status.is_created() {
        Op::START
    } else {
        Op::CONTINUE
    };
    let usual = cold.is_null() && (status.is_created() || status.is_awaiting());
    if !usual && !lazy.begin_rarely(op) {
        over();
    }
    INNERMOST.set(&raw const lazy);
    let guard = Guard(&lazy);
    let mut polls = MaybeUninit::uninit();
    loop {
        if let Poll::Ready(value) = body.as_mut().poll(cx) {
            debug_assert!(out.is_none());
            // There is nothing to drop, but the optimiser does not see that.
            mem::forget(out.replace(value));
            break;
        }
        if !lazy.made.get() || !lazy.goes_on(&mut polls) {
            break;
        }
    }
    mem::forget(guard);
    let has_raised = lazy.end();
    if has_raised {
        return raise(frame, out);
    }
    if out.is_none() {
        return Polled::Pending;
    }
    frame.finish();
    Polled::Complete
}

/// The body has raised, whether it has ended or not.
#[cold]
#[inline(never)]
fn raise<F: Future>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    out: &mut Option<F::Output>,
) -> Polled {
    let lost = out.take();
    frame.as_mut().finish();
    let Some(exception) = frame.raised() else {
        unreachable!("a poll that raised leaves the exception in the frame")
    };
    drop(lost);
    Polled::Raised(exception)
}

#[cold]
#[inline(never)]
fn over() -> ! {
    unreachable!("a body is not polled after its end")
}

//! The waker that a task's body is polled with.
//!
//! A body whose waits are all of the library never clones it, so it is lent: it borrows what it needs
//! from the step. A clone is a waker of its own, an `Arc` with the task's id and the loop's inbox.
//!
//! 1. The data of a lent waker is a [`Lent`] on the stack of the step, which outlives every use of
//!    that waker: a waker is only lent by reference, and its clones do not point to it.
//! 2. A lent waker may be used from another thread while the step lasts: what is not `Sync` in
//!    [`Lent`] is touched only on the thread of the step.

#![allow(
    unsafe_code,
    reason = "the waker of a task, which is lent without an allocation"
)]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, RawWaker, RawWakerVTable, Wake, Waker};

use super::super::event_loop::core::LoopCore;
use super::super::event_loop::current;
use super::super::event_loop::inbox::{Inbox, Remote};
use super::{AnyTask, TaskId};

/// What a clone holds: it may outlive the task and the loop, and be on any thread.
pub(in super::super) struct RemoteWaker {
    id: TaskId,
    inbox: Arc<Inbox>,
}

impl Wake for RemoteWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match current::get() {
            // The loop is being polled on this thread.
            Some(lp) if Arc::ptr_eq(&lp.inbox, &self.inbox) => lp.wake_task(self.id),
            // If the loop is gone, there is nothing to wake.
            _ => drop(self.inbox.push(Remote::Wake(self.id))),
        }
    }
}

thread_local! {
    /// Its address tells living threads apart.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// What a lent waker borrows.
pub(super) struct Lent<'a> {
    thread: *const Cell<u8>,
    inbox: &'a Arc<Inbox>,
    id: TaskId,
    /// Only for the thread of the step.
    task: &'a Rc<dyn AnyTask>,
}

impl<'a> Lent<'a> {
    pub(super) fn new(task: &'a Rc<dyn AnyTask>, lp: &'a LoopCore) -> Self {
        Self {
            thread: this_thread(),
            inbox: &lp.inbox,
            id: task.core().id,
            task,
        }
    }

    /// Calls `poll` with a context whose waker is lent from here.
    pub(super) fn with<R>(&self, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let raw = RawWaker::new(std::ptr::from_ref(self).cast(), &VTABLE);
        // SAFETY: the functions of the vtable do what `RawWakerVTable` asks for, as long as `self`
        // lives, which is borrowed until the end of this call (invariant 1).
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        poll(&mut Context::from_waker(&waker))
    }
}

/// An address that no other living thread has.
fn this_thread() -> *const Cell<u8> {
    THREAD.with(std::ptr::from_ref)
}

/// Whether `waker` is the one that `task` is polled with, and not a combinator's.
pub(in super::super) fn is_lent_to(waker: &Waker, task: &Rc<dyn AnyTask>) -> bool {
    if !std::ptr::eq(waker.vtable(), &raw const VTABLE) {
        return false;
    }
    // SAFETY: a waker with our vtable points to a living `Lent` (invariant 1); `id` is `Sync`.
    unsafe { (*waker.data().cast::<Lent<'_>>()).id == task.core().id }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, ignore);

/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a living `Lent` (invariant 1).
    let lent = unsafe { &*data.cast::<Lent<'_>>() };
    let fresh = || {
        Arc::new(RemoteWaker {
            id: lent.id,
            inbox: lent.inbox.clone(),
        })
    };
    let remote = if lent.thread == this_thread() {
        // This is the thread of the step (invariant 2).
        lent.task
            .core()
            .with_rare(|rare| rare.waker.get_or_insert_with(fresh).clone())
    } else {
        fresh()
    };
    let waker = ManuallyDrop::new(Waker::from(remote));
    RawWaker::new(waker.data(), waker.vtable())
}

/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn wake(data: *const ()) {
    // SAFETY: a living `Lent` (invariant 1).
    let lent = unsafe { &*data.cast::<Lent<'_>>() };
    if lent.thread == this_thread() {
        // This is the thread of the step (invariant 2).
        lent.task.clone().wake();
    } else {
        drop(lent.inbox.push(Remote::Wake(lent.id)));
    }
}

unsafe fn ignore(_: *const ()) {}

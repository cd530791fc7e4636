//! The waker that a task's body is polled with.
//!
//! A body whose waits are all of the library never clones it, so it is lent: it borrows what it needs
//! from the step. A clone is a waker of its own, an `Arc` with the task's id and the loop's inbox.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{Context, RawWaker, RawWakerVTable, Wake, Waker};

use super::super::super::event_loop::core::LoopCore;
use super::super::super::event_loop::current;
use super::super::super::event_loop::inbox::{Inbox, Remote};
use super::super::TaskId;
use super::AnyTask;
use crate::frame::outermost_of;

/// What a clone holds: it may outlive the task and the loop, and be on any thread.
pub(in crate::aio) struct RemoteWaker {
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
    /// Its address tells living threads apart. Made by a constant, and without a destructor: it is there
    /// as long as the thread, also for the destructors of other thread-locals, so `with` cannot fail.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// What a lent waker borrows.
pub(in crate::aio) struct Lent<'a> {
    thread: *const Cell<u8>,
    inbox: &'a Arc<Inbox>,
    id: TaskId,
    /// Only for the thread of the step, as the next one.
    pub(in crate::aio) task: &'a AnyTask,
    pub(in crate::aio) lp: &'a LoopCore,
}

impl<'a> Lent<'a> {
    pub(in super::super) fn new(task: &'a AnyTask, lp: &'a LoopCore) -> Self {
        Self {
            thread: this_thread(),
            inbox: &lp.inbox,
            id: task.core().id(),
            task,
            lp,
        }
    }

    /// Calls `poll` with a context whose waker is lent from here.
    pub(in super::super) fn with<R>(&self, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let raw = RawWaker::new(std::ptr::from_ref(self).cast(), &VTABLE);
        // SAFETY: the functions of the vtable do what `RawWakerVTable` asks for, as long as `self`
        // lives, which is borrowed until the end of this call (invariant 6).
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        poll(&mut Context::from_waker(&waker))
    }
}

/// An address that no other living thread has.
fn this_thread() -> *const Cell<u8> {
    THREAD.with(std::ptr::from_ref)
}

/// Whether `waker` is the one that `task` is polled with, directly or through generators, and not a combinator's.
pub(in crate::aio) fn is_lent_to(waker: &Waker, task: &AnyTask) -> bool {
    let waker = outermost_of(waker);
    if !std::ptr::eq(waker.vtable(), &raw const VTABLE) {
        return false;
    }
    // SAFETY: a waker with our vtable points to a living `Lent` (invariant 6); `id` is `Sync`.
    unsafe { (*waker.data().cast::<Lent<'_>>()).id == task.core().id() }
}

/// What `waker` was lent from, if it was, and on this thread.
#[inline]
pub(in crate::aio) fn lent(waker: &Waker) -> Option<&Lent<'_>> {
    let waker = outermost_of(waker);
    if !std::ptr::eq(waker.vtable(), &raw const VTABLE) {
        return None;
    }
    let lent = waker.data().cast::<Lent<'_>>();
    // SAFETY: a waker with our vtable points to a `Lent` that lives as long as it is lent (invariant
    // 6); `thread` is only compared.
    if unsafe { (*lent).thread } != this_thread() {
        return None;
    }
    // SAFETY: as above, and this is the thread of the step (invariant 7).
    Some(unsafe { &*lent })
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, ignore);

/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a living `Lent` (invariant 6).
    let lent = unsafe { &*data.cast::<Lent<'_>>() };
    let fresh = || {
        Arc::new(RemoteWaker {
            id: lent.id,
            inbox: lent.inbox.clone(),
        })
    };
    let remote = if lent.thread == this_thread() {
        // This is the thread of the step (invariant 7).
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
    // SAFETY: a living `Lent` (invariant 6).
    let lent = unsafe { &*data.cast::<Lent<'_>>() };
    if lent.thread == this_thread() {
        // This is the thread of the step (invariant 7).
        lent.task.wake_in(lent.lp);
    } else {
        drop(lent.inbox.push(Remote::Wake(lent.id)));
    }
}

/// # Safety
///
/// None is needed: a lent waker owns nothing.
unsafe fn ignore(_: *const ()) {}

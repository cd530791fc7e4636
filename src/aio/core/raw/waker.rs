//! The waker that a task's body is polled with.
//!
//! A body that only awaits what is the library's never clones its waker, so that is lent: it borrows what it
//! needs from the step. A clone is a waker of its own, an `Arc` with the task's id and the loop's inbox.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, RawWaker, RawWakerVTable, Wake, Waker};

use super::current_task::{Before, Lent, record};
use super::pointer::AnyTask;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::event_loop::thread_token::ThreadToken;
use crate::frame::outermost_of;

/// What a clone holds: it may outlive the task and the loop, and may be on any thread.
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

impl Lent<'_> {
    /// Calls `poll` with a context whose waker is lent from here. The task runs meanwhile.
    #[inline]
    pub(in crate::aio::core) fn with<R>(&self, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let raw = RawWaker::new(ptr::from_ref(self).cast(), &VTABLE);
        // SAFETY: the functions of the vtable do what `RawWakerVTable` asks for, as long as `self`
        // lives, which is borrowed until the end of this call (invariant 6).
        let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        let _before = Before::replace(ptr::from_ref(self).cast());
        poll(&mut Context::from_waker(&waker))
    }
}

/// What `waker` is lent from, without checking that it is on this thread.
#[inline]
fn data_of(waker: &Waker) -> Option<*const Lent<'_>> {
    let waker = outermost_of(waker);
    ptr::eq(waker.vtable(), &raw const VTABLE).then(|| waker.data().cast())
}

/// Whether `waker` is the one that `task` is polled with, directly or through generators, and not a combinator's.
pub(in crate::aio) fn is_lent_to(waker: &Waker, task: &AnyTask) -> bool {
    // SAFETY: a living `Lent` (invariant 6), which never changes; only addresses are compared (invariant 7).
    data_of(waker).is_some_and(|lent| unsafe { (*lent).task.is(task) })
}

/// What `waker` was lent from, if that is the task that runs on this thread.
#[inline]
pub(in crate::aio) fn lent(waker: &Waker) -> Option<&Lent<'_>> {
    let lent = data_of(waker)?;
    if !ptr::addr_eq(lent, record()) {
        return None;
    }
    // SAFETY: the data lives as long as it is lent (invariant 6), and this is the thread of the step
    // (invariant 7).
    Some(unsafe { &*lent })
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, ignore);

/// What any thread may know of what a waker was lent from: whether this is the step's thread, and what never
/// changes.
///
/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn far(data: *const ()) -> (bool, TaskId, *const Arc<Inbox>) {
    let lent = data.cast::<Lent<'_>>();
    // SAFETY: a living `Lent` (invariant 6), and so are its task and its loop. On another thread only what
    // never changes is read (invariant 7).
    unsafe {
        let lp = ptr::from_ref((*lent).lp);
        let here = (*lp).thread == ThreadToken::of_this_thread();
        (here, AnyTask::id_of((*lent).task), &raw const (*lp).inbox)
    }
}

/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: by the contract.
    let (here, id, inbox) = unsafe { far(data) };
    // SAFETY: the loop outlives the step, and an `Arc` is for all threads.
    let inbox = unsafe { &*inbox };
    let fresh = || {
        Waker::from(Arc::new(RemoteWaker {
            id,
            inbox: inbox.clone(),
        }))
    };
    let remote = if here {
        // SAFETY: a living `Lent` (invariant 6), and this is the thread of the step (invariant 7).
        let lent = unsafe { &*data.cast::<Lent<'_>>() };
        lent.lp.note_foreign();
        lent.task
            .core()
            .with_rare(|rare| rare.waker.get_or_insert_with(fresh).clone())
    } else {
        fresh()
    };
    let waker = ManuallyDrop::new(remote);
    RawWaker::new(waker.data(), waker.vtable())
}

/// # Safety
///
/// `data` is that of a lent waker.
unsafe fn wake(data: *const ()) {
    // SAFETY: by the contract.
    let (here, id, inbox) = unsafe { far(data) };
    if here {
        // SAFETY: a living `Lent` (invariant 6), and this is the thread of the step (invariant 7).
        let lent = unsafe { &*data.cast::<Lent<'_>>() };
        lent.lp.note_foreign();
        lent.task.wake_in(lent.lp);
    } else {
        // SAFETY: the loop outlives the step, and an `Arc` is for all threads.
        drop(unsafe { &*inbox }.push(Remote::Wake(id)));
    }
}

/// # Safety
///
/// None is needed: a lent waker owns nothing.
unsafe fn ignore(_: *const ()) {}

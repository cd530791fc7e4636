//! Which task runs on a thread.

use std::cell::Cell;
use std::ptr;

use super::pointer::AnyTask;
use crate::aio::core::event_loop::loop_core::LoopCore;

thread_local! {
    /// What the waker of the running task is lent from; null if no task runs. The running task is the
    /// innermost one that is being polled, unless the library is at work on its behalf ([`without_task`]).
    static RUNNING: Cell<*const Lent<'static>> = const { Cell::new(ptr::null()) };
}

/// What a lent waker borrows.
pub(in crate::aio) struct Lent<'a> {
    pub(in crate::aio) task: &'a AnyTask,
    /// The loop that polls the task. It stays on the thread that made it.
    pub(in crate::aio) lp: &'a LoopCore,
}

impl<'a> Lent<'a> {
    #[inline]
    pub(in crate::aio::core) fn new(task: &'a AnyTask, lp: &'a LoopCore) -> Self {
        Self { task, lp }
    }
}

/// What ran before, and runs again when this is dropped, on unwind too.
pub(super) struct Before(*const Lent<'static>);

impl Before {
    #[inline]
    pub(super) fn replace(running: *const Lent<'static>) -> Self {
        Self(RUNNING.replace(running))
    }
}

impl Drop for Before {
    #[inline]
    fn drop(&mut self) {
        RUNNING.set(self.0);
    }
}

/// Calls `call`, during which no task runs.
pub(in crate::aio) fn without_task<R>(call: impl FnOnce() -> R) -> R {
    let _before = Before::replace(ptr::null());
    call()
}

/// Calls `look` with the task that runs on this thread, if one does.
#[inline]
pub(in crate::aio) fn with_running<R>(look: impl FnOnce(&Lent<'_>) -> R) -> Option<R> {
    // SAFETY: null, or what a call of `with` on this thread borrows, and that outlasts this call (invariant
    // 6).
    let running = unsafe { RUNNING.get().as_ref() };
    running.map(look)
}

/// The task that runs on this thread.
pub(in crate::aio) fn running() -> Option<AnyTask> {
    with_running(|lent| lent.task.clone())
}

/// The address of what the waker of the running task is lent from.
#[inline]
pub(super) fn record() -> *const Lent<'static> {
    RUNNING.get()
}

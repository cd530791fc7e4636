//! What other threads, and wakers, bring to the loop.
//!
//! 1. The lock is not held while a waker is woken, cloned or dropped: that is somebody else's code, which may bring
//!    something itself.
//! 2. Nothing that is brought is slept over. `filled` is set and cleared under the lock, together with what it tells
//!    of. Before the loop's task sleeps, it leaves its waker and looks at what has been brought, under one lock; and
//!    whatever is brought after that finds the waker.
//!
//! | what | set by | cleared by | cannot be set |
//! |---|---|---|---|
//! | `filled` | `push` | `take` | after `closed` |
//! | `waker` | `wait`, when the loop has nothing to do | the next `push` or `rouse`, by waking it; `close` | — |
//! | `closed` | `close`, at the loop's end | never | — |
//! | `jobs_waiting` | `job_waits`, one more | `job_goes_on`, one less | — |
//! | `works` | `work_begins`, one more | `work_ends`, one less | — |

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::jobs::Done;
use super::task_id::TaskId;
use crate::aio::core::report;

/// Something for the loop to do.
pub(in crate::aio) enum Remote {
    Wake(TaskId),
    Cancel(TaskId, Option<Arc<str>>),
    Call(Box<dyn FnOnce() + Send>),
    /// A job on another thread has ended.
    Done(u64, Done),
}

#[derive(Default)]
struct Content {
    remotes: Vec<Remote>,
    /// The waker of the task that polls the loop.
    waker: Option<Waker>,
    /// Whether the loop is gone.
    closed: bool,
}

/// Shared by the loop and by whatever may wake one of its tasks.
#[derive(Default)]
pub(in crate::aio) struct Inbox {
    content: Mutex<Content>,
    /// Whether anything has been brought: saves the lock.
    filled: AtomicBool,
    /// How many jobs wait for the loop: see `threads/job_wait.rs`.
    jobs_waiting: AtomicUsize,
    /// How much else is at work for the loop: see `at_work.rs`.
    works: AtomicUsize,
}

impl Inbox {
    /// The inbox of a loop that is gone.
    pub(in crate::aio) fn closed() -> Arc<Self> {
        let inbox = Self::default();
        inbox.lock().closed = true;
        Arc::new(inbox)
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings something to the loop. If the loop is gone, it is given back.
    pub(in crate::aio) fn push(&self, remote: Remote) -> Result<(), Remote> {
        let mut content = self.lock();
        if content.closed {
            return Err(remote);
        }
        content.remotes.push(remote);
        self.filled.store(true, Ordering::Release);
        // One wake is enough until the loop sleeps again, and leaves its waker again.
        let waker = content.waker.take();
        drop(content);
        if let Some(waker) = waker {
            report::wake(waker);
        }
        Ok(())
    }

    pub(in crate::aio) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Wakes the task that polls the loop.
    #[cold]
    pub(in crate::aio) fn rouse(&self) {
        let waker = self.lock().waker.take();
        if let Some(waker) = waker {
            report::wake(waker);
        }
    }

    /// Whether something has been brought.
    #[inline]
    pub(in crate::aio) fn is_filled(&self) -> bool {
        self.filled.load(Ordering::Acquire)
    }

    /// What has been brought.
    pub(in crate::aio) fn take(&self) -> Vec<Remote> {
        // Under the lock: what is pushed after this sets it again (invariant 2).
        let mut content = self.lock();
        self.filled.store(false, Ordering::Release);
        mem::take(&mut content.remotes)
    }

    /// Sets the waker to wake from now on. Returns whether nothing has been brought before.
    pub(in crate::aio) fn wait(&self, waker: &Waker) -> bool {
        {
            let content = self.lock();
            // A loop is mostly polled with the same waker again, which is then not cloned.
            let same = |old: &Waker| old.will_wake(waker);
            if !content.remotes.is_empty() {
                return false;
            }
            if content.waker.as_ref().is_some_and(same) {
                return true;
            }
        }
        // The lock was given back for the clone, so what was brought is looked at again (invariants 1 and 2).
        let fresh = waker.clone();
        let mut content = self.lock();
        let old = content.waker.replace(fresh);
        let nothing = content.remotes.is_empty();
        drop(content);
        report::discard(old);
        nothing
    }

    /// A job waits for the loop from now on.
    ///
    /// The caller must rouse the loop, once it holds no lock of its own.
    pub(in crate::aio) fn job_waits(&self) {
        self.jobs_waiting.fetch_add(1, Ordering::AcqRel);
    }

    /// A job no longer waits for the loop.
    pub(in crate::aio) fn job_goes_on(&self) {
        self.jobs_waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// How many jobs wait for the loop.
    pub(in crate::aio) fn jobs_waiting(&self) -> usize {
        self.jobs_waiting.load(Ordering::Acquire)
    }

    #[cfg(all(feature = "process", unix))]
    pub(super) fn work_begins(&self) {
        self.works.fetch_add(1, Ordering::AcqRel);
    }

    #[cfg(all(feature = "process", unix))]
    pub(super) fn work_ends(&self) {
        self.works.fetch_sub(1, Ordering::AcqRel);
    }

    /// Whether anything else than jobs is at work for the loop.
    pub(super) fn is_worked_for(&self) -> bool {
        self.works.load(Ordering::Acquire) > 0
    }

    /// The loop is gone: nothing is taken from now on.
    pub(in crate::aio) fn close(&self) -> Vec<Remote> {
        let mut content = self.lock();
        content.closed = true;
        // Handles and clones of wakers may keep the inbox for long, but must not keep the task that polled the loop.
        let waker = content.waker.take();
        let remotes = mem::take(&mut content.remotes);
        drop(content);
        report::discard(waker);
        remotes
    }
}

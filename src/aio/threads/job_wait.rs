//! Where a thread, or a task of another runtime, waits for the end of a task of the loop. If the thread runs a job of that loop, the job is not at work
//! for it meanwhile: under the virtual clock time goes on.
//!
//! 1. The inbox counts the jobs that wait: those with `waits`.
//! 2. Only the loop's thread ends a wait: by the end of the task, or at a virtual limit. It counts the job as at work
//!    again before the job sees that, so that no time passes in between. A limit of real time ends the wait on the
//!    thread itself, as does a loop that is blocked and does not hear of a virtual one.
//! 3. A job counts as waiting only once the loop has been told of everything that it waits for, and only if the wait has
//!    not ended by then.
//! 4. One thread waits at a time. A wait with a virtual limit has a number, so that a timer finds its own wait only.
//! 5. Nothing of the user's is woken, cloned or dropped under the lock.
//! 6. A job that has polled in vain counts as waiting until it polls again, or leaves: what it does meanwhile, the loop
//!    cannot know.
//!
//! | what | set by | cleared by | cannot be set |
//! |---|---|---|---|
//! | `over` | the loop: the task has ended, or never will | never | — |
//! | `waits` | the thread, if it runs a job of the loop | the end of the wait | after `over` |
//! | `limited` | the thread, at the start of a wait with a virtual limit | the end of the wait | after `over` |
//! | `expired` | the loop, at the virtual limit | the thread, which sees it | after `over` |
//! | `timer` | the loop, for `limited` | the end of the wait; `over` | without `limited` |
//! | `waker` | a poll that finds no end | `over`, which wakes it; the next poll; `leave` | after `over` |

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::loop_core::Due;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::event_loop::timers::TimerId;
use crate::aio::core::report;

thread_local! {
    /// The loop that this thread runs a job for. It has a destructor, so it is gone while those of other
    /// thread-locals run: then the thread runs no job.
    static JOB_OF: Cell<Option<Arc<Inbox>>> = const { Cell::new(None) };
}

/// Sets what this thread runs a job for, and gives back what that was before: a last owner's drop is somebody
/// else's code.
#[must_use]
fn replace(inbox: Option<Arc<Inbox>>) -> Option<Arc<Inbox>> {
    JOB_OF
        .try_with(|job_of| job_of.replace(inbox))
        .ok()
        .flatten()
}

fn is_job_of(inbox: &Arc<Inbox>) -> bool {
    let job_of = replace(None);
    let is = job_of
        .as_ref()
        .is_some_and(|job_of| Arc::ptr_eq(job_of, inbox));
    let nothing = replace(job_of);
    drop(nothing);
    is
}

/// Runs a job of the loop.
pub(super) fn run_job<T>(inbox: &Arc<Inbox>, job: impl FnOnce() -> T) -> T {
    let _before = Before(replace(Some(inbox.clone())));
    job()
}

/// What this thread ran a job for before: a job may run another one, of another loop.
struct Before(Option<Arc<Inbox>>);

impl Drop for Before {
    fn drop(&mut self) {
        let own = replace(self.0.take());
        drop(own);
    }
}

/// How long a thread waits in any case, in real time, for the loop to take up a virtual limit.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a thread waits.
pub(super) struct JobWait {
    inbox: Arc<Inbox>,
    state: Mutex<JobWaitState>,
    changed: Condvar,
}

#[derive(Default)]
struct JobWaitState {
    over: bool,
    waits: bool,
    limited: Option<u64>,
    timer: Option<TimerId>,
    expired: bool,
    /// How many waits had a virtual limit.
    limits: u64,
    waker: Option<Waker>,
}

impl JobWait {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, JobWaitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end.
    pub(super) fn wait(&self) {
        self.begin(|state| !state.over);
        let ended = self.changed.wait_while(self.lock(), |state| !state.over);
        self.end(&mut ended.unwrap_or_else(PoisonError::into_inner));
    }

    /// The same, but no longer than `limit`.
    pub(super) fn wait_for(&self, limit: Duration) {
        let Some(deadline) = Instant::now().checked_add(limit) else {
            return self.wait();
        };
        self.begin(|state| !state.over);
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), left, |state| !state.over);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.end(&mut state);
    }

    /// The same, where the limit is of the loop's virtual time. Returns whether the limit has ended the wait.
    pub(super) fn wait_virtually(self: &Arc<Self>, limit: Duration) -> bool {
        let number = {
            let mut state = self.lock();
            if state.over {
                return false;
            }
            state.limits += 1;
            state.limited = Some(state.limits);
            state.limits
        };
        let this = self.clone();
        let set_limit = Box::new(move || this.set_limit(number, limit));
        // Without the loop the wait is over.
        drop(self.inbox.push(Remote::Call(set_limit)));
        self.begin(|state| state.limited == Some(number));
        // First for the loop to know of the limit: its thread may be blocked, even by this one, and then its time
        // stands still.
        let patience = limit.max(PATIENCE);
        let known = self
            .changed
            .wait_timeout_while(self.lock(), patience, |state| {
                state.limited == Some(number) && state.timer.is_none()
            });
        let (mut state, _) = known.unwrap_or_else(PoisonError::into_inner);
        if state.limited == Some(number) && state.timer.is_none() {
            self.end(&mut state);
            return true;
        }
        let ended = self
            .changed
            .wait_while(state, |state| state.limited == Some(number));
        let mut state = ended.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.expired)
    }

    /// Waits for the end, as a future does.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let is_known = {
            let state = self.lock();
            if state.over {
                return Poll::Ready(());
            }
            let same = |waker: &Waker| waker.will_wake(cx.waker());
            state.waker.as_ref().is_some_and(same)
        };
        if !is_known {
            // The lock was given back for the clone, so the end may have come meanwhile (invariant 5).
            let fresh = cx.waker().clone();
            let mut state = self.lock();
            if state.over {
                return Poll::Ready(());
            }
            let old = state.waker.replace(fresh);
            drop(state);
            drop(old);
        }
        self.pause();
        self.begin(|state| !state.over);
        Poll::Pending
    }

    /// What polled no longer waits.
    pub(super) fn leave(&self) {
        let waker = self.lock().waker.take();
        drop(waker);
        self.pause();
    }

    /// Another thread may poll this time, and the job is at work.
    fn pause(&self) {
        let mut state = self.lock();
        self.end(&mut state);
    }

    /// A wait begins, if it still has to.
    fn begin(&self, lasts: impl FnOnce(&JobWaitState) -> bool) {
        if !is_job_of(&self.inbox) {
            return;
        }
        let mut state = self.lock();
        if !lasts(&state) {
            return;
        }
        state.waits = true;
        self.inbox.job_waits();
        drop(state);
        self.inbox.rouse();
    }

    /// The wait has ended, as the caller knows, who holds the lock.
    fn end(&self, state: &mut JobWaitState) {
        state.limited = None;
        state.timer = None;
        if std::mem::take(&mut state.waits) {
            self.inbox.job_goes_on();
        }
    }

    /// Whether the end has come.
    pub(super) fn is_over(&self) -> bool {
        self.lock().over
    }

    // On the loop's thread.

    /// Sets the limit of the wait with this number, if it lasts.
    fn set_limit(self: Arc<Self>, number: u64, limit: Duration) {
        let Some(lp) = current::get() else { return };
        let due = Due::Notify(Rc::new(Limit(self.clone(), number)), 0);
        let timer = lp.set_timer(lp.after(limit), due);
        let mut state = self.lock();
        if state.limited == Some(number) {
            state.timer = Some(timer);
            drop(state);
            self.changed.notify_all();
        } else {
            drop(state);
            drop(lp.cancel_timer(timer));
        }
    }

    /// The task has ended, or never will.
    pub(super) fn over(&self) {
        let mut state = self.lock();
        state.over = true;
        let (timer, waker) = (state.timer.take(), state.waker.take());
        self.end(&mut state);
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            report::wake(waker);
        }
        if let Some(timer) = timer {
            // Where the loop drops everything at its end, it may not be the thread's any longer.
            let own = current::get().filter(|lp| Arc::ptr_eq(&lp.inbox, &self.inbox));
            drop(own.and_then(|lp| lp.cancel_timer(timer)));
        }
    }
}

/// The virtual limit of the wait with this number. Its time has come, and what comes at the same time comes first:
/// otherwise the outcome would hang on how fast the threads are.
struct Limit(Arc<JobWait>, u64);

impl Observer for Limit {
    fn notified(self: Rc<Self>, _index: u32) {
        if let Some(lp) = current::get() {
            lp.tell_at_rest(Rc::new(Expired(self)));
        }
    }
}

/// The same, once nothing else is left to come at that time.
struct Expired(Rc<Limit>);

impl Observer for Expired {
    fn notified(self: Rc<Self>, _index: u32) {
        let Limit(wait, number) = &*self.0;
        let mut state = wait.lock();
        if state.limited == Some(*number) {
            state.expired = true;
            wait.end(&mut state);
            drop(state);
            wait.changed.notify_all();
        }
    }
}

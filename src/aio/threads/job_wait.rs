//! Jobs that wait for the loop. Meanwhile they are not at work for it: under the virtual clock time goes on.
//!
//! 1. The inbox counts the waits whose state is [`JobWaitState::Waits`].
//! 2. Whichever comes first ends the wait: the loop, before it hands the value over, so that no time passes
//!    between that and the job's next step; or the job, when it gives up.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use crate::aio::core::event_loop::inbox::Inbox;

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

/// Where a thread waits for a value of the loop.
pub(super) struct JobWait {
    inbox: Arc<Inbox>,
    state: Mutex<JobWaitState>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum JobWaitState {
    /// Nobody waits, or only a thread that runs no job of the loop.
    Apart,
    /// A job waits.
    Waits,
    /// There is a value.
    Over,
}

impl JobWait {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            state: Mutex::new(JobWaitState::Apart),
        }
    }

    /// Runs `wait`. If this thread runs a job of the loop, that job counts as waiting meanwhile.
    pub(super) fn wait<T>(&self, wait: impl FnOnce() -> T) -> T {
        if is_job_of(&self.inbox) {
            self.go(JobWaitState::Waits);
            // The waker is somebody else's code: nothing is locked.
            self.inbox.rouse();
        }
        let value = wait();
        self.go(JobWaitState::Apart);
        value
    }

    /// The loop has the value.
    pub(super) fn over(&self) {
        self.go(JobWaitState::Over);
    }

    fn go(&self, to: JobWaitState) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (*state, to) {
            (JobWaitState::Over, _) => return,
            (JobWaitState::Waits, JobWaitState::Waits) => {}
            (_, JobWaitState::Waits) => self.inbox.job_waits(),
            (JobWaitState::Waits, _) => self.inbox.job_goes_on(),
            _ => {}
        }
        *state = to;
    }
}

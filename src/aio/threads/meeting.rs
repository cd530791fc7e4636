//! Jobs that wait for the loop. They are not at work for it: under the virtual clock time goes on.
//!
//! 1. The inbox counts the meetings whose state is [`State::Waits`].
//! 2. Whoever comes first ends the wait: the loop before it hands the value over, so that time does not go on between that
//!    and the job's next step, or the job when it gives up.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::event_loop::inbox::Inbox;

thread_local! {
    /// The loop that this thread runs a job for.
    static JOB_OF: RefCell<Option<Arc<Inbox>>> = const { RefCell::new(None) };
}

/// Runs a job of the loop.
pub(super) fn run_job<T>(inbox: &Arc<Inbox>, job: impl FnOnce() -> T) -> T {
    let _before = Before(JOB_OF.replace(Some(inbox.clone())));
    job()
}

/// A job may run another one, of another loop.
struct Before(Option<Arc<Inbox>>);

impl Drop for Before {
    fn drop(&mut self) {
        JOB_OF.set(self.0.take());
    }
}

/// Where a thread waits for a value of the loop.
pub(super) struct Meeting {
    inbox: Arc<Inbox>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody waits, or a thread that runs no job of the loop.
    Apart,
    /// A job waits.
    Waits,
    /// There is a value.
    Over,
}

impl Meeting {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            state: Mutex::new(State::Apart),
        }
    }

    /// The thread that runs this waits, if it runs a job, while `wait` runs.
    pub(super) fn wait<T>(&self, wait: impl FnOnce() -> T) -> T {
        let is_job = JOB_OF.with_borrow(|job_of| {
            let job_of = job_of.as_ref();
            job_of.is_some_and(|inbox| Arc::ptr_eq(inbox, &self.inbox))
        });
        if is_job {
            self.go(State::Waits);
        }
        let value = wait();
        self.go(State::Apart);
        value
    }

    /// The loop has the value.
    pub(super) fn over(&self) {
        self.go(State::Over);
    }

    fn go(&self, to: State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (*state, to) {
            (State::Over, _) => return,
            (State::Waits, State::Waits) => {}
            (_, State::Waits) => self.inbox.job_waits(),
            (State::Waits, _) => self.inbox.job_goes_on(),
            _ => {}
        }
        *state = to;
    }
}

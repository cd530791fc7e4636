//! What a pool, and the threads that each look after one worker, share.

use std::collections::VecDeque;
use std::process::{Child, ExitStatus};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::child::{self, Called, Line};
use super::error::{Death, JobError, PoolError};
use super::mailbox::Delivery;
use super::wire::Request;

/// A job on its way.
pub(super) struct PendingJob {
    pub(super) request: Request,
    pub(super) delivery: Delivery,
    /// How many workers died before they began it.
    pub(super) attempts: u32,
}

/// If this many workers die before they begin a job, something is wrong with all of them.
const ATTEMPTS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PoolPhase {
    Open,
    /// No new jobs.
    Closed,
    /// No jobs at all.
    Terminated,
}

struct PoolState {
    queue: VecDeque<PendingJob>,
    phase: PoolPhase,
    /// Threads that look after a worker.
    running: usize,
}

/// Invariants:
///
/// 1. A job is in the queue, or with one thread.
/// 2. The phase only goes forward. When it is `Terminated`, the queue is empty, and no process is put
///    into `children`.
/// 3. A process in `children` has not been waited for; the thread that takes it out waits for it.
pub(super) struct Shared {
    state: Mutex<PoolState>,
    changed: Condvar,
    children: Vec<Mutex<Option<Child>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            state: Mutex::new(PoolState {
                queue: VecDeque::new(),
                phase: PoolPhase::Open,
                running: workers,
            }),
            changed: Condvar::new(),
            children: (0..workers).map(|_| Mutex::default()).collect(),
        }
    }

    pub(super) fn phase(&self) -> PoolPhase {
        lock(&self.state).phase
    }

    /// Takes a job in, or ends it with the reason why not.
    pub(super) fn push(&self, call: PendingJob) {
        let mut state = lock(&self.state);
        let refused = match state.phase {
            PoolPhase::Open => {
                state.queue.push_back(call);
                drop(state);
                self.changed.notify_all();
                return;
            }
            PoolPhase::Closed => JobError::Closed,
            PoolPhase::Terminated => JobError::Terminated,
        };
        drop(state);
        call.delivery.end(Err(refused));
    }

    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        if state.phase == PoolPhase::Open {
            state.phase = PoolPhase::Closed;
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Kills the workers. Jobs that have not ended end with an error.
    pub(super) fn terminate(&self) {
        let mut state = lock(&self.state);
        state.phase = PoolPhase::Terminated;
        let dropped = std::mem::take(&mut state.queue);
        drop(state);
        self.changed.notify_all();
        for child in &self.children {
            if let Some(child) = &mut *lock(child) {
                // It may have ended by itself.
                let _ended = child.kill();
            }
        }
        for call in dropped {
            call.delivery.end(Err(JobError::Terminated));
        }
    }

    /// Ends the workers of a pool that could not start all of them, and has no threads.
    pub(super) fn abandon(&self) {
        self.terminate();
        for place in 0..self.children.len() {
            self.reap(place);
        }
        lock(&self.state).running = 0;
    }

    /// Waits until all workers have ended.
    pub(super) fn join(&self) {
        let mut state = lock(&self.state);
        while state.running > 0 {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The ids of the worker processes.
    pub(super) fn pids(&self) -> Vec<u32> {
        let pid = |child: &Mutex<Option<Child>>| lock(child).as_ref().map(Child::id);
        self.children.iter().filter_map(pid).collect()
    }

    /// The next job for a worker; `None` when there will be none.
    fn next(&self) -> Option<PendingJob> {
        let mut state = lock(&self.state);
        loop {
            if let Some(call) = state.queue.pop_front() {
                return Some(call);
            }
            if state.phase != PoolPhase::Open {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Starts a worker in a place that has none.
    pub(super) fn start(&self, place: usize) -> Result<Line, PoolError> {
        let mut slot = lock(&self.children[place]);
        if self.phase() == PoolPhase::Terminated {
            return Err(PoolError::Start(std::io::ErrorKind::Interrupted.into()));
        }
        let (child, line) = child::start()?;
        *slot = Some(child);
        Ok(line)
    }

    /// Waits for a worker that has hung up, or that we hang up on.
    fn reap(&self, place: usize) -> Option<ExitStatus> {
        let child = lock(&self.children[place]).take();
        child.and_then(|mut child| child.wait().ok())
    }

    /// Looks after a worker, and its successors, until there are no more jobs.
    pub(super) fn look_after(&self, place: usize, line: Line) {
        let (mut line, mut again) = (Some(line), None);
        while let Some(call) = again.take().or_else(|| self.next()) {
            (line, again) = match line.map_or_else(|| self.start(place), Ok) {
                Ok(line) => self.run(place, line, call),
                Err(error) => (None, self.not_started(call, &error.to_string())),
            };
        }
        drop(line);
        self.reap(place);
        lock(&self.state).running -= 1;
        self.changed.notify_all();
    }

    /// A worker in the place of one that has ended, if there may be jobs for it. If the worker
    /// cannot be started, this is tried again for the next job, which then gets the error.
    fn replace(&self, place: usize) -> Option<Line> {
        let state = lock(&self.state);
        let needed = state.phase == PoolPhase::Open || !state.queue.is_empty();
        drop(state);
        needed.then(|| self.start(place).ok()).flatten()
    }

    /// Has a worker do a job. Returns the line of the worker, or of its successor, which is there before the death is
    /// reported. The job comes back if it is to be run again.
    fn run(
        &self,
        place: usize,
        mut line: Line,
        call: PendingJob,
    ) -> (Option<Line>, Option<PendingJob>) {
        let PendingJob {
            request,
            delivery,
            attempts,
        } = call;
        let called = line.call(&request, delivery);
        if let Called::Ended(delivery, answer) = called {
            delivery.end(answer);
            return (Some(line), None);
        }
        drop(line);
        let death = Death::new(self.reap(place));
        let (successor, mut again) = (self.replace(place), None);
        match called {
            Called::Ended(..) => {}
            Called::Panicked(delivery, error) => delivery.end(Err(error)),
            Called::Died(delivery) if self.phase() == PoolPhase::Terminated => {
                delivery.end(Err(JobError::Terminated));
            }
            Called::Died(delivery) => delivery.end(Err(JobError::Died(death))),
            Called::NotStarted(delivery) => {
                let call = PendingJob {
                    request,
                    delivery,
                    attempts,
                };
                again = self.not_started(call, &death.to_string());
            }
        }
        (successor, again)
    }

    /// The worker has not begun the job: the job is to be run again, or ends with an error.
    fn not_started(&self, mut call: PendingJob, why: &str) -> Option<PendingJob> {
        call.attempts += 1;
        let error = if self.phase() == PoolPhase::Terminated {
            JobError::Terminated
        } else if call.attempts < ATTEMPTS {
            return Some(call);
        } else {
            JobError::NoWorker(why.to_owned())
        };
        call.delivery.end(Err(error));
        None
    }
}

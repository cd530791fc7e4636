use std::future::IntoFuture;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::Arc;
use std::thread;

use super::job_wait::run_job;
use super::pending_call::PendingCall;
use crate::aio::core::awaiting::{Awaitable, Ending, Owned};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::jobs::Done;
use crate::aio::core::panicked::Panicked;
use crate::aio::core::report;
use crate::aio::waits::child::Child;
use crate::aio::waits::promise::Promise;
use crate::debug::debug;

/// What runs jobs on other threads: a pool of the user's, for [`run_in_executor`].
///
/// A closure is one: `|job| pool.spawn(job)`. If the executor drops a job without running it, the wait for
/// that job ends with an error.
pub trait Executor {
    /// Runs `job`, on another thread, now or later.
    fn execute(&self, job: Box<dyn FnOnce() + Send>);
}

impl<F: Fn(Box<dyn FnOnce() + Send>)> Executor for F {
    fn execute(&self, job: Box<dyn FnOnce() + Send>) {
        self(job);
    }
}

/// A value that another thread works on: what [`to_thread`] and [`run_in_executor`] give. It is awaited like
/// a [`Task`](crate::aio::Task), and [`gather`](crate::aio::gather()), [`wait`](crate::aio::wait()),
/// [`wait_for`](crate::aio::wait_for()) and [`shield`](crate::aio::shield()) take it.
#[must_use = "the call runs; await it for its value"]
pub struct InThread<T> {
    promise: Promise<T>,
}

/// Runs `call`, which may block, on another thread, and gives its value. Python: `asyncio.to_thread`, and
/// `loop.run_in_executor(None, …)`.
///
/// It starts at once, on a thread of tokio's blocking pool or, without a tokio runtime
/// ([`testing::run`](crate::aio::testing::run())), on a new one. If all threads of the pool are busy, it waits for one.
/// The loop does not end before the call has ended.
///
/// # Errors
///
/// [`Error::Panicked`] if `call` panics.
///
/// # Panics
///
/// Outside a loop.
///
/// # Cancellation
///
/// The wait ends at once. A call that has begun runs on, and its value is dropped; one that has not is never made, and
/// what it holds is dropped in a later turn. So it is with calls that have not begun when the loop is dropped before its
/// end. To drop the handle, or a wait for it, cancels nothing.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// let lines = aio::run(async {
///     let text = aio::to_thread(|| std::fs::read_to_string("Cargo.toml")).await??;
///     aio::ok(text.lines().count())
/// })?;
/// assert!(lines > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn to_thread<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> InThread<T> {
    run_in_executor(&blocking_pool, call)
}

/// Runs `call` on a thread of `executor`, as [`to_thread`] does. Python: `loop.run_in_executor(executor,
/// …)`.
///
/// # Errors
///
/// As for [`to_thread`]; [`Error::Runtime`] if the executor drops the job without running it.
///
/// # Panics
///
/// Outside a loop.
///
/// # Cancellation
///
/// As for [`to_thread`].
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// // A pool of your own: here a thread for each job.
/// let pool = |job: Box<dyn FnOnce() + Send>| drop(std::thread::spawn(job));
/// let name = aio::run(async move {
///     aio::run_in_executor(&pool, || std::thread::current().name().map(str::to_owned)).await
/// })?;
/// assert_eq!(name, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn run_in_executor<T: Send + 'static>(
    executor: &(impl Executor + ?Sized),
    call: impl FnOnce() -> T + Send + 'static,
) -> InThread<T> {
    let lp = current::expect();
    let promise = Promise::new();
    let pending = PendingCall::default();
    let ended = {
        let (promise, pending) = (promise.clone(), pending.clone().withdrawn_on_drop());
        move |done: Done| {
            let _ended = pending;
            let _cancelled = match done {
                Done::Value(value) => match value.downcast() {
                    Ok(value) => promise.set_result(*value),
                    Err(_) => unreachable!("a job's value has the job's type"),
                },
                Done::Panicked(payload) => {
                    promise.set_exception(Error::Panicked(Panicked::new(payload)))
                }
                Done::Dropped => {
                    promise.set_exception(Error::Runtime("the executor dropped the job"))
                }
            };
        }
    };
    let report = Report {
        inbox: lp.inbox.clone(),
        job: lp.jobs.begin(Box::new(ended)),
        done: Done::Dropped,
    };
    pending.set(move || report.run(call));
    // As CPython's `wrap_future` does, in a callback: a call that has not begun is cancelled with the wait for it.
    promise.add_done_callback({
        let pending = pending.clone();
        move |promise| {
            if promise.cancelled() {
                pending.withdraw();
            }
        }
    });
    let job = pending.withdrawn_on_drop();
    executor.execute(Box::new(move || job.run()));
    InThread { promise }
}

/// Tokio's blocking pool, or a thread.
fn blocking_pool(job: Box<dyn FnOnce() + Send>) {
    match tokio::runtime::Handle::try_current() {
        Ok(handle) => drop(handle.spawn_blocking(job)),
        Err(_) => drop(thread::spawn(job)),
    }
}

/// Tells the loop how a job ended, when it is dropped.
struct Report {
    inbox: Arc<Inbox>,
    job: u64,
    done: Done,
}

impl Report {
    fn run<T: Send + 'static>(mut self, call: impl FnOnce() -> T) {
        self.done = match panic::catch_unwind(AssertUnwindSafe(|| run_job(&self.inbox, call))) {
            Ok(value) => Done::Value(Box::new(value)),
            Err(payload) => Done::Panicked(payload),
        };
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let done = std::mem::replace(&mut self.done, Done::Dropped);
        // Without the loop nobody wants to know.
        if let Err(unwanted) = self.inbox.push(Remote::Done(self.job, done)) {
            report::discard(unwanted);
        }
    }
}

impl<T: 'static> IntoFuture for InThread<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Owned<Promise<T>>;

    #[track_caller]
    fn into_future(self) -> Owned<Promise<T>> {
        Owned::new(self.promise, Location::caller())
    }
}

impl<T: 'static> Awaitable for InThread<T> {
    fn awaited(&self) -> Ending {
        self.promise.awaited()
    }
}

/// For gathers, shields and time limits.
impl<T: 'static> Child for InThread<T> {
    type Source = Promise<T>;

    fn into_source(self) -> Promise<T> {
        self.promise
    }
}

debug!(impl[T] self: InThread<T> { promise: self.promise });

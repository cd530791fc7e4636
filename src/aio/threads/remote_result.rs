use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::job_wait::JobWait;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::Inbox;
use crate::aio::core::handles::create_task::Task;
use crate::aio::core::handles::remote_task::RemoteTask;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::output::Output;
use crate::aio::core::raw::task_of::TaskOf;
use crate::debug::debug;

/// The value of a task, for another thread: what [`LoopHandle::run_coroutine_threadsafe`] gives. Python:
/// `concurrent.futures.Future`.
///
/// A thread waits for it by [`result`](Self::result). It is a future, too, which any runtime can await, and which is
/// `Send` if the value is. The task runs, whether or not anybody waits.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use tokio::sync::oneshot;
///
/// #[tokio::main(flavor = "multi_thread", worker_threads = 1)]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let (sender, handle) = oneshot::channel();
///     // A loop on a thread of its own, which runs until it is told to stop.
///     let (stop, stopped) = oneshot::channel::<()>();
///     let thread = std::thread::spawn(move || {
///         aio::run(async move {
///             let _sent = sender.send(aio::loop_handle());
///             let _stopped = stopped.await;
///             aio::ok(())
///         })
///     });
///     let handle = handle.await?;
///     // In a task of tokio's:
///     let answer = tokio::spawn(async move { handle.run_coroutine_threadsafe(|| async { 42_u8 }).await });
///     assert_eq!(answer.await??, 42);
///     drop(stop);
///     thread.join().unwrap()?;
///     Ok(())
/// }
/// ```
///
/// [`LoopHandle::run_coroutine_threadsafe`]: crate::aio::LoopHandle::run_coroutine_threadsafe
#[must_use = "the task runs; ask for its value"]
pub struct RemoteResult<T> {
    handover: Arc<Handover<T>>,
    wait: Arc<JobWait>,
    link: Arc<Mutex<Link>>,
    at: Where,
    /// One wait at a time.
    not_sync: PhantomData<Cell<()>>,
}

/// The loop, for those who wait for its tasks on other threads.
pub(super) struct Where {
    pub(super) inbox: Arc<Inbox>,
    pub(super) thread: ThreadId,
    pub(super) is_virtual: bool,
}

/// Where the loop puts how the task ended.
type Handover<T> = Mutex<Outcome<T>>;

/// The loop's side. If it is dropped without giving, the loop is gone.
pub(super) struct Giver<T> {
    handover: Arc<Handover<T>>,
    wait: Arc<JobWait>,
}

impl<T> Giver<T> {
    pub(super) fn give(self, outcome: Result<T, Error>) {
        *lock(&self.handover) = Outcome::Ended(outcome);
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.wait.over();
    }
}

/// What a [`RemoteResult`] can cancel.
enum Link {
    /// The task has not been made yet.
    Waiting,
    /// The task has not been made yet, and must be cancelled when it is.
    Cancelled,
    Task(RemoteTask),
}

/// Makes the task.
fn start<F>(
    body: F,
    link: &Mutex<Link>,
    made_at: &'static Location<'static>,
) -> Task<<F::Output as Output>::Ok>
where
    F: Future<Output: Output<Ok: 'static>> + 'static,
{
    let task = Task::of(TaskOf::spawn(&current::expect(), body, made_at));
    let before = std::mem::replace(&mut *lock(link), Link::Task(task.remote()));
    if let Link::Cancelled = before {
        task.cancel();
    }
    task
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> RemoteResult<T> {
    /// The result of the task that runs what `body` makes, and the call that makes that task, on the loop's thread.
    pub(super) fn of<F>(
        at: Where,
        body: impl FnOnce() -> F + Send + 'static,
        made_at: &'static Location<'static>,
    ) -> (Self, impl FnOnce() + Send + 'static)
    where
        F: Future<Output: Output<Ok = T>> + 'static,
        T: Send + 'static,
    {
        let (result, giver) = Self::new(at);
        let link = result.link.clone();
        let start = move || {
            let task = start(body(), &link, made_at);
            task.add_done_callback(move |task| giver.give(task.take()));
        };
        (result, start)
    }

    /// The same, for a body that gives its value itself, before its task has ended.
    pub(super) fn given<F>(
        at: Where,
        body: impl FnOnce(Giver<T>) -> F + Send + 'static,
        made_at: &'static Location<'static>,
    ) -> (Self, impl FnOnce() + Send + 'static)
    where
        F: Future<Output = ()> + 'static,
        T: Send + 'static,
    {
        let (result, giver) = Self::new(at);
        let link = result.link.clone();
        (result, move || drop(start(body(giver), &link, made_at)))
    }

    fn new(at: Where) -> (Self, Giver<T>) {
        let result = Self {
            handover: Arc::new(Mutex::new(Outcome::Pending)),
            wait: Arc::new(JobWait::new(at.inbox.clone())),
            link: Arc::new(Mutex::new(Link::Waiting)),
            at,
            not_sync: PhantomData,
        };
        let giver = Giver {
            handover: result.handover.clone(),
            wait: result.wait.clone(),
        };
        (result, giver)
    }

    /// Waits for the value. This blocks the thread.
    ///
    /// # Errors
    ///
    /// What the task ended with; [`Error::Runtime`] if the loop is gone, or if this is the loop's own thread, and the
    /// task has not ended: it never would.
    pub fn result(self) -> Result<T, Error> {
        if !self.is_on_loop() {
            self.wait.wait();
        }
        self.taken(OWN_THREAD)
    }

    /// Waits for the value, no longer than `limit`. Under [`testing::run`](crate::aio::testing::run()) the limit is one
    /// of virtual time, which goes on while a call of [`to_thread`](crate::aio::to_thread) waits here; a value that comes
    /// at its very end is in time.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`], or as for [`result`](Self::result). [`Error::InvalidState`] if the value was taken before.
    pub fn result_timeout(&self, limit: Duration) -> Result<T, Error> {
        if self.is_on_loop() {
            return self.taken(OWN_THREAD);
        }
        if !self.at.is_virtual {
            self.wait.wait_for(limit);
        } else if self.wait.wait_virtually(limit) {
            // Whatever has come since.
            return Err(Error::Timeout);
        }
        self.taken(Error::Timeout)
    }

    /// Whether this is the loop's own thread: a wait there would keep the task from its end.
    fn is_on_loop(&self) -> bool {
        thread::current().id() == self.at.thread
    }

    /// How the task ended; or why nothing is known of that: `still`, if it runs.
    fn taken(&self, still: Error) -> Result<T, Error> {
        // First: the loop puts the outcome there before the wait is over.
        let is_over = self.wait.is_over();
        match &mut *lock(&self.handover) {
            Outcome::Pending if is_over => Err(GONE),
            Outcome::Pending => Err(still),
            ended => ended.take(),
        }
    }

    /// Requests that the task be cancelled.
    pub fn cancel(&self) {
        if let Some(task) = self.cancel_or_find() {
            // This wakes the loop, which runs somebody else's code: the link is not locked here.
            task.cancel();
        }
    }

    /// The task, if there is one already; otherwise it will be cancelled once there is.
    fn cancel_or_find(&self) -> Option<RemoteTask> {
        let mut link = lock(&self.link);
        match &*link {
            Link::Task(task) => Some(task.clone()),
            Link::Waiting | Link::Cancelled => {
                *link = Link::Cancelled;
                None
            }
        }
    }
}

/// Waits for the value, in any runtime: in a task of tokio's, of another loop or of the same one, under `block_on` of
/// `futures`. Python: `asyncio.wrap_future`.
///
/// # Errors
///
/// As for [`result`](RemoteResult::result). It may be awaited on the loop's own thread.
///
/// # Cancellation
///
/// The task runs on, and its value is dropped; [`cancel`](RemoteResult::cancel) ends it.
impl<T> Future for RemoteResult<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.wait.poll(cx).map(|()| self.taken(GONE))
    }
}

// Nothing in it is pinned.
impl<T> Unpin for RemoteResult<T> {}

impl<T> Drop for RemoteResult<T> {
    fn drop(&mut self) {
        self.wait.leave();
    }
}

const OWN_THREAD: Error = Error::Runtime(
    "a wait on the event loop's own thread would never end: await a task instead (`create_task`)",
);

const GONE: Error = Error::Runtime("the event loop is gone");

debug!(impl[T] RemoteResult<T> { .. });

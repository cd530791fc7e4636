use crate::aio::core::output::output;
use std::future::Future;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::job_wait::JobWait;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::loop_core::Ready;
use crate::aio::core::handles::create_task::create_task;
use crate::aio::core::handles::remote_task::RemoteTask;
use crate::aio::core::output::Output;
use crate::debug::debug;

/// The loop, for other threads: what [`loop_handle`] gives. It is `Send` and `Sync`; a clone is a handle to
/// the same loop.
#[derive(Clone)]
pub struct LoopHandle {
    inbox: Arc<Inbox>,
    /// The loop's.
    thread: ThreadId,
}

/// The loop is gone: what it was asked to do was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event loop is gone")]
pub struct LoopGone;

/// A handle to the running loop, for other threads. Python: `asyncio.get_running_loop`.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// let sum = aio::run(async {
///     let handle = aio::loop_handle();
///     // A thread that has the loop do something, and waits for it.
///     aio::to_thread(move || {
///         let sum = handle.run_coroutine_threadsafe(|| async {
///             let (a, b) = aio::gather((async { 1_u8 }, async { 2_u8 })).await?;
///             aio::ok(a + b)
///         });
///         sum.result()
///     })
///     .await?
/// })?;
/// assert_eq!(sum, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn loop_handle() -> LoopHandle {
    LoopHandle {
        inbox: current::expect().inbox.clone(),
        thread: thread::current().id(),
    }
}

impl LoopHandle {
    /// Calls `call` on the loop's thread, in its next turn. Python: `loop.call_soon_threadsafe`.
    ///
    /// On the loop's own thread it keeps its order with [`call_soon`](crate::aio::call_soon).
    ///
    /// # Errors
    ///
    /// [`LoopGone`].
    pub fn call_soon_threadsafe(
        &self,
        call: impl FnOnce() + Send + 'static,
    ) -> Result<(), LoopGone> {
        // On the loop's own thread it goes to the queue at once, as CPython's does: what is asked for first is done first.
        if let Some(lp) = current::get().filter(|lp| Arc::ptr_eq(&lp.inbox, &self.inbox)) {
            lp.push(Ready::Call(Box::new(call)));
            return Ok(());
        }
        let call: Box<dyn FnOnce() + Send> = Box::new(call);
        self.inbox
            .push(Remote::Call(call))
            .map_err(|_call| LoopGone)
    }

    /// Calls `call` on the loop's thread, `delay` after the request has arrived there. Python: `call_later`
    /// by way of `call_soon_threadsafe`.
    ///
    /// # Errors
    ///
    /// [`LoopGone`].
    pub fn call_later_threadsafe(
        &self,
        delay: Duration,
        call: impl FnOnce() + Send + 'static,
    ) -> Result<(), LoopGone> {
        self.call_soon_threadsafe(move || {
            drop(crate::aio::core::runner::call_soon::call_later(delay, call));
        })
    }

    /// Runs the body that `body` makes as a task of the loop, and gives a handle to its value for this
    /// thread. Python: `asyncio.run_coroutine_threadsafe`.
    ///
    /// The body is made on the loop's thread, so it need not be `Send`.
    pub fn run_coroutine_threadsafe<F>(
        &self,
        body: impl FnOnce() -> F + Send + 'static,
    ) -> RemoteResult<<F::Output as Output>::Ok>
    where
        F: Future<Output: Output<Ok: Send>> + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let link = Arc::new(Mutex::new(Link::Waiting));
        let job_wait = Arc::new(JobWait::new(self.inbox.clone()));
        let start = {
            let (link, job_wait) = (link.clone(), job_wait.clone());
            move || start(body, sender, job_wait, &link)
        };
        // Without the loop the sender is dropped, and the result says so.
        let _gone = self.call_soon_threadsafe(start);
        RemoteResult {
            receiver,
            link,
            job_wait,
            thread: self.thread,
        }
    }
}

fn start<F>(
    body: impl FnOnce() -> F,
    sender: SyncSender<Result<<F::Output as Output>::Ok, Error>>,
    job_wait: Arc<JobWait>,
    link: &Mutex<Link>,
) where
    F: Future<Output: Output<Ok: Send>> + 'static,
{
    let task = create_task(body());
    task.add_done_callback(move |task| {
        job_wait.over();
        // Perhaps nobody wants to know.
        let _unwanted = sender.send(task.take());
    });
    let before = std::mem::replace(&mut *lock(link), Link::Task(task.remote()));
    if let Link::Cancelled = before {
        task.cancel();
    }
}

fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a [`RemoteResult`] can cancel.
enum Link {
    /// The task has not been made yet.
    Waiting,
    /// The task has not been made yet, and must be cancelled when it is.
    Cancelled,
    Task(RemoteTask),
}

/// The value of a task, for another thread: what [`LoopHandle::run_coroutine_threadsafe`] gives. Python:
/// `concurrent.futures.Future`.
#[must_use = "the task runs; ask for its value"]
pub struct RemoteResult<T> {
    receiver: Receiver<Result<T, Error>>,
    link: Arc<Mutex<Link>>,
    job_wait: Arc<JobWait>,
    /// The loop's.
    thread: ThreadId,
}

impl<T> RemoteResult<T> {
    /// Waits for the value. This blocks the thread.
    ///
    /// # Errors
    ///
    /// What the task ended with; [`Error::Runtime`] if the loop is gone, or if this is the loop's own thread, and the
    /// task has not ended: it never would.
    pub fn result(self) -> Result<T, Error> {
        if let Some(outcome) = self.without_waiting() {
            return outcome;
        }
        let outcome = self.job_wait.wait(|| self.receiver.recv());
        outcome.unwrap_or(Err(GONE))
    }

    /// Waits for the value, no longer than `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`], or as for [`result`](Self::result).
    pub fn result_timeout(&self, limit: Duration) -> Result<T, Error> {
        if let Some(outcome) = self.without_waiting() {
            return outcome;
        }
        match self.job_wait.wait(|| self.receiver.recv_timeout(limit)) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(Error::Timeout),
            Err(RecvTimeoutError::Disconnected) => Err(GONE),
        }
    }

    /// On the loop's own thread, what there is to say: a wait there would keep the task from its end.
    fn without_waiting(&self) -> Option<Result<T, Error>> {
        if thread::current().id() != self.thread {
            return None;
        }
        Some(match self.receiver.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => Err(OWN_THREAD),
            Err(TryRecvError::Disconnected) => Err(GONE),
        })
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

const OWN_THREAD: Error = Error::Runtime(
    "a wait on the event loop's own thread would never end: await a task instead (`create_task`)",
);

const GONE: Error = Error::Runtime("the event loop is gone");

debug!(LoopHandle { .. });

debug!(impl[T] RemoteResult<T> { .. });

output!(LoopHandle);

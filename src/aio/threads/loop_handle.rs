use crate::aio::core::output::output;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::remote_result::{Giver, RemoteResult, Where};
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::loop_core::Ready;
use crate::aio::core::output::Output;
use crate::debug::debug;

/// The loop, for other threads: what [`loop_handle`] gives. It is `Send` and `Sync`; a clone is a handle to
/// the same loop.
#[derive(Clone)]
pub struct LoopHandle {
    inbox: Arc<Inbox>,
    /// The loop's.
    thread: ThreadId,
    /// Whether its clock is that of [`testing`](crate::aio::testing).
    is_virtual: bool,
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
    let lp = current::expect();
    LoopHandle {
        inbox: lp.inbox.clone(),
        thread: thread::current().id(),
        is_virtual: lp.is_virtual(),
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
    #[track_caller]
    pub fn run_coroutine_threadsafe<F>(
        &self,
        body: impl FnOnce() -> F + Send + 'static,
    ) -> RemoteResult<<F::Output as Output>::Ok>
    where
        F: Future<Output: Output<Ok: Send>> + 'static,
    {
        let (result, start) = RemoteResult::of(self.place(), body, Location::caller());
        // Without the loop the call is dropped, and the result says so.
        let _gone = self.call_soon_threadsafe(start);
        result
    }

    /// The same, for a body that gives its value itself.
    pub(super) fn run_giving<T: Send + 'static, F>(
        &self,
        body: impl FnOnce(Giver<T>) -> F + Send + 'static,
        made_at: &'static Location<'static>,
    ) -> RemoteResult<T>
    where
        F: Future<Output = ()> + 'static,
    {
        let (result, start) = RemoteResult::given(self.place(), body, made_at);
        let _gone = self.call_soon_threadsafe(start);
        result
    }

    fn place(&self) -> Where {
        Where {
            inbox: self.inbox.clone(),
            thread: self.thread,
            is_virtual: self.is_virtual,
        }
    }

    /// Whether this is the loop's own thread.
    pub(super) fn is_here(&self) -> bool {
        thread::current().id() == self.thread
    }
}

debug!(LoopHandle { .. });

output!(LoopHandle);

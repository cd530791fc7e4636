//! asyncio's API on the engine of this crate: a loop, tasks that take turns on one thread, and cancels
//! that a body can catch and clean up after, with awaits.
//!
//! ```
//! use cogen::aio;
//! use std::time::Duration;
//!
//! let lines = aio::run(async {
//!     let fetch = |page: u64| async move {
//!         aio::sleep(Duration::from_millis(page)).await;
//!         format!("page {page}")
//!     };
//!     let pages = aio::gather((1..4).map(fetch).collect::<Vec<_>>()).limit(2);
//!     aio::timeout(Duration::from_secs(60), pages).await
//! })?;
//! assert_eq!(lines, ["page 1", "page 2", "page 3"]);
//! # Ok::<(), aio::Error>(())
//! ```
//!
//! The guide: [tasks](crate::guide::tasks), [cancellation](crate::guide::cancellation),
//! [synchronisation](crate::guide::synchronisation), [async generators](crate::guide::async_generators),
//! [context managers and decorators](crate::guide::context_managers), [blocking code](crate::guide::blocking),
//! [from asyncio](crate::guide::from_asyncio), [with tokio](crate::guide::with_tokio).
//!
//! # The nouns
//!
//! - The **loop** runs entries of a queue, first in, first out. [`run`], [`Runner`], [`EventLoop::run`]
//!   (under tokio) and [`testing::run`] (virtual time) make one, for a main body. The loop has no handle:
//!   functions such as [`create_task`] use the loop that runs on this thread, and panic if there is none.
//! - A **task** is a body that the loop steps. [`Task`] is the handle that has its value; it dereferences to
//!   [`TaskHandle`], which anybody may have. The loop keeps the task alive, so handles may be dropped.
//! - A **promise** ([`Promise`]) is a value that somebody will set.
//! - A **cancel** is thrown into a task where it is suspended. A task's own cancel raises, to the innermost
//!   scope ([`catch_cancelled`], [`finally`], [`timeout`], [`task_group`]), or ends the body; a cancel of
//!   another task is a value, [`Error::Cancelled`].
//! - An [`Output`] is what a body may return; awaiting its handle gives a `Result` with [`Error`], so that
//!   one `?` is enough.
//!
//! # From asyncio
//!
//! | asyncio | here |
//! |---|---|
//! | `run`, `Runner` | [`run`], [`EventLoop::run`], [`Runner`] |
//! | `create_task`, `ensure_future` | [`create_task`], [`ensure_future`] |
//! | `Task` | [`Task`], [`TaskHandle`]; for other threads [`RemoteTask`] |
//! | `current_task`, `all_tasks` | [`current_task`], [`all_tasks`] |
//! | `Future` | [`Promise`] |
//! | `sleep`, with a result, `loop.time` | [`sleep`], [`sleep_until`], [`sleep_with`], [`now`] |
//! | `gather`; with `return_exceptions` | [`gather()`]; [`gather_all`] |
//! | `wait` | [`wait()`], [`ReturnWhen`] |
//! | `as_completed` | [`as_completed()`] |
//! | `wait_for`, `timeout`, `timeout_at` | [`wait_for()`], [`timeout()`], [`timeout_with`], [`timeout_at`] |
//! | `shield` | [`shield()`] |
//! | `TaskGroup` | [`task_group`], [`TaskGroup`] |
//! | `call_soon`, `call_later`, `call_at`, `Handle` | [`call_soon`], [`call_later`], [`call_at`], [`Handle`] |
//! | `add_signal_handler`, `remove_signal_handler` | [`add_signal_handler`], [`remove_signal_handler`] |
//! | `except CancelledError`, `finally` | [`catch_cancelled`], [`finally`] |
//! | `except Exception`, `except BaseException` | [`catch_exception()`], [`catch()`] |
//! | `async def` with `yield`, `aclosing` | [`async_generator()`], [`aclosing`] |
//! | `async with`, `asynccontextmanager`, `AsyncExitStack` | [`AsyncContext`], [`context_manager`], [`exit_stack`] |
//! | `Lock`, `Semaphore`, `BoundedSemaphore` | [`Lock`], [`Semaphore`], [`BoundedSemaphore`] |
//! | `Event`, `Condition`, `Barrier` | [`Event`], [`Condition`], [`Barrier`] |
//! | `Queue`, `PriorityQueue`, `LifoQueue` | [`Queue`], [`PriorityQueue`], [`LifoQueue`] |
//! | `to_thread`, `run_in_executor` | [`to_thread`], [`run_in_executor`] |
//! | `run_coroutine_threadsafe`, `call_soon_threadsafe` | [`loop_handle`], [`LoopHandle`] |
//! | decorators of coroutines | [`decorators`] |
//! | `CancelledError`, other exceptions | [`Cancelled`], [`Error`] |
//!
//! # The order of turns
//!
//! 1. In a turn, what other threads brought and the timers that are due join the queue; then as many
//!    entries run as there are at that moment. What they make ready waits for the next turn.
//! 2. A new task starts in the next turn, in the order of creation. A task that was cancelled before that
//!    never runs.
//! 3. No callback, and no task, is run inside the call that made it ready: not by `set_result`, not
//!    by `cancel`, not by the end of a task.
//! 4. Tasks that wait for the same thing resume in the order of arrival, and callbacks take their place among
//!    them. A timer wakes its task one turn after it is due.
//! 5. Awaiting something that has ended does not suspend: other tasks get no turn, and a pending cancel is
//!    not delivered. A [`sleep`] always suspends, even for no time; so does [`wait()`].
//! 6. When main has ended, the turn goes on to its end. Then the remaining tasks are cancelled in the order
//!    of their creation, and awaited.
//!
//! # What is not here
//!
//! Everything runs on one thread: tasks need not be `Send`, and do not move. I/O is tokio's, or that of any
//! other crate whose futures use their waker. A body that blocks stops the loop.

mod async_generator;
mod context;
mod core;
pub mod decorators;
mod group;
mod queue;
mod scopes;
mod sync;
pub mod testing;
mod threads;
mod waits;

pub use self::async_generator::{
    AsyncCo, AsyncGenerator, AsyncItems, TryYield, Yield, async_generator,
};
pub use self::context::{
    AClosing, AsyncContext, AsyncExitStack, ClosingAfter, ContextManager, NullContext, Suppress,
    aclosing, closing, context_manager, exit_stack, nullcontext, suppress, suppress_if,
};
pub use self::core::awaiting::{Awaitable, Borrowed, Cloned, Owned, Source};
pub use self::core::cancelled::Cancelled;
pub use self::core::completion::CallbackId;
pub use self::core::deadlock::Deadlock;
pub use self::core::error::{Error, Group};
#[cfg(all(feature = "process", unix))]
pub(crate) use self::core::event_loop::at_work::AtWork;
#[cfg(all(feature = "process", unix))]
pub(crate) use self::core::foreign_waker::ForeignWaker;
pub use self::core::handles::create_task::{Task, create_task};
pub use self::core::handles::remote_task::RemoteTask;
pub use self::core::handles::task_handle::{all_tasks, current_task};
pub use self::core::output::{Output, ok, output};
pub use self::core::panicked::Panicked;
pub use self::core::raw::handle::TaskHandle;
pub use self::core::runner::call_soon::{Handle, call_at, call_later, call_soon};
pub use self::core::runner::run::{EventLoop, RunOptions, Runner, run};
#[cfg(feature = "tracing")]
pub use self::core::runner::set_slow_step::set_slow_step;
pub use self::core::runner::signal::{Signal, add_signal_handler, remove_signal_handler};
pub use self::group::{TaskGroup, task_group};
pub use self::queue::{LifoQueue, PriorityQueue, PutError, Queue, QueueError};
pub use self::scopes::catch::{Catch, catch};
pub use self::scopes::catch_cancelled::{CatchCancelled, catch_cancelled};
pub use self::scopes::catch_exception::{CatchException, catch_exception};
pub use self::scopes::finally::{Finally, finally};
pub use self::scopes::raise::Raise;
pub use self::scopes::try_finally::{TryFinally, try_finally};
pub use self::sync::{
    Barrier, BoundedSemaphore, BrokenBarrier, Condition, Event, Lock, LockGuard, Permit, Semaphore,
};
pub use self::threads::{
    Executor, InThread, LoopGone, LoopHandle, RemoteQueue, RemoteResult, loop_handle,
    run_in_executor, to_thread,
};
pub use self::waits::as_completed::{AsCompleted, as_completed};
pub use self::waits::child::{Child, ensure_future};
pub use self::waits::children::{Children, ClonedSources, Sources};
pub use self::waits::gather::{Each, Gather, GatherAll, gather, gather_all};
pub use self::waits::promise::Promise;
pub use self::waits::shield::{Shield, shield};
pub use self::waits::sleep::{Sleep, now, sleep, sleep_until};
pub use self::waits::sleep_with::{SleepWith, sleep_with};
pub use self::waits::timeout::Timeout;
pub use self::waits::timeout::timing::{TimeoutFuture, timeout};
pub use self::waits::timeout::timing_with::{timeout_at, timeout_with};
pub use self::waits::wait::{ReturnWhen, Wait, wait};
pub use self::waits::wait_for::{WaitFor, wait_for};

use std::cell::Cell;
use std::fmt;
use std::future::IntoFuture;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::awaiting::expect_current;
use super::completion::Observer;
use super::event_loop::core::{LoopCore, Ready};
use super::event_loop::timers::{Due, TimerId};
use super::scope::catch_cancelled;
use super::task::AnyTask;
use super::{Error, Output};

/// The deadline of a block: what [`timeout_with`] and [`timeout_at`] give to it. A clone is the same.
/// Python: `asyncio.Timeout`.
#[derive(Clone)]
pub struct Timeout {
    core: Rc<TimeoutCore>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Entered,
    /// The deadline has come, and the task was cancelled; the block has not ended.
    Expiring,
    Expired,
    Exited,
}

struct TimeoutCore {
    task: AnyTask,
    /// The task's requests when the block was entered.
    cancelling: u32,
    state: Cell<State>,
    when: Cell<Option<u64>>,
    timer: Cell<Option<TimerId>>,
    /// Tells which deadline it is that comes.
    version: Cell<u32>,
}

impl Observer for TimeoutCore {
    fn notified(self: Rc<Self>, version: u32) {
        if version == self.version.get() && self.state.get() == State::Entered {
            self.timer.set(None);
            self.state.set(State::Expiring);
            self.task.cancel(None);
        }
    }
}

impl TimeoutCore {
    fn set(self: &Rc<Self>, lp: &LoopCore, when: Option<u64>) {
        self.stop(lp);
        self.when.set(when);
        let version = self.version.get();
        match when {
            None => {}
            Some(when) if when <= lp.now() => lp.push(Ready::Notify(self.clone(), version)),
            Some(when) => {
                let due = Due::Notify(self.clone(), version);
                self.timer.set(Some(lp.set_timer(when, due)));
            }
        }
    }

    fn stop(&self, lp: &LoopCore) {
        self.version.set(self.version.get().wrapping_add(1));
        if let Some(timer) = self.timer.take() {
            drop(lp.cancel_timer(timer));
        }
    }

    /// The block has ended. Whether the cancel that it may have ended with is this deadline's.
    fn exit(&self) -> bool {
        if let Some(lp) = self.task.core().completion.lp() {
            self.stop(&lp);
        }
        match self.state.get() {
            State::Expiring => {
                self.state.set(State::Expired);
                self.task.core().uncancel() <= self.cancelling
            }
            State::Entered => {
                self.state.set(State::Exited);
                false
            }
            State::Expired | State::Exited => false,
        }
    }
}

impl Timeout {
    /// The deadline; `None`: there is none.
    pub fn when(&self) -> Option<Instant> {
        let lp = self.core.task.core().completion.lp()?;
        self.core.when.get().map(|when| lp.instant(when))
    }

    /// Sets another deadline, or none. One that has passed comes in the next turn.
    ///
    /// It does nothing after the deadline has come, or after the block.
    pub fn reschedule(&self, when: impl Into<Option<Instant>>) {
        let Some(lp) = self.core.task.core().completion.lp() else {
            return;
        };
        if self.core.state.get() == State::Entered {
            let when = when.into().map(|when| lp.nanos(when));
            self.core.set(&lp, when);
        }
    }

    /// Whether the deadline has come in time to cancel the block.
    pub fn expired(&self) -> bool {
        matches!(self.core.state.get(), State::Expiring | State::Expired)
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("when", &self.when())
            .field("expired", &self.expired())
            .finish()
    }
}

/// Leaves the block, also when it is dropped.
struct Block(Timeout);

impl Drop for Block {
    fn drop(&mut self) {
        self.0.core.exit();
    }
}

/// Runs `body` for at most `delay`. Python: `async with asyncio.timeout(delay)`.
///
/// When the time is up, the task that runs this is cancelled; if that cancel leaves `body`, it becomes
/// [`Error::Timeout`]. Clean-up in `body` runs and is awaited; a `body` that swallows the cancel has
/// its value returned. A cancel from outside wins. `None`: no deadline.
///
/// `body` runs in the calling task, and may borrow. ([`wait_for`](super::wait_for) takes tasks.)
///
/// Equivalent to: `async fn timeout(delay, body) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Timeout`], or what `body` returned.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Cancellation
///
/// A cancel goes into `body`.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     let late = aio::timeout(second, aio::sleep(2 * second)).await;
///     assert!(late.unwrap_err().is_timeout());
///     assert!(aio::timeout(3 * second, aio::sleep(2 * second)).await.is_ok());
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn timeout<F>(
    delay: impl Into<Option<Duration>>,
    body: F,
) -> Result<<F::Output as Output>::Ok, Error>
where
    F: IntoFuture<Output: Output>,
{
    let body = body.into_future();
    run(delay.into().map(Limit::After), async move |_| body.await).await
}

/// Runs `body` for at most `delay`, with a handle to change that. As [`timeout`].
///
/// # Errors
///
/// As [`timeout`].
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     aio::timeout_with(second, async |timeout| {
///         timeout.reschedule(aio::now() + 3 * second);
///         aio::sleep(2 * second).await;
///     })
///     .await
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn timeout_with<R: Output>(
    delay: impl Into<Option<Duration>>,
    body: impl AsyncFnOnce(Timeout) -> R,
) -> Result<R::Ok, Error> {
    run(delay.into().map(Limit::After), body).await
}

/// Runs `body` until `when` at most. As [`timeout_with`]. Python: `async with
/// asyncio.timeout_at(when)`.
///
/// # Errors
///
/// As [`timeout`].
///
/// # Panics
///
/// If it is awaited outside a task.
pub async fn timeout_at<R: Output>(
    when: impl Into<Option<Instant>>,
    body: impl AsyncFnOnce(Timeout) -> R,
) -> Result<R::Ok, Error> {
    run(when.into().map(Limit::At), body).await
}

enum Limit {
    After(Duration),
    At(Instant),
}

async fn run<R: Output>(
    limit: Option<Limit>,
    body: impl AsyncFnOnce(Timeout) -> R,
) -> Result<R::Ok, Error> {
    let block = enter(limit);
    let ended = catch_cancelled(body(block.0.clone())).await;
    let timed_out = block.0.core.exit();
    match ended.map(Output::into_result) {
        Ok(Err(Error::Cancelled(_))) | Err(_) if timed_out => Err(Error::Timeout),
        Ok(outcome) => outcome,
        Err(cancelled) => cancelled.raise().await,
    }
}

#[track_caller]
fn enter(limit: Option<Limit>) -> Block {
    let (lp, task) = expect_current();
    let when = limit.map(|limit| match limit {
        Limit::After(delay) => lp.after(delay),
        Limit::At(when) => lp.nanos(when),
    });
    let core = Rc::new(TimeoutCore {
        cancelling: task.core().cancelling(),
        task,
        state: Cell::new(State::Entered),
        when: Cell::new(None),
        timer: Cell::new(None),
        version: Cell::new(0),
    });
    core.set(&lp, when);
    Block(Timeout { core })
}

use std::fmt;
use std::future::Future;

use super::super::{Error, Output};
use super::clock::Clock;
use super::running::Running;

/// Runs `main` as a task on a loop of its own, and gives its value or error. Python: `asyncio.run`.
///
/// It blocks the thread, and drives tokio's timers (and I/O, if tokio has it) meanwhile. In a program
/// that runs tokio already, await [`EventLoop::run`].
///
/// When `main` has ended, tasks that have not are cancelled and awaited, and errors that nobody looked
/// at are reported.
///
/// # Errors
///
/// What `main` returned; [`Error::Cancelled`] if it was cancelled; [`Error::Panicked`] if it panicked;
/// [`Error::Runtime`] if a loop or a tokio runtime runs on this thread already, or if tokio's runtime
/// cannot be made.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// let sum = aio::run(async {
///     let (a, b) = aio::gather((async { 1_u8 }, async { 2_u8 })).await?;
///     aio::ok(a + b)
/// })?;
/// assert_eq!(sum, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run<F>(main: F) -> Result<<F::Output as Output>::Ok, Error>
where
    F: Future<Output: Output<Ok: 'static>>,
{
    Runner::new()?.run(main)
}

/// The loop in a program that runs tokio.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventLoop;

impl EventLoop {
    /// Runs `main` as a task on a loop of its own, as [`run`] does, without blocking the thread.
    ///
    /// # Errors
    ///
    /// As [`run`].
    ///
    /// # Panics
    ///
    /// If a timer is set where tokio has none.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops every task: clean-up that awaits does not run.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio::{self, EventLoop};
    /// use std::time::Duration;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let answer = EventLoop::run(async {
    ///         aio::sleep(Duration::from_millis(1)).await;
    ///         42_u8
    ///     });
    ///     assert_eq!(answer.await?, 42);
    ///     Ok(())
    /// }
    /// ```
    pub async fn run<F>(main: F) -> Result<<F::Output as Output>::Ok, Error>
    where
        F: Future<Output: Output<Ok: 'static>>,
    {
        // The loop shares its polls out itself.
        tokio::task::unconstrained(Running::fresh(Clock::real(), main)).await
    }
}

/// Runs several main bodies, one after the other, on one tokio runtime. Python: `asyncio.Runner`.
///
/// # Examples
///
/// ```
/// use cogen::aio::Runner;
///
/// let mut runner = Runner::new()?;
/// assert_eq!(runner.run(async { 1_u8 })?, 1);
/// assert_eq!(runner.run(async { 2_u8 })?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runner {
    runtime: tokio::runtime::Runtime,
}

impl Runner {
    /// A runner with a tokio runtime for this thread.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] on a thread that a tokio runtime drives; the system's error if the runtime
    /// cannot be made.
    pub fn new() -> Result<Self, Error> {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(Error::Runtime(
                "a tokio runtime drives this thread already: await `EventLoop::run` instead",
            ));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self { runtime })
    }

    /// Runs `main` as [`run`](run()) does.
    ///
    /// # Errors
    ///
    /// As [`run`](run()).
    pub fn run<F>(&mut self, main: F) -> Result<<F::Output as Output>::Ok, Error>
    where
        F: Future<Output: Output<Ok: 'static>>,
    {
        self.runtime.block_on(EventLoop::run(main))
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

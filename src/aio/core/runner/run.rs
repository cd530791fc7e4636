use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::consume_budget;

#[cfg(unix)]
use super::interrupt::Interrupt;
use super::running::Running;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::clock::Clock;
use crate::aio::core::event_loop::current::{self, ENDING, NESTED};
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::output::Output;
use crate::debug::debug;

/// Runs `main` as a task on a loop of its own, and gives its value or error. Python: `asyncio.run`.
///
/// It blocks the thread, and drives tokio's timers (and I/O, if tokio has it) meanwhile. In a program that
/// already runs tokio, await [`EventLoop::run`].
///
/// When `main` has ended, the tasks that have not are cancelled and awaited, and errors that nobody looked at
/// are reported. So are the calls of [`to_thread`](crate::aio::to_thread()). Other blocking calls on tokio's threads
/// (`spawn_blocking`, its files and its stdin) have a second to end, and are left behind then.
///
/// On Unix the first ctrl-c cancels `main`, which may clean up; the second one kills the process. (The first
/// loop that runs like this starts a thread that waits for the signal.) If loops run on several threads, it goes to the
/// one of the program's main thread, else to the one that began last. A program that handles ctrl-c itself says so by
/// [`add_signal_handler`](crate::aio::add_signal_handler) or [`RunOptions::ctrl_c`].
///
/// Sync code inside a loop may run one of its own on another thread: `to_thread(|| aio::run(…)).await`.
///
/// # Errors
///
/// What `main` returned; [`Error::Cancelled`] if it was cancelled, [`Error::Interrupted`] if that was
/// by ctrl-c and by nothing else; [`Error::Panicked`] if it panicked;
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
#[track_caller]
pub fn run<F>(main: F) -> Result<<F::Output as Output>::Ok, Error>
where
    F: Future<Output: Output<Ok: 'static>>,
{
    RunOptions::new().run(main)
}

/// How a loop is run: [`run`] and [`Runner::new`] with other settings.
///
/// # Examples
///
/// A program that handles ctrl-c itself, by tokio's `signal` or a crate like it:
///
/// ```
/// use cogen::aio::RunOptions;
///
/// let answer = RunOptions::new().ctrl_c(false).run(async { 42_u8 })?;
/// assert_eq!(answer, 42);
/// # Ok::<(), cogen::aio::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options change nothing by themselves"]
pub struct RunOptions {
    ctrl_c: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { ctrl_c: true }
    }
}

impl RunOptions {
    /// The settings of [`run`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether ctrl-c cancels the main task, as it does by default. Without that it does what it does elsewhere in the
    /// program. ([`add_signal_handler`](crate::aio::add_signal_handler) needs no such switch: while a handler is
    /// set, ctrl-c goes to it.)
    pub fn ctrl_c(mut self, cancels: bool) -> Self {
        self.ctrl_c = cancels;
        self
    }

    /// As [`run`].
    ///
    /// # Errors
    ///
    /// As for [`run`].
    #[track_caller]
    pub fn run<F>(&self, main: F) -> Result<<F::Output as Output>::Ok, Error>
    where
        F: Future<Output: Output<Ok: 'static>>,
    {
        let main = Box::pin(main);
        let runtime = OwnRuntime::new()?;
        let running = Running::fresh(Clock::real(), main, Location::caller());
        drive(&runtime, running, self)
    }

    /// As [`Runner::new`].
    ///
    /// # Errors
    ///
    /// As for [`Runner::new`].
    pub fn runner(self) -> Result<Runner, Error> {
        let runtime = OwnRuntime::new()?;
        let lp = {
            // The loop's clock is the runtime's.
            let _entered = runtime.enter();
            LoopCore::new(Clock::real())
        };
        Ok(Runner {
            runtime,
            lp,
            options: self,
        })
    }
}

/// A tokio runtime for this thread.
struct OwnRuntime(Option<Runtime>);

/// How long the end of a runtime waits for threads of tokio's. One that reads the standard input may never end.
const GRACE: Duration = Duration::from_secs(1);

impl OwnRuntime {
    fn new() -> Result<Self, Error> {
        expect_free_thread()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self(Some(runtime)))
    }
}

impl Deref for OwnRuntime {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        match &self.0 {
            Some(runtime) => runtime,
            None => unreachable!("it is there until the drop"),
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        let Some(runtime) = self.0.take() else { return };
        if Handle::try_current().is_ok_and(|handle| is_polled() || !may_block(&handle)) {
            // Waiting for its threads is not allowed here.
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(GRACE);
        }
    }
}

fn expect_free_thread() -> Result<(), Error> {
    match Handle::try_current() {
        Ok(_) if current::get().is_some() => Err(NESTED),
        // So it is on the threads of `to_thread` and `spawn_blocking`, too, which nothing drives.
        Ok(handle) if is_polled() || !may_block(&handle) => Err(DRIVEN),
        Err(error) if error.is_thread_local_destroyed() => Err(ENDING),
        _ => Ok(()),
    }
}

/// Whether this is inside a poll by tokio: that has a budget, which comes to its end. (It is used up where the run is
/// refused; then the poll yields soon.) Tokio says it in no other way than by a panic, whose message would be printed.
fn is_polled() -> bool {
    /// More than any budget.
    const MANY: usize = 512;
    let mut cx = Context::from_waker(Waker::noop());
    (0..MANY).any(|_| pin!(consume_budget()).poll(&mut cx).is_pending())
}

/// Whether a runtime can run here. Inside a poll without a budget, none can, as tokio says by a panic.
fn may_block(handle: &Handle) -> bool {
    catch_unwind(AssertUnwindSafe(|| handle.block_on(async {}))).is_ok()
}

const DRIVEN: Error = Error::Runtime(
    "a tokio runtime drives this thread already: await `EventLoop::run`, or call this in `spawn_blocking`",
);

/// Runs a loop to its end.
#[cfg_attr(not(unix), allow(unused_variables, reason = "ctrl-c is for Unix"))]
fn drive<T: 'static>(
    runtime: &Runtime,
    running: Running<'_, T>,
    options: &RunOptions,
) -> Result<T, Error> {
    // It must outlive the run: its drop gives ctrl-c back to what it did before.
    #[cfg(unix)]
    let interrupt = if options.ctrl_c {
        let (main, inbox) = running.main();
        Interrupt::cancels(main, inbox)
    } else {
        None
    };
    let outcome = runtime.block_on(running);
    #[cfg(unix)]
    if let (Err(Error::Cancelled(_)), Some(interrupt)) = (&outcome, interrupt) {
        if interrupt.happened() {
            return Err(Error::Interrupted);
        }
    }
    outcome
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
    /// As for [`run`].
    ///
    /// # Panics
    ///
    /// If a timer is set where there are no tokio timers; the message names the caller's location.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops every task: clean-up that awaits does not run.
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
    #[track_caller]
    pub fn run<F>(main: F) -> impl Future<Output = Result<<F::Output as Output>::Ok, Error>>
    where
        F: Future<Output: Output<Ok: 'static>>,
    {
        let (main, at) = (Box::pin(main), Location::caller());
        async move { Running::fresh(Clock::real(), main, at).await }
    }
}

/// Runs several main bodies, one after the other, on one loop. Python: `asyncio.Runner`.
///
/// Tasks that a main body leaves behind continue when the next one runs; between runs nothing happens.
/// [`close`](Self::close), or the drop, cancels and awaits what is left. Each main body is a task of its own,
/// and may borrow.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Runner};
///
/// let mut runner = Runner::new()?;
/// let task = runner.run(async { aio::ok(aio::create_task(async { 2_u8 })) })?;
/// assert_eq!(runner.run(task)?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runner {
    runtime: OwnRuntime,
    lp: Rc<LoopCore>,
    options: RunOptions,
}

impl Runner {
    /// A runner with a tokio runtime for this thread.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] on a thread that a tokio runtime drives; the system's error if the runtime
    /// cannot be made.
    pub fn new() -> Result<Self, Error> {
        RunOptions::new().runner()
    }

    /// Runs `main` as [`run`](run()) does, but leaves the other tasks as they are.
    ///
    /// # Errors
    ///
    /// As for [`run`](run()). [`Error::Runtime`] if a panic escaped from an earlier run: the loop is gone
    /// then.
    #[track_caller]
    pub fn run<F>(&mut self, main: F) -> Result<<F::Output as Output>::Ok, Error>
    where
        F: IntoFuture<Output: Output<Ok: 'static>>,
    {
        let main = Box::pin(main.into_future());
        let runtime = self.runtime()?;
        let running = Running::new(self.lp.clone(), main, Location::caller()).keep();
        drive(runtime, running, &self.options)
    }

    /// Cancels and awaits the tasks that are left.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if a loop runs on this thread.
    pub fn close(self) -> Result<(), Error> {
        self.finish()
    }

    fn finish(&self) -> Result<(), Error> {
        if self.lp.tasks.len() == 0 {
            return Ok(());
        }
        // A main task that ends at once, in a run that keeps nothing: its end is that of what is left.
        drive(
            self.runtime()?,
            Running::new(self.lp.clone(), Box::pin(async {}), Location::caller()),
            &self.options,
        )
    }

    /// The runtime, if a loop can run on it here.
    fn runtime(&self) -> Result<&Runtime, Error> {
        expect_free_thread()?;
        // A panic that unwound through a run has dropped its future, which has closed the loop.
        if self.lp.inbox.is_closed() {
            return Err(Error::Runtime("the runner's event loop is gone"));
        }
        Ok(&self.runtime)
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Without a loop to run on, the tasks are dropped.
        let _closed = self.finish();
        self.lp.clear();
    }
}

debug!(self: Runner { tasks: self.lp.tasks.len(), .. });

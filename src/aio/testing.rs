//! Virtual time: tests of code that waits, without waiting.
//!
//! [`run`] runs a body as [`aio::run`](crate::aio::run()) does, on a clock that stands still while anything
//! runs, and jumps to the next deadline when nothing does. A test of an hour takes no time, and gives
//! the same order each time. [`Recorder`] notes what happened when. Python has no such thing in its
//! library; trio's `autojump_clock` is one.
//!
//! ```
//! use cogen::aio::{self, testing};
//! use std::time::Duration;
//!
//! let log = testing::Recorder::new();
//! testing::run(async {
//!     let task = aio::create_task({
//!         let log = log.clone();
//!         async move {
//!             aio::sleep(Duration::from_secs(3600)).await;
//!             log.emit("task");
//!         }
//!     });
//!     log.emit("main");
//!     task.await
//! })?;
//! assert_eq!(
//!     log.events(),
//!     [(Duration::ZERO, "main"), (Duration::from_secs(3600), "task")]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cell::RefCell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::aio::core::error::Error;
use crate::aio::core::event_loop::clock::Clock;
use crate::aio::core::event_loop::current;
use crate::aio::core::output::Output;
use crate::aio::core::runner::running::Running;
use crate::debug::debug;

/// Runs `main` on a loop of its own with a virtual clock, and gives its value or error.
///
/// There is no tokio runtime: anything that needs one (sockets, tokio's timers) panics, as it does anywhere
/// without one.
///
/// # Errors
///
/// As for [`aio::run`](crate::aio::run()); and [`Error::Deadlock`] if every task waits, no timer is set, and no
/// other thread is at work for the loop. It names the tasks, and the places in the source where they wait.
#[track_caller]
pub fn run<F>(main: F) -> Result<<F::Output as Output>::Ok, Error>
where
    F: Future<Output: Output<Ok: 'static>>,
{
    let mut running = Running::fresh(Clock::fake(), Box::pin(main), Location::caller());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(outcome) = Pin::new(&mut running).poll(&mut cx) {
            return outcome;
        }
        thread::park();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The time since the start of the running loop.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn elapsed() -> Duration {
    Duration::from_nanos(current::expect().now())
}

/// Counts what is left in the running loop, for tests that check that nothing is.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn census() -> Census {
    let lp = current::expect();
    Census {
        tasks: lp.tasks.len(),
        timers: lp.timers(),
    }
}

/// How much there is in a loop. [`census`] gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Census {
    /// Tasks that have not ended, the running one among them.
    pub tasks: usize,
    /// Timers that are set.
    pub timers: usize,
}

/// Notes events with their times. A clone notes into the same list.
pub struct Recorder<T> {
    events: Rc<RefCell<Vec<(Duration, T)>>>,
}

impl<T> Recorder<T> {
    /// An empty recorder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes `event`, now.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    #[track_caller]
    pub fn emit(&self, event: T) {
        let at = elapsed();
        self.events.borrow_mut().push((at, event));
    }

    /// What was noted since the last call.
    pub fn events(&self) -> Vec<(Duration, T)> {
        self.events.take()
    }
}

impl<T> Default for Recorder<T> {
    fn default() -> Self {
        Self {
            events: Rc::default(),
        }
    }
}

impl<T> Clone for Recorder<T> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
        }
    }
}

// Not the events: their `Debug` may use the recorder.
debug!(impl[T] self: Recorder<T> { events: self.events.borrow().len() });

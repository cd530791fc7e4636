use std::cell::Cell;
use std::collections::HashSet;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::latch::{Latch, LatchWait};
use crate::aio::core::awaiting::{Awaitable, Ending, FOREIGN};
use crate::aio::core::completion::{Callback, CallbackId};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore};
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::event_loop::timers::TimerId;
use crate::debug::debug;

/// When [`wait`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnWhen {
    /// One has ended. Python: `FIRST_COMPLETED`.
    FirstCompleted,
    /// One has ended with an error, or all have ended. A cancelled one does not count as an error. Python:
    /// `FIRST_EXCEPTION`.
    FirstException,
    /// All have ended. Python: `ALL_COMPLETED`.
    AllCompleted,
}

/// A wait for several things: what [`wait`] gives.
#[must_use = "a future does nothing until it is awaited"]
pub struct Wait<A> {
    items: Vec<A>,
    when: ReturnWhen,
    timeout: Option<Duration>,
    at: &'static Location<'static>,
    started: Option<Started>,
}

struct Started {
    watch: Rc<Watch>,
    callbacks: Vec<CallbackId>,
    timer: Option<(TimerId, Weak<LoopCore>)>,
    latch: LatchWait,
}

struct Watch {
    endings: Vec<Ending>,
    left: Cell<usize>,
    when: ReturnWhen,
    latch: Rc<Latch>,
}

/// The index that stands for the timeout.
const TIMEOUT: u32 = u32::MAX;

impl Observer for Watch {
    fn notified(self: Rc<Self>, index: u32) {
        if index == TIMEOUT {
            return self.latch.set();
        }
        self.left.set(self.left.get() - 1);
        let enough = self.left.get() == 0
            || match self.when {
                ReturnWhen::FirstCompleted => true,
                ReturnWhen::FirstException => {
                    let outcome = self.endings[index as usize].0.outcome();
                    outcome.is_some_and(|end| end.is_err_and(|error| !error.is_cancel()))
                }
                ReturnWhen::AllCompleted => false,
            };
        if enough {
            self.latch.set();
        }
    }
}

/// Waits for several tasks or promises, and gives those that have ended and those that have not, each
/// in the order given. One that is given several times is waited for, and given back, once. Python: `asyncio.wait`.
///
/// It cancels nothing, neither when its time is up ([`Wait::timeout`]) nor when its caller is cancelled; what
/// ended with an error is among those that have ended.
///
/// # Errors
///
/// [`Error::Value`] if there is nothing to wait for, [`Error::Runtime`] if something is still to end in another loop.
///
/// # Panics
///
/// If it is awaited outside a task; the message names the caller's location.
///
/// # Cancellation
///
/// The wait ends at once. What it waits for runs on.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, ReturnWhen};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let tasks = [1, 2, 3].map(|n| {
///         aio::create_task(async move {
///             aio::sleep(Duration::from_secs(n)).await;
///             n
///         })
///     });
///     let (done, pending) = aio::wait(tasks, ReturnWhen::FirstCompleted).await?;
///     assert_eq!((done.len(), pending.len()), (1, 2));
///     assert_eq!(done[0].result()?, 1);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn wait<A: Awaitable>(items: impl IntoIterator<Item = A>, when: ReturnWhen) -> Wait<A> {
    let mut known = HashSet::new();
    let mut is_new = |item: &A| known.insert(item.awaited().0.address());
    Wait {
        items: items.into_iter().filter(&mut is_new).collect(),
        when,
        timeout: None,
        at: Location::caller(),
        started: None,
    }
}

impl<A: Awaitable> Wait<A> {
    /// Waits no longer than this. Running out of time is not an error.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    fn start(&self, lp: &Rc<LoopCore>) -> Started {
        let latch = Rc::new(Latch::default());
        let watch = Rc::new(Watch {
            endings: self.items.iter().map(Awaitable::awaited).collect(),
            left: Cell::new(self.items.len()),
            when: self.when,
            latch: latch.clone(),
        });
        let timer = self.timeout.map(|timeout| {
            let due = Due::Notify(watch.clone(), TIMEOUT);
            (lp.set_timer(lp.after(timeout), due), Rc::downgrade(lp))
        });
        let add = |(index, ending): (u32, &Ending)| {
            let callback = Callback::Notify(watch.clone(), index);
            ending.0.completion().add(callback)
        };
        let callbacks = (0..).zip(&watch.endings).map(add).collect();
        Started {
            watch,
            callbacks,
            timer,
            latch: LatchWait::new(latch, self.at),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        for (ending, id) in self.watch.endings.iter().zip(&self.callbacks) {
            ending.0.completion().remove(*id);
        }
        if let Some((timer, lp)) = &self.timer {
            if let Some(lp) = lp.upgrade() {
                drop(lp.cancel_timer(*timer));
            }
        }
    }
}

// Nothing in it is pinned.
impl<A> Unpin for Wait<A> {}

impl<A: Awaitable> Future for Wait<A> {
    type Output = Result<(Vec<A>, Vec<A>), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.items.is_empty() {
            return Poll::Ready(Err(Error::Value("there is nothing to wait for")));
        }
        if this.started.is_none() {
            crate::aio::core::awaiting::expect_task(this.at);
            let lp = current::expect();
            let is_foreign = |item: &A| item.awaited().0.completion().is_foreign_to(&lp);
            if this.items.iter().any(is_foreign) {
                return Poll::Ready(Err(FOREIGN));
            }
            this.started = Some(this.start(&lp));
        }
        let Some(started) = &mut this.started else {
            return Poll::Pending;
        };
        ready!(Pin::new(&mut started.latch).poll(cx));
        let is_done = |ending: &Ending| ending.0.completion().done();
        let done: Vec<bool> = started.watch.endings.iter().map(is_done).collect();
        this.started = None;
        let (mut ended, mut pending) = (Vec::new(), Vec::new());
        for (item, done) in std::mem::take(&mut this.items).into_iter().zip(done) {
            if done {
                ended.push(item);
            } else {
                pending.push(item);
            }
        }
        Poll::Ready(Ok((ended, pending)))
    }
}

debug!(impl[A] self: Wait<A> { items: self.items.len(), when: self.when, .. });

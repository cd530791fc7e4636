//! Calls that a loop makes in the next turn, or later.
//!
//! 1. `call` is taken once, by the loop that makes the call or by whoever cancels it.
//! 2. `timer` is set once the timer is, and cleared by the call or the cancel. The loop holds the cell through the
//!    timer, so the cell knows the loop weakly.
//! 3. `cancelled` is set by a cancel, also after the call, and never cleared, as asyncio's is.

use std::cell::Cell;
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::{LoopCore, Ready};
use crate::aio::core::event_loop::timers::{Due, TimerId};

/// A call that is to come. [`call_soon`], [`call_later`] and [`call_at`] give it. Python:
/// `asyncio.Handle`, `asyncio.TimerHandle`.
///
/// Dropping it changes nothing.
#[derive(Clone)]
pub struct Handle {
    cell: Rc<HandleCell>,
}

pub(in crate::aio) struct HandleCell {
    call: Cell<Option<Box<dyn FnOnce()>>>,
    cancelled: Cell<bool>,
    when: Option<Instant>,
    /// The timer, and its loop.
    timer: Cell<Option<(TimerId, Weak<LoopCore>)>>,
}

impl HandleCell {
    /// The call, if nobody cancelled it.
    pub(in crate::aio) fn take(&self) -> Option<Box<dyn FnOnce()>> {
        self.timer.set(None);
        self.call.take()
    }
}

impl Handle {
    fn new(call: impl FnOnce() + 'static, when: Option<Instant>) -> Self {
        let call: Box<dyn FnOnce()> = Box::new(call);
        Self {
            cell: Rc::new(HandleCell {
                call: Cell::new(Some(call)),
                cancelled: Cell::new(false),
                when,
                timer: Cell::new(None),
            }),
        }
    }

    /// Cancels the call, if it has not been made; what it holds is dropped at once.
    pub fn cancel(&self) {
        self.cell.cancelled.set(true);
        let call = self.cell.call.take();
        if let Some((timer, lp)) = self.cell.timer.take() {
            if let Some(lp) = lp.upgrade() {
                // A timer that has fired is not found. The entry of a call without a timer stays, and finds no call.
                drop(lp.cancel_timer(timer));
            }
        }
        // Last: what the closure holds may be the user's, and finds the call cancelled.
        drop(call);
    }

    /// Whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.cell.cancelled.get()
    }

    /// When the call is due; `None` for one of [`call_soon`].
    pub fn when(&self) -> Option<Instant> {
        self.cell.when
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("when", &self.cell.when)
            .field("cancelled", &self.cell.cancelled.get())
            .finish_non_exhaustive()
    }
}

/// Calls `call` in the next turn of the loop; first come, first served. Python: `loop.call_soon`.
///
/// A panic in `call` is reported, and stops nothing.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn call_soon(call: impl FnOnce() + 'static) -> Handle {
    let lp = current::expect();
    let handle = Handle::new(call, None);
    lp.push(Ready::Handle(handle.cell.clone()));
    handle
}

/// Calls `call` after `delay`. Python: `loop.call_later`.
///
/// A delay that ends beyond the loop's range (584 years) is cut to it. When the loop ends, calls that are
/// still to come are dropped. Calls that are due at the same time are made in the order in which they were
/// asked for.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Promise, testing};
/// use std::time::Duration;
///
/// testing::run(async {
///     let second = Duration::from_secs(1);
///     let rung = Promise::new();
///     let bell = rung.clone();
///     let handle = aio::call_later(5 * second, move || drop(bell.set_result("rung")));
///     assert_eq!(handle.when(), Some(aio::now() + 5 * second));
///     let never = aio::call_later(second, || unreachable!("it is cancelled"));
///     never.cancel();
///     assert_eq!(rung.await?, "rung");
///     assert_eq!(testing::elapsed(), 5 * second);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn call_later(delay: Duration, call: impl FnOnce() + 'static) -> Handle {
    let lp = current::expect();
    let when = lp.after(delay);
    at(&lp, when, call)
}

/// Calls `call` at `when`, on the clock of [`now`](crate::aio::now). Python: `loop.call_at`.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn call_at(when: Instant, call: impl FnOnce() + 'static) -> Handle {
    let lp = current::expect();
    let when = lp.nanos(when);
    at(&lp, when, call)
}

fn at(lp: &Rc<LoopCore>, when: u64, call: impl FnOnce() + 'static) -> Handle {
    let handle = Handle::new(call, Some(lp.instant(when)));
    let timer = lp.set_timer(when, Due::Handle(handle.cell.clone()));
    handle.cell.timer.set(Some((timer, Rc::downgrade(lp))));
    handle
}

//! Calls that a loop makes in the next turn, or later.

use crate::aio::core::output::output;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::handle_cell::HandleCell;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore, Ready};
use crate::debug::debug;

/// A call that is to come. [`call_soon`], [`call_later`] and [`call_at`] give it. Python:
/// `asyncio.Handle`, `asyncio.TimerHandle`.
///
/// Dropping it changes nothing.
#[derive(Clone)]
pub struct Handle {
    cell: Rc<HandleCell<LoopCore>>,
}

impl Handle {
    fn new(call: impl FnOnce() + 'static, when: Option<Instant>) -> Self {
        Self {
            cell: Rc::new(HandleCell::new(Box::new(call), when)),
        }
    }

    /// Cancels the call, if it has not been made; what it holds is dropped at once.
    pub fn cancel(&self) {
        let (call, timer) = self.cell.cancel();
        if let Some((timer, lp)) = timer {
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
        self.cell.cancelled()
    }

    /// When the call is due; `None` for one of [`call_soon`].
    pub fn when(&self) -> Option<Instant> {
        self.cell.when()
    }
}

debug!(self: Handle { when: self.when(), cancelled: self.cancelled(), .. });

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
    handle.cell.set_timer(timer, Rc::downgrade(lp));
    handle
}

output!(Handle);

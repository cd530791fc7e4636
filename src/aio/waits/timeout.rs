//! A block with a deadline. The rules are those of CPython 3.13's `asyncio.Timeout`.
//!
//! | `state` | meaning | set by |
//! |---|---|---|
//! | `Entered` | the block runs, and the deadline is still to come, or there is none | `Block::enter` |
//! | `Expiring` | the deadline has come, and has cancelled the block; that has not ended | `notified` |
//! | `Expired` | the block has ended after its deadline | `exit` |
//! | `Exited` | the block has ended in time | `exit` |
//!
//! 1. The state only goes on. The block exits once, where it ends or where it is dropped; later exits do nothing.
//! 2. The deadline cancels the block once, and the exit takes that one request back. If more are left then from around
//!    the block than there were when it was entered, somebody else has cancelled the task, too. That cancel goes on,
//!    and is not turned into a timeout: `cancelling` is the number at the start. A limit beside this one is not
//!    around it, and does not count.
//! 3. There is at most one timer. `timer` is set with the deadline; it is cleared when the deadline comes, when
//!    another one is set, and at the exit.
//! 4. A deadline that has already passed has no timer, but an entry in the ready queue, which cannot be taken back.
//!    So each deadline has a `version`, which `stop` changes: an entry of an earlier one does nothing.
//! 5. `when` is only for those who ask. It stays after the deadline has come, as in CPython.

mod block;
pub(in crate::aio) mod timing;
pub(in crate::aio) mod timing_with;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore, Ready};
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::event_loop::timers::TimerId;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::task::task_core::limit::Request;
use crate::aio::core::task::task_core::place::Node;
use crate::debug::debug;

/// The deadline of a block: what [`timeout_with`](crate::aio::timeout_with) and
/// [`timeout_at`](crate::aio::timeout_at) pass to it. A clone is the same deadline. Python: `asyncio.Timeout`.
#[derive(Clone)]
pub struct Timeout {
    core: Rc<TimeoutCore>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeoutState {
    Entered,
    /// The deadline has come, and the block was cancelled; it has not ended.
    Expiring,
    Expired,
    Exited,
}

struct TimeoutCore {
    /// How the task knows the block.
    node: Rc<Node>,
    /// The task that runs the block.
    task: RefCell<AnyTask>,
    /// The cancels that had been requested around the block when that task entered it.
    cancelling: Cell<u32>,
    state: Cell<TimeoutState>,
    when: Cell<Option<u64>>,
    timer: Cell<Option<TimerId>>,
    /// Tells which of the deadlines that were set is the one that comes.
    version: Cell<u32>,
    /// Present from the deadline to the exit.
    request: Cell<Option<Request>>,
}

impl Observer for TimeoutCore {
    fn notified(self: Rc<Self>, version: u32) {
        if version == self.version.get() && self.state.get() == TimeoutState::Entered {
            self.timer.set(None);
            // Before the cancel, which may run somebody else's code, a waker of the user's.
            self.state.set(TimeoutState::Expiring);
            let task = self.task();
            let request = self.node.request(&task);
            self.request.set(Some(request));
        }
    }
}

impl TimeoutCore {
    fn task(&self) -> AnyTask {
        self.task.borrow().clone()
    }

    /// `task` runs the block from now on.
    fn move_to(&self, task: &AnyTask) {
        let moved = !self.task.borrow().is(task);
        if moved && self.state.get() == TimeoutState::Entered {
            self.cancelling.set(task.cancelling_here());
            let before = self.task.replace(task.clone());
            drop(before);
        }
    }

    fn lp(&self) -> Option<Rc<LoopCore>> {
        self.task.borrow().core().completion.lp()
    }

    /// `now` is the loop's time.
    fn set(self: &Rc<Self>, lp: &LoopCore, when: Option<u64>, now: u64) {
        self.stop(lp);
        self.when.set(when);
        let version = self.version.get();
        match when {
            None => {}
            // As in CPython, by `call_soon`: the block runs to its first await before that.
            Some(when) if when <= now => lp.push(Ready::Notify(self.clone(), version)),
            Some(when) => {
                let due = Due::Notify(self.clone(), version);
                self.timer.set(Some(lp.set_timer(when, due)));
            }
        }
    }

    fn stop(&self, lp: &LoopCore) {
        // Invariant 4: an entry that is in the queue already sees that it is not meant.
        self.version.set(self.version.get().wrapping_add(1));
        if let Some(timer) = self.timer.take() {
            drop(lp.cancel_timer(timer));
        }
    }

    /// The block has ended. Returns whether the cancel that it may have ended with is this deadline's.
    fn exit(&self) -> bool {
        if matches!(
            self.state.get(),
            TimeoutState::Expired | TimeoutState::Exited
        ) {
            // The block ended before, and is dropped now (invariant 1).
            return false;
        }
        // If the loop is gone, so are its timers.
        let task = self.task();
        task.core().completion.with_lp(|lp| self.stop(lp));
        let Some(request) = self.request.take() else {
            self.state.set(TimeoutState::Exited);
            self.node.close(true);
            return false;
        };
        self.state.set(TimeoutState::Expired);
        // Invariant 2.
        let own = self.node.take_back(&request, &task) <= self.cancelling.get();
        self.node.close(!own);
        own
    }
}

impl Timeout {
    /// The deadline; `None` if there is none.
    pub fn when(&self) -> Option<Instant> {
        let lp = self.core.lp()?;
        self.core.when.get().map(|when| lp.instant(when))
    }

    /// Sets another deadline, or none. A deadline that has passed comes in the next turn. Python:
    /// `Timeout.reschedule`.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if it is too late: the deadline has come, or the block has ended.
    pub fn reschedule(&self, when: impl Into<Option<Instant>>) -> Result<(), Error> {
        let late = match self.core.state.get() {
            TimeoutState::Entered => None,
            TimeoutState::Expiring => Some("cannot change the deadline of an expiring timeout"),
            TimeoutState::Expired => Some("cannot change the deadline of an expired timeout"),
            TimeoutState::Exited => Some("cannot change the deadline of a finished timeout"),
        };
        if let Some(late) = late {
            return Err(Error::Runtime(late));
        }
        let Some(lp) = self.core.lp() else {
            return Err(Error::Runtime("the event loop is gone"));
        };
        let when = when.into().map(|when| lp.nanos(when));
        self.core.set(&lp, when, lp.now());
        Ok(())
    }

    /// Whether the deadline has come in time to cancel the block.
    pub fn expired(&self) -> bool {
        matches!(
            self.core.state.get(),
            TimeoutState::Expiring | TimeoutState::Expired
        )
    }
}

debug!(self: Timeout { when: self.when(), expired: self.expired() });

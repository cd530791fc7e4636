mod block;
pub(in crate::aio) mod timing;
pub(in crate::aio) mod timing_with;

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use crate::aio::core::completion::Observer;
use crate::aio::core::event_loop::loop_core::{LoopCore, Ready};
use crate::aio::core::event_loop::timers::{Due, TimerId};
use crate::aio::core::raw::pointer::AnyTask;

/// The deadline of a block: what [`timeout_with`] and [`timeout_at`] pass to it. A clone is the same
/// deadline. Python: `asyncio.Timeout`.
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
    /// The task's cancel requests when the block was entered.
    cancelling: u32,
    state: Cell<State>,
    when: Cell<Option<u64>>,
    timer: Cell<Option<TimerId>>,
    /// Tells which of the deadlines that were set is the one that comes.
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
    /// `now` is the loop's time.
    fn set(self: &Rc<Self>, lp: &LoopCore, when: Option<u64>, now: u64) {
        self.stop(lp);
        self.when.set(when);
        let version = self.version.get();
        match when {
            None => {}
            Some(when) if when <= now => lp.push(Ready::Notify(self.clone(), version)),
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

    /// The block has ended. Returns whether the cancel that it may have ended with is this deadline's.
    fn exit(&self) -> bool {
        if matches!(self.state.get(), State::Expired | State::Exited) {
            // The block ended before.
            return false;
        }
        self.task.core().completion.with_lp(|lp| self.stop(lp));
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
    /// The deadline; `None` if there is none.
    pub fn when(&self) -> Option<Instant> {
        let lp = self.core.task.core().completion.lp()?;
        self.core.when.get().map(|when| lp.instant(when))
    }

    /// Sets another deadline, or none. A deadline that has passed comes in the next turn.
    ///
    /// It does nothing after the deadline has come, or after the block.
    pub fn reschedule(&self, when: impl Into<Option<Instant>>) {
        let Some(lp) = self.core.task.core().completion.lp() else {
            return;
        };
        if self.core.state.get() == State::Entered {
            let when = when.into().map(|when| lp.nanos(when));
            self.core.set(&lp, when, lp.now());
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

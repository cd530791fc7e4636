//! A call that a loop makes in the next turn, or later, for the loop and for the handle to the call.
//!
//! 1. `call` is taken once, by the loop that makes the call or by whoever cancels it.
//! 2. `timer` is set once the timer is, and cleared by the call or the cancel. The loop holds the cell through the
//!    timer, so the cell knows the loop weakly.
//! 3. `cancelled` is set by a cancel, also after the call, and never cleared, as asyncio's is.

use std::cell::Cell;
use std::rc::Weak;
use std::time::Instant;

use super::timers::TimerId;

type Call = Box<dyn FnOnce()>;

/// `L`: the loop.
pub(in crate::aio) struct HandleCell<L> {
    call: Cell<Option<Call>>,
    cancelled: Cell<bool>,
    when: Option<Instant>,
    /// The timer, and its loop.
    timer: Cell<Option<(TimerId, Weak<L>)>>,
}

impl<L> HandleCell<L> {
    pub(in crate::aio::core) fn new(call: Call, when: Option<Instant>) -> Self {
        Self {
            call: Cell::new(Some(call)),
            cancelled: Cell::new(false),
            when,
            timer: Cell::new(None),
        }
    }

    pub(in crate::aio::core) fn set_timer(&self, timer: TimerId, lp: Weak<L>) {
        self.timer.set(Some((timer, lp)));
    }

    /// The call, if nobody cancelled it.
    pub(in crate::aio) fn take(&self) -> Option<Call> {
        self.timer.set(None);
        self.call.take()
    }

    /// Cancels the call. Returns it, if it has not been made, and its timer, for the caller to cancel.
    #[must_use]
    pub(in crate::aio::core) fn cancel(&self) -> (Option<Call>, Option<(TimerId, Weak<L>)>) {
        self.cancelled.set(true);
        (self.call.take(), self.timer.take())
    }

    pub(in crate::aio::core) fn cancelled(&self) -> bool {
        self.cancelled.get()
    }

    pub(in crate::aio::core) fn when(&self) -> Option<Instant> {
        self.when
    }
}

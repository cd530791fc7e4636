//! The block that a deadline is for.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Timeout, TimeoutCore, TimeoutState};
use crate::aio::core::awaiting::expect_current_for;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::clock::nanos;
use crate::aio::core::output::Output;
use crate::aio::core::raw::current_task::with_running;
use crate::aio::core::task::task_core::place::Node;
use crate::aio::core::thrown::error_of;
use crate::aio::scopes::raise::Raise;
use crate::frame::Exception;

pub(super) enum Limit {
    After(Duration),
    At(Instant),
}

/// A block that has been entered. It is left when it has ended, or is dropped.
pub(super) struct Block(Timeout);

impl Block {
    /// # Panics
    ///
    /// Outside a task.
    pub(super) fn enter(
        limit: Option<Limit>,
        node: Rc<Node>,
        at: &'static Location<'static>,
    ) -> Self {
        let (lp, task) = expect_current_for(at);
        // The clock is read once.
        let now = limit.as_ref().map_or(0, |_| lp.now());
        let when = limit.map(|limit| match limit {
            Limit::After(delay) => now.saturating_add(nanos(delay)),
            Limit::At(when) => lp.nanos(when),
        });
        let core = Rc::new(TimeoutCore {
            // Requests that came before the block are not the block's: see invariant 2 of `timeout`.
            cancelling: Cell::new(task.cancelling_here()),
            node,
            task: RefCell::new(task),
            state: Cell::new(TimeoutState::Entered),
            when: Cell::new(None),
            timer: Cell::new(None),
            version: Cell::new(0),
            request: Cell::new(None),
        });
        core.set(&lp, when, now);
        Self(Timeout { core })
    }

    /// The block is polled.
    #[inline]
    pub(super) fn poll_begins(&self) {
        with_running(|lent| self.0.core.move_to(lent.task));
    }

    /// The handle that the block gets.
    pub(super) fn timeout(&self) -> Timeout {
        self.0.clone()
    }

    /// The block has ended. Returns what it gives, or raises.
    pub(super) fn leave<R: Output>(
        &self,
        ended: Result<R, Exception>,
    ) -> Result<Result<R::Ok, Error>, Raise> {
        // First: from here on neither the deadline nor `reschedule` concerns the task.
        let timed_out = self.0.core.exit();
        let outcome = match ended {
            Ok(output) => output.into_result(),
            // The cancel has unwound the block. If it is the deadline's, it ends here.
            Err(exception) => match error_of(exception) {
                Error::Cancelled(_) if timed_out => return Ok(Err(Error::Timeout)),
                error => return Err(error.raise()),
            },
        };
        // The block may have caught the cancel, and have returned it as its error.
        match outcome {
            Err(Error::Cancelled(_)) if timed_out => Ok(Err(Error::Timeout)),
            outcome => Ok(outcome),
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // If the block is dropped before its end, its deadline must no longer cancel the task.
        self.0.core.exit();
    }
}

//! How tasks begin, are polled, and end.
//!
//! 1. The loop's registry has a task from its making to its end. A task is woken only when it is complete, since
//!    that may rouse the loop, by a waker of the user's.
//! 2. A task ends in [`finish`](TaskOf::finish), once. When anything of the user's runs there, the task has ended,
//!    has its outcome, has left the registry, and whatever waits for it has been told. Values and pointers are
//!    dropped last.
//! 3. On behalf of a child a body is polled without a step of its own: nothing is delivered to it, and its state
//!    stays as it is. It may end like that all the same, where a foreign future in it is ready.
//! 4. A body's panic is its task's outcome. It stops neither the loop nor another task.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;

use super::poll_body::poll_body;
use super::task_core::TaskCore;
use super::task_core::place::InGroup;
use crate::aio::core::body::{Body, IntoResult, Mode, Stepped, is_large};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::output::Output;
use crate::aio::core::raw::task_of::TaskOf;
use crate::aio::core::report;
use crate::frame::Frame;

impl<T: 'static> TaskOf<T> {
    /// A task that owns its body, ready to run in the next turn.
    #[inline]
    pub(in crate::aio) fn spawn<F>(
        lp: &Rc<LoopCore>,
        future: F,
        at: &'static Location<'static>,
    ) -> Self
    where
        F: Future<Output: Output<Ok = T>> + 'static,
    {
        let task = Self::unwoken(lp, future, at);
        task.any().wake_in(lp);
        task
    }

    /// The same, for a caller that wakes the task once everything is in its place: waking may run somebody
    /// else's code.
    #[inline]
    pub(in crate::aio) fn unwoken<F>(
        lp: &Rc<LoopCore>,
        future: F,
        at: &'static Location<'static>,
    ) -> Self
    where
        F: Future<Output: Output<Ok = T>> + 'static,
    {
        if is_large::<F>() {
            Self::unwoken_in_place(lp, Box::pin(future), at)
        } else {
            Self::unwoken_in_place(lp, future, at)
        }
    }

    fn unwoken_in_place<F>(lp: &Rc<LoopCore>, future: F, at: &'static Location<'static>) -> Self
    where
        F: Future<Output: Output<Ok = T>> + 'static,
    {
        lp.tasks.insert(|slot| {
            let task = Self::with_body(
                || Frame::new(|_| IntoResult::new(future)),
                |head, _| TaskCore::new(head, lp, slot, at),
            );
            (task.any().clone(), task)
        })
    }

    /// A task whose body is elsewhere.
    pub(in crate::aio) fn external(lp: &Rc<LoopCore>, at: &'static Location<'static>) -> Self {
        let task = Self::bodiless(lp, at);
        task.any().wake_in(lp);
        task
    }

    fn bodiless(lp: &Rc<LoopCore>, at: &'static Location<'static>) -> Self {
        lp.tasks.insert(|slot| {
            let task = Self::without_body(|head| TaskCore::new(head, lp, slot, at));
            (task.any().clone(), task)
        })
    }

    /// A task whose body belongs to a group's future. The group wakes the task once it has both.
    pub(in crate::aio) fn child(
        lp: &Rc<LoopCore>,
        place: InGroup,
        at: &'static Location<'static>,
    ) -> Self {
        let task = Self::bodiless(lp, at);
        // Before anything can give it a turn: that tells the loop how to get to the body.
        task.any().core().join_group(place);
        task
    }

    /// A task that has ended with `error`, and never ran.
    pub(in crate::aio) fn ended(
        lp: &Rc<LoopCore>,
        error: Error,
        at: &'static Location<'static>,
    ) -> Self {
        let task = Self::bodiless(lp, at);
        task.finish(lp, Err(error));
        task
    }

    /// Polls, as this task, a body that is elsewhere.
    pub(in crate::aio) fn poll_body<B: Body<T> + ?Sized>(
        &self,
        lp: &LoopCore,
        body: Pin<&mut B>,
        mode: Mode,
    ) -> Stepped {
        let mut out = None;
        let stepped = poll_body(self.any(), lp, body, mode, &mut out);
        // The body is still there: its owner drops it, and finds the task ended.
        if let Some(outcome) = out {
            self.finish(lp, outcome);
        }
        stepped
    }

    /// Ends a task whose body is elsewhere and does not run.
    pub(in crate::aio) fn refuse(&self, lp: &LoopCore, error: Error) {
        // A task that was cancelled before its first turn never runs, so it is cancelled, not refused.
        let cancelled = self.any().core().take_noted();
        let error = cancelled.map_or(error, Error::Cancelled);
        self.finish(lp, Err(error));
    }

    /// The body has ended. A cancel that is still noted replaces a value, never an error.
    pub(in crate::aio::core) fn finish(&self, lp: &LoopCore, outcome: Result<T, Error>) {
        let core = self.any().core();
        let (outcome, lost) = match (outcome, core.take_noted()) {
            // The body has ended before the cancel could be delivered. As in CPython, that replaces a value only.
            (Ok(lost), Some(cancelled)) => (Err(Error::Cancelled(cancelled)), Some(lost)),
            (outcome, _) => (outcome, None),
        };
        let left = core.end();
        self.set_outcome(outcome);
        let held = lp.tasks.remove(core.id());
        // Nothing of the user's has run since the state was set.
        core.completion.complete_in(lp);
        if let Some(lost) = lost {
            report::discard(lost);
        }
        if let Some(left) = left {
            left.leave();
        }
        // The registry's pointer may be the last but that of the caller.
        drop(held);
    }

    /// Takes the value.
    #[inline]
    pub(in crate::aio) fn take(&self) -> Result<T, Error> {
        self.any().core().head.seen.set(true);
        match self.outcome() {
            Some(outcome) => Outcome::take_from(outcome),
            None => Outcome::Pending.take(),
        }
    }

    /// Looks at how it ended.
    pub(in crate::aio) fn look<R>(&self, look: impl FnOnce(&Outcome<T>) -> R) -> R {
        self.any().core().head.seen.set(true);
        match self.outcome() {
            Some(outcome) => look(&outcome.borrow()),
            None => look(&Outcome::Pending),
        }
    }
}

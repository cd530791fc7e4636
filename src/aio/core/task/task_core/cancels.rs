//! The cancels of a task: requested, passed on, noted, and delivered.

use std::sync::Arc;

use super::due::Reason;
use super::{Since, State, TaskCore};
use crate::aio::core::cancelling::{Begun, Cancelling};
use crate::aio::core::completion::Target;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::trace;

impl AnyTask {
    /// Requests a cancel. Returns whether there is anything to cancel.
    pub(in crate::aio) fn cancel(&self, message: Option<Arc<str>>) -> bool {
        match self.begin_own_cancel(message.as_ref()) {
            Begun::Ended(taken) => taken,
            Begun::PassesOn => Cancelling::new(message).go_on(Target::Task(self.clone())),
        }
    }

    /// Counts a cancel, and delivers it, unless it is passed on.
    pub(in crate::aio::core) fn begin_own_cancel(&self, message: Option<&Arc<str>>) -> Begun {
        let core = self.core();
        if core.state.get() == State::Done {
            return Begun::Ended(false);
        }
        trace::event!(
            debug,
            name = core.name(),
            message = message.map(|message| &**message),
            "cancel"
        );
        core.count_cancel();
        if !core.is_running() && core.begin_passing() {
            return Begun::PassesOn;
        }
        if core.is_running() || !core.cancel_leaf(message) {
            core.note(message);
        }
        self.cancelled();
        Begun::Ended(true)
    }

    /// A cancel was passed on; `taken` is whether the target took it.
    pub(in crate::aio::core) fn end_own_cancel(&self, message: Option<&Arc<str>>, taken: bool) {
        let core = self.core();
        core.end_passing(taken);
        if taken {
            core.keep_message(message);
        } else {
            core.note(message);
        }
        self.cancelled();
    }

    /// A wait for `target`, through which a cancel was passed on, is dropped: the cancel is not lost with it.
    /// If the task goes on to wait for the same target, that target has already had the cancel.
    pub(in crate::aio) fn take_cancel_back(&self, target: &Target) {
        let core = self.core();
        // The scope that is being unwound has that cancel, too.
        if core.is_done() || core.due.has(Reason::NOTED) || core.due.has(Reason::UNWINDS) {
            return;
        }
        core.due.set(Reason::NOTED);
        core.with_rare(|rare| rare.passed = Some(target.clone()));
        self.cancelled();
    }

    /// Lets a pending cancel be delivered.
    fn cancelled(&self) {
        let core = self.core();
        if !core.is_running() {
            self.wake_if_due();
        }
        if core.is_held() {
            // The task must end, not wait for its turn.
            self.release();
        }
    }

    /// Gives the task a turn if a cancel waits for one.
    fn wake_if_due(&self) {
        let core = self.core();
        if core.due.has(Reason::CANCEL) {
            self.wake();
        }
    }
}

impl TaskCore {
    pub(in crate::aio) fn count_cancel(&self) {
        self.cancelling.set(self.cancelling.get() + 1);
    }

    fn note(&self, message: Option<&Arc<str>>) {
        self.withdraw();
        self.due.set(Reason::NOTED);
        self.keep_message(message);
    }

    /// Removes the cancel that is noted, if there is one.
    pub(in crate::aio) fn withdraw(&self) {
        self.due.clear(Reason::NOTED);
        // The drop may be somebody else's code.
        let passed = self.look_rare(|rare| rare.passed.take());
        drop(passed);
    }

    fn keep_message(&self, message: Option<&Arc<str>>) {
        if message.is_some() {
            self.with_rare(|rare| rare.message = message.cloned());
        } else {
            self.look_rare(|rare| rare.message = None);
        }
    }

    /// A cancel that came while the task ran goes to what the task waits for now, if that takes it.
    #[cold]
    pub(in crate::aio::core::task) fn pass_noted_on(&self) {
        let message = self.look_rare(|rare| rare.message.clone()).flatten();
        let passed = self.look_rare(|rare| rare.passed.take()).flatten();
        let taken = if self.begin_passing() {
            let has_it = |target: &Target| passed.as_ref().is_some_and(|passed| passed.is(target));
            let taken = self
                .one_target()
                .is_some_and(|target| has_it(&target) || Cancelling::new(message).cancel(&target));
            self.end_passing(taken);
            taken
        } else {
            self.cancel_leaf(message.as_ref())
        };
        if taken {
            self.due.clear(Reason::NOTED);
        }
    }

    /// Whether the one thing that the task waits for must get a cancel. Then the task is passing it on.
    fn begin_passing(&self) -> bool {
        // If tasks wait for each other in a circle, the cancel is on its way already.
        let passes = self.leaves.get() == 0 && !self.raw.passing.get() && self.has_one_target();
        if passes {
            self.raw.passing.set(true);
        }
        passes
    }

    fn end_passing(&self, taken: bool) {
        self.raw.passing.set(false);
        if taken {
            self.forwarded.set(true);
            self.forwards.set(self.forwards.get().wrapping_add(1));
        }
    }

    /// The target to which the task was passing a cancel on has got stuck.
    pub(in crate::aio) fn stop_passing(&self) {
        self.raw.passing.set(false);
    }

    /// Cancels the plain wait that the task is in, if it is in one and waits for nothing else. Returns
    /// whether it did.
    fn cancel_leaf(&self, message: Option<&Arc<str>>) -> bool {
        let alone = !self.has_targets() && self.leaves.get() == 1;
        // A wait that has been woken or cancelled can no longer take it.
        if !alone || self.due.has(Reason::LEAF) || self.state.get() != State::Idle {
            return false;
        }
        self.due.set(Reason::LEAF);
        if message.is_some() {
            self.with_rare(|rare| rare.leaf_message = message.cloned());
        } else {
            self.look_rare(|rare| rare.leaf_message = None);
        }
        true
    }

    pub(in crate::aio) fn cancelling(&self) -> u32 {
        self.cancelling.get()
    }

    pub(in crate::aio) fn uncancel(&self) -> u32 {
        let count = self.cancelling.get().saturating_sub(1);
        self.cancelling.set(count);
        if count == 0 {
            self.withdraw();
            if self.is_running() {
                // The task has gone on beside the wait that was to raise the cancel.
                self.forwarded.set(false);
            }
        }
        count
    }

    /// Whether a cancel was passed on through the wait that began at `since`, which must then raise it.
    #[inline]
    pub(in crate::aio) fn take_forwarded(&self, since: Since) -> bool {
        self.forwards.get() != since.0 && self.forwarded.replace(false)
    }

    /// A cancel unwinds the body, or a part of it, in this step.
    pub(in crate::aio) fn unwind(&self) {
        self.due.set(Reason::UNWINDS);
    }
}

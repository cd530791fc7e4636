//! The cancels of a task: how they are requested, taken, and delivered. The invariants are those of
//! [`cancel_state`](super::cancel_state).

use std::sync::Arc;

use super::TaskCore;
use super::cancel_state::{FORWARDED, LEAF, NOTED, PASSING, Since, UNWINDS};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::Cancelling;
use crate::aio::core::raw::pointer::{AnyTask, Hold, TurnState};
use crate::aio::core::target::{Begun, Target};
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
        if core.is_done() {
            // Whoever cancels it wants to hear no more of it.
            core.head.seen.set(true);
            return Begun::Ended(false);
        }
        trace::event!(
            debug,
            name = core.name(),
            message = message.map(|message| &**message),
            "cancel"
        );
        core.count_cancel();
        // The order is that of invariant 1.
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
            // The wait will raise the target's own error. This message is for a wait that is dropped, and gives
            // the cancel back (invariant 4).
            core.keep_message(message);
        } else {
            // The target has ended, or its loop is gone: the wait will not raise the cancel, so the step must.
            core.note(message);
        }
        self.cancelled();
    }

    /// A wait for `target` is dropped, through which a cancel was forwarded: the task must have that cancel
    /// (invariant 4).
    pub(in crate::aio) fn take_cancel_back(&self, target: &Target) {
        let core = self.core();
        if core.is_done() || core.cancel.has(NOTED | UNWINDS) {
            return;
        }
        core.cancel.set(NOTED);
        // No other target is dropped here, which would be somebody else's code: nothing was noted before.
        core.with_rare(|rare| rare.cancel.had_by = Some(target.clone()));
        self.cancelled();
    }

    /// Lets a pending cancel be delivered.
    fn cancelled(&self) {
        let core = self.core();
        // A task that runs looks at the end of its step (1); a wake now would be one turn too many.
        if !core.is_running() && core.cancel.is_due() {
            self.wake();
        }
        if core.is_held() {
            // A held task is cancelled at once, whatever the limit of its gather: it must end, not wait.
            self.release_to_end();
        }
    }
}

// Requests.
impl TaskCore {
    pub(in crate::aio) fn cancelling(&self) -> u32 {
        self.cancel.requests.get()
    }

    pub(in crate::aio) fn count_cancel(&self) {
        let requests = &self.cancel.requests;
        requests.set(requests.get() + 1);
    }

    pub(in crate::aio) fn uncancel(&self) -> u32 {
        let requests = self.cancel.requests.get().saturating_sub(1);
        self.cancel.requests.set(requests);
        if requests == 0 {
            self.withdraw();
            if self.is_running() {
                // The task has gone on beside the wait that was to raise the cancel, and wants none of it. When
                // another task takes the request back, the target is ending all the same, and the wait says so.
                self.cancel.clear(FORWARDED);
            }
        }
        requests
    }
}

// What takes a cancel (invariant 1).
impl TaskCore {
    /// Whether the one thing that the task waits for must get a cancel. Then the task is passing it on.
    fn begin_passing(&self) -> bool {
        // In a circle the cancel is on its way through this task already (invariant 5).
        let passes = self.leaves.get() == 0 && self.has_one_target() && !self.cancel.has(PASSING);
        if passes {
            self.cancel.set(PASSING);
        }
        passes
    }

    fn end_passing(&self, taken: bool) {
        self.stop_passing();
        if taken {
            self.cancel.set(FORWARDED);
            let forwards = &self.cancel.forwards;
            forwards.set(forwards.get().wrapping_add(1));
        }
    }

    /// The target to which the task was passing a cancel on has got stuck.
    pub(in crate::aio) fn stop_passing(&self) {
        self.cancel.clear(PASSING);
    }

    /// Cancels the plain wait that the task is in, if it is in one and waits for nothing else. Returns
    /// whether it did.
    fn cancel_leaf(&self, message: Option<&Arc<str>>) -> bool {
        let alone = !self.has_targets() && self.leaves.get() == 1;
        // A wait that has been woken or cancelled can no longer take it.
        if !alone || self.cancel.has(LEAF) || self.head.state.get() != TurnState::Idle {
            return false;
        }
        self.cancel.set(LEAF);
        self.keep_message(message);
        true
    }

    fn note(&self, message: Option<&Arc<str>>) {
        // Another cancel, which no target has had, so `had_by` goes.
        self.withdraw();
        self.cancel.set(NOTED);
        // The message is that of the plain wait's cancel, which is the first (invariant 2).
        if !self.cancel.has(LEAF) {
            self.keep_message(message);
        }
    }

    fn keep_message(&self, message: Option<&Arc<str>>) {
        if message.is_some() {
            self.with_rare(|rare| rare.cancel.message = message.cloned());
        } else {
            self.look_rare(|rare| rare.cancel.message = None);
        }
    }

    /// Removes the cancel that is noted, if there is one.
    pub(in crate::aio) fn withdraw(&self) {
        self.cancel.clear(NOTED);
        if self.head.hold.get() == Hold::Ending && !self.is_running() {
            self.head.hold.set(Hold::Held);
        }
        // The drop may be somebody else's code.
        let had_by = self.look_rare(|rare| rare.cancel.had_by.take());
        drop(had_by);
    }
}

// Delivery.
impl TaskCore {
    /// A step begins, and must deliver a cancel, for all that are due (invariant 2).
    #[cold]
    pub(in crate::aio::core::task) fn deliver(&self) -> Cancelled {
        // Waits that are dropped by the unwinding see this, and do not give their cancels back (invariant 4).
        self.unwind();
        self.cancel.clear(LEAF);
        let cancelled = self.take_message();
        self.withdraw();
        cancelled
    }

    /// Takes the cancel that is noted.
    #[inline]
    pub(in crate::aio::core) fn take_noted(&self) -> Option<Cancelled> {
        if !self.cancel.has(NOTED) {
            return None;
        }
        let cancelled = self.take_message();
        self.withdraw();
        Some(cancelled)
    }

    fn take_message(&self) -> Cancelled {
        let message = self.look_rare(|rare| rare.cancel.message.take());
        Cancelled::with(message.flatten())
    }

    /// A step has ended, and the body is suspended.
    #[cold]
    pub(in crate::aio::core::task) fn settle(&self) {
        self.cancel.clear(UNWINDS);
        if self.cancel.has(NOTED) {
            self.pass_noted_on();
        }
    }

    /// A cancel that came while the task ran goes to what the task waits for now, if that takes it.
    fn pass_noted_on(&self) {
        // A clone: if nothing takes the cancel, the next step delivers it, with its message.
        let message = self.look_rare(|rare| rare.cancel.message.clone()).flatten();
        let had_by = self.look_rare(|rare| rare.cancel.had_by.take()).flatten();
        let taken = if self.begin_passing() {
            // The cancel came back from a wait for this target: the target is on its way to an end already.
            let has_it = |target: &Target| had_by.as_ref().is_some_and(|had_by| had_by.is(target));
            let taken = self
                .one_target()
                .is_some_and(|target| has_it(&target) || Cancelling::new(message).cancel(&target));
            self.end_passing(taken);
            taken
        } else {
            self.cancel_leaf(message.as_ref())
        };
        if taken {
            self.cancel.clear(NOTED);
        }
    }

    /// Whether a cancel was forwarded through the wait that began at `since`, which must then raise it (invariant 3).
    #[inline]
    pub(in crate::aio) fn take_forwarded(&self, since: Since) -> bool {
        self.cancel.since() != since && self.cancel.clear(FORWARDED)
    }

    /// A cancel unwinds the body, or a part of it, in this step.
    pub(in crate::aio) fn unwind(&self) {
        self.cancel.set(UNWINDS);
    }

    /// Whether the plain wait that the task is in has been cancelled: its next step drops it.
    ///
    /// Locks and queues ask, to hand nothing on to such a wait.
    pub(in crate::aio) fn is_leaf_cancelled(&self) -> bool {
        self.cancel.has(LEAF)
    }
}

//! The cancel state of a task: all of it, and all that changes it.
//!
//! | what | set by | cleared by | cannot be set |
//! |---|---|---|---|
//! | `NOTED` | `note`, `take_cancel_back` | `deliver`, `take_noted`, `pass_noted_on`, `withdraw` | after the end |
//! | `LEAF` | `cancel_leaf` | `deliver` | unless the task is idle, and a plain wait is all that it waits for |
//! | `UNWINDS` | `unwind` | `settle` | outside the polls of the body |
//! | `PASSING` | `begin_passing` | `stop_passing` | while it is set; unless a target is all that it waits for |
//! | `FORWARDED` | `end_passing` | `take_forwarded`, `uncancel` | unless `PASSING` was set |
//! | `requests` | `count_cancel`, one more | `uncancel`, one less | after the end |
//! | `forwards` | `end_passing`, one more | never: it is a clock | unless `FORWARDED` is set with it |
//! | `message` | `keep_message` | `take_message` | for a noted cancel, while `LEAF` is set |
//! | `had_by` | `take_cancel_back` | `withdraw`, `pass_noted_on` | unless `NOTED` is set |
//!
//! What follows from something else is not stored: that the task has ended (its completion says so), and
//! whether one wait is all that it waits for (it counts its waits).
//!
//! 1. A cancel counts, and then one thing takes it: the target, if a target is all that the task waits for (the
//!    cancel is *forwarded*); or the plain wait, if that is all (`LEAF`); or the next step (`NOTED`). A task that
//!    runs may still leave any of its waits in this step, so its cancel is noted first. At the end of the step it
//!    goes to the wait in which the task is suspended by then, if that takes it.
//! 2. A step delivers one cancel, however many are due, and that one is for all of them. If a plain wait was
//!    cancelled, its cancel is delivered, which was the first, as in CPython: later ones find that wait cancelled
//!    already, are noted, and leave the message alone.
//! 3. A forwarded cancel belongs to the wait through which it was forwarded, and no other wait raises it. That
//!    wait was the only one then. So it is known by its age: of all the waits that the task has now, it alone
//!    began before `forwards` last changed ([`Since`]).
//! 4. A forwarded cancel is not lost with its wait. If the wait is dropped before its end, the cancel is noted,
//!    unless another one is noted, or unwinds the scope that the wait was in: one delivery is for all. If the
//!    task then waits for the same target again, that target is not cancelled a second time (`had_by`).
//! 5. Tasks may wait for each other in a circle, which `PASSING` breaks: a cancel that comes back to a task
//!    through which it is on its way is noted there.
//! 6. The number of requests does not decide what is delivered. But if the last one is taken back, a noted cancel is
//!    withdrawn. A cancel that a wait has taken goes on, as in CPython 3.13, unless it was forwarded and the task
//!    itself, which has gone on beside that wait, takes the request back.

use std::cell::Cell;
use std::sync::Arc;

use super::{State, TaskCore};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::{Begun, Cancelling};
use crate::aio::core::completion::Target;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::trace;

/// The part of the cancel state that every task has.
#[derive(Default)]
pub(in crate::aio::core::task) struct Cancel {
    /// One byte, so that one comparison at the beginning of a step, and one at its end, shows that there is
    /// nothing to do.
    flags: Cell<u8>,
    /// The cancels that were requested and have not been taken back: for timeouts, groups and the user (invariant 6).
    requests: Cell<u32>,
    /// How often a cancel was forwarded. It wraps: only whether it has changed matters.
    forwards: Cell<u32>,
}

/// The part that few tasks ever have. It is in the task's [`Rare`](super::Rare), because in [`Cancel`] it would
/// make every task larger.
#[derive(Default)]
pub(in crate::aio::core::task) struct Details {
    /// The message of the cancel that is due or, if none is, of the one that was forwarded last, in case it
    /// comes back (invariant 4).
    message: Option<Arc<str>>,
    /// The target that has had the noted cancel: the wait for it was dropped, and gave the cancel back
    /// (invariant 4).
    had_by: Option<Target>,
}

/// When a wait for a target began: how many cancels its task had forwarded by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::aio) struct Since(u32);

/// The next step must deliver a cancel, or the end of this one must find a wait that takes it.
const NOTED: u8 = 1;
/// The plain wait that the task is in was cancelled, and the next step must deliver that.
const LEAF: u8 = 2;
/// A cancel unwinds a scope, or the whole body, in this step: the step has delivered it, or a wait or the body
/// itself has raised it.
const UNWINDS: u8 = 4;
/// A cancel is on its way through the task to its target.
const PASSING: u8 = 8;
/// The target took a cancel, and the wait for that target has neither raised it nor given it back.
const FORWARDED: u8 = 16;
/// What the beginning of a step looks for.
const DUE: u8 = NOTED | LEAF;
/// What the end of a step looks for.
const UNSETTLED: u8 = DUE | UNWINDS;

impl Cancel {
    #[inline]
    fn has(&self, flags: u8) -> bool {
        self.flags.get() & flags != 0
    }

    fn set(&self, flag: u8) {
        self.flags.set(self.flags.get() | flag);
    }

    /// Clears `flag`. Returns whether it was set.
    fn clear(&self, flag: u8) -> bool {
        let had = self.has(flag);
        self.flags.set(self.flags.get() & !flag);
        had
    }

    /// Whether the next step must deliver a cancel.
    #[inline]
    pub(in crate::aio::core::task) fn is_due(&self) -> bool {
        self.has(DUE)
    }

    /// Whether the end of a step has nothing to do with cancels.
    #[inline]
    pub(in crate::aio::core::task) fn is_settled(&self) -> bool {
        !self.has(UNSETTLED)
    }

    /// What tells a wait that begins now from those that began before.
    #[inline]
    pub(in crate::aio::core::task) fn since(&self) -> Since {
        Since(self.forwards.get())
    }
}

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
            self.release();
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
        if !alone || self.cancel.has(LEAF) || self.raw.state.get() != State::Idle {
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

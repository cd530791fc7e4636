//! The cancel state of a task: all of it. What changes it is in [`cancel`](super::cancel).
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
use std::rc::Rc;
use std::sync::Arc;

use crate::aio::core::target::Target;

/// The part of the cancel state that every task has.
#[derive(Default)]
pub(in crate::aio::core::task) struct Cancel {
    /// In one word, so that one comparison at the beginning of a step, and one at its end, shows that there is
    /// nothing to do.
    flags: Cell<u32>,
    /// The cancels that were requested and have not been taken back: for timeouts, groups and the user (invariant 6).
    pub(super) requests: Cell<u32>,
    /// How often a cancel was forwarded. It wraps: only whether it has changed matters.
    pub(super) forwards: Cell<u32>,
}

/// The part that few tasks ever have. It is in the task's [`Rare`](super::Rare), because in [`Cancel`] it would
/// make every task larger.
#[derive(Default)]
pub(in crate::aio::core::task) struct Details {
    /// The message of the cancel that is due or, if none is, of the one that was forwarded last, in case it
    /// comes back (invariant 4).
    pub(super) message: Option<Arc<str>>,
    /// The target that has had the noted cancel: the wait for it was dropped, and gave the cancel back
    /// (invariant 4).
    pub(super) had_by: Option<Target>,
    /// Present while the cancel here is one that other places have, too.
    pub(super) share: Option<Part>,
    /// The cancels that cut off what waits here.
    pub(super) cut: Cut,
}

/// When a wait began, for cuts.
pub(in crate::aio) type Epoch = u32;

/// Instead of the epoch of a wait that has raised the cancel.
pub(in crate::aio) const HAS_RAISED: Epoch = Epoch::MAX;

/// The cancels that cut off the waits of a place.
#[derive(Default)]
pub(in crate::aio::core::task) struct Cut {
    pub(super) epoch: Epoch,
    pub(super) message: Option<Arc<str>>,
    /// How many waits have raised the last one, and are still there.
    pub(super) raised: u32,
    pub(super) share: Option<Rc<Share>>,
}

/// A cancel that several places have. Whichever of them is dropped before it takes its own gives nothing back, as long
/// as another one takes it, or may still do so.
#[derive(Default)]
pub(in crate::aio::core::task) struct Share {
    pub(super) taken: Cell<bool>,
    /// How many places have it, and have not taken it.
    parts: Cell<u32>,
    /// How many waits that it cut off have raised it.
    pub(super) raised: Cell<u32>,
}

impl Share {
    /// Whether somebody else takes the cancel, or may still do so.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.taken.get() || self.parts.get() > 0 || self.raised.get() > 0
    }
}

/// What one place has of a shared cancel.
pub(in crate::aio::core::task) struct Part {
    pub(super) share: Rc<Share>,
}

impl Part {
    pub(super) fn of(share: &Rc<Share>) -> Self {
        share.parts.set(share.parts.get() + 1);
        Self {
            share: share.clone(),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.share.parts.set(self.share.parts.get() - 1);
    }
}

/// When a wait for a target began: how many cancels its task had forwarded by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::aio) struct Since(u32);

/// The next step must deliver a cancel, or the end of this one must find a wait that takes it.
pub(super) const NOTED: u32 = 1;
/// The plain wait that the task is in was cancelled, and the next step must deliver that.
pub(super) const LEAF: u32 = 2;
/// A cancel unwinds a scope, or the whole body, in this step: the step has delivered it, or a wait or the body
/// itself has raised it.
pub(super) const UNWINDS: u32 = 4;
/// A cancel is on its way through the task to its target.
pub(super) const PASSING: u32 = 8;
/// The target took a cancel, and the wait for that target has neither raised it nor given it back.
pub(super) const FORWARDED: u32 = 16;
/// Of a node: what is to be taken is in `thrown`. Of a task's own place: some of its scopes have such a thing.
pub(super) const THROWN: u32 = 32;
/// Something was raised in this place, and is in `held`.
pub(super) const RAISED: u32 = 64;
/// Of a task's own place: it has scopes that have not ended.
pub(super) const SCOPES: u32 = 128;
/// Of a task's own place: some of its scopes have a cancel that is due.
pub(super) const NODES: u32 = 256;
/// Of a node: the task knows that it is due.
pub(super) const LISTED: u32 = 512;
/// Of a node: a clean-up runs in it.
pub(super) const CLEANS: u32 = 1024;
/// Of a node: a cancel came while its scope was not polled, and is delivered by the next poll.
pub(super) const LATE: u32 = 2048;
/// Of a node: its scope has ended.
pub(super) const OVER: u32 = 4096;
/// Of a node: the limit that it belongs to has requested a cancel.
pub(super) const REQUESTED: u32 = 8192;
/// Of a node: its scope is suspended at a generator's yield.
pub(super) const YIELDS: u32 = 16384;
/// Of a node: a combinator that polls only what was woken was woken for what is thrown.
pub(super) const WOKEN: u32 = 32768;
/// Waits that are here beside scopes were cut off by a cancel, once or more often: see [`cut`](super::cut).
pub(super) const CUT: u32 = 65536;
/// What was raised here has been thrown to the scopes beside it.
pub(super) const SPREAD: u32 = 131_072;
/// What the beginning of a step looks for.
pub(super) const DUE: u32 = NOTED | LEAF | NODES;
/// What the end of a step looks for.
pub(super) const UNSETTLED: u32 = DUE | UNWINDS;
/// What is on its way to a scope, or unwinds what is in it.
pub(super) const BUSY: u32 = NOTED | LEAF | THROWN | CLEANS | LATE;

impl Cancel {
    #[inline]
    pub(super) fn has(&self, flags: u32) -> bool {
        self.flags.get() & flags != 0
    }

    pub(super) fn set(&self, flag: u32) {
        self.flags.set(self.flags.get() | flag);
    }

    /// Clears `flag`. Returns whether it was set.
    pub(super) fn clear(&self, flag: u32) -> bool {
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

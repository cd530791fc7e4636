//! Everything about a task except its type: its state, its cancels, and what it waits for.
//!
//! | state | meaning | set by |
//! |---|---|---|
//! | `Idle` | suspended | the end of a step |
//! | `Queued` | it has an entry in the ready queue | [`wake`](AnyTask) |
//! | `Running` | in its own step | the start of a step |
//! | `Woken` | in its own step, and woken during it | [`wake`](AnyTask) |
//! | `Done` | it has ended | the end of its last step |
//!
//! 1. A task has at most one entry in the ready queue.
//! 2. A cancel counts, and is then either passed on to what the task waits for (`forwarded`), or ends a plain
//!    wait (`LEAF`), or is noted (`NOTED`) and delivered by the next step. A cancel that was passed on
//!    belongs to the wait through which it was passed on: no other wait raises it, and if that wait is
//!    dropped before its end, the cancel is noted.
//! 3. Each wait of the library is known to its task from its first pending poll until it is ready or dropped.
//!    If there is exactly one, a cancel goes to it; if there are none or several, the step delivers it. So of
//!    the waits for targets, the one through which a cancel was passed on is the only one that was there
//!    before: [`Since`] tells it from those that began later, and there is at most one.

mod cancels;
mod due;
mod waits;

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use super::registry::TaskId;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::completion::{Completion, Target};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::raw::cell::{Hold, RawPart};
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::waker::{RemoteWaker, with_running};
use crate::aio::core::report::{self, Report};
use crate::aio::group::GroupCore;
use crate::frame::Key;
use due::{Due, Reason};
use waits::{ManyTargets, OneTarget};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) enum State {
    Idle,
    Queued,
    Running,
    Woken,
    Done,
}

#[derive(Default)]
pub(in crate::aio::core) struct Rare {
    pub(in crate::aio::core) name: Option<String>,
    /// The message of the cancel that is noted, or was passed on last.
    message: Option<Arc<str>>,
    /// The target that has already had the noted cancel: the wait for it was dropped.
    passed: Option<Target>,
    targets: ManyTargets,
    /// The message of the cancel that ends a plain wait.
    leaf_message: Option<Arc<str>>,
    pub(in crate::aio::core) waker: Option<Arc<RemoteWaker>>,
    /// The group whose future owns the body, and which of its children it is.
    pub(in crate::aio::core) group: Option<(Rc<GroupCore>, u32)>,
}

/// When a wait for a target began: how many cancels its task had passed on by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) struct Since(u32);

pub(in crate::aio) struct TaskCore {
    pub(in crate::aio::core) raw: RawPart,
    pub(in crate::aio::core) slot: u32,
    state: Cell<State>,
    due: Due,
    /// Whether a cancel was passed on to the one target: set when the target took it. Cleared by the wait for
    /// that target, when it ends or is dropped, and by the task itself when it takes its last request back.
    forwarded: Cell<bool>,
    /// How often a cancel was passed on.
    forwards: Cell<u32>,
    /// Whether its body belongs to a group's future.
    in_group: Cell<bool>,
    cancelling: Cell<u32>,
    /// How many plain waits it is in.
    leaves: Cell<u32>,
    /// How many waits for targets it is in. The target of a single one is in `target`; those of several are in `rare`.
    joins: Cell<u32>,
    /// Counts the tasks of a loop.
    pub(in crate::aio) number: u64,
    key: Cell<Key>,
    pub(in crate::aio) completion: Completion,
    target: OneTarget,
    at: Cell<Option<&'static Location<'static>>>,
    rare: Cell<Option<Box<Rare>>>,
}

/// Gives the task its own key back when it is dropped.
pub(in crate::aio) struct LentKey<'a> {
    core: &'a TaskCore,
    own: Key,
}

impl Drop for LentKey<'_> {
    fn drop(&mut self) {
        self.core.key.set(self.own);
    }
}

impl AnyTask {
    /// Gives the task a turn.
    pub(in crate::aio) fn wake(&self) {
        if self.is_to_queue() {
            let completion = &self.core().completion;
            completion.with_lp(|lp| lp.push_step(self.clone()));
        }
    }

    /// The same, using up a pointer that is not needed otherwise.
    pub(in crate::aio) fn wake_by_value(self) {
        let mut task = Some(self);
        with_running(|lent| {
            if let Some(task) = task.take_if(|task| task.core().completion.is_of(lent.lp)) {
                task.wake_by_value_in(lent.lp);
            }
        });
        if let Some(task) = task {
            task.wake();
        }
    }

    /// The same, for a caller that has a loop at hand, usually the task's own.
    #[inline]
    pub(in crate::aio) fn wake_in(&self, lp: &LoopCore) {
        if !self.core().completion.is_of(lp) {
            self.wake();
        } else if self.is_to_queue() {
            lp.push_step(self.clone());
        }
    }

    /// The same, using up a pointer that is not needed otherwise.
    #[inline]
    pub(in crate::aio) fn wake_by_value_in(self, lp: &LoopCore) {
        if !self.core().completion.is_of(lp) {
            self.wake();
        } else if self.is_to_queue() {
            lp.push_step(self);
        }
    }

    /// Notes that the task has been woken. Returns whether it needs an entry in the ready queue.
    #[inline]
    fn is_to_queue(&self) -> bool {
        let core = self.core();
        match core.state.get() {
            State::Idle => {
                core.state.set(State::Queued);
                !core.misses_turn()
            }
            State::Running => {
                core.state.set(State::Woken);
                false
            }
            State::Queued | State::Woken | State::Done => false,
        }
    }

    /// The step has ended, and the body is suspended. Returns whether the task needs an entry in the ready
    /// queue.
    #[inline]
    pub(in crate::aio::core) fn suspend(&self) -> bool {
        let core = self.core();
        if !core.due.is_empty() {
            return self.suspend_due();
        }
        let woken = core.state.replace(State::Idle) == State::Woken;
        woken && self.is_to_queue()
    }

    #[cold]
    fn suspend_due(&self) -> bool {
        let core = self.core();
        let woken = core.state.replace(State::Idle) == State::Woken;
        core.due.clear(Reason::UNWINDS);
        if core.due.has(Reason::NOTED) {
            core.pass_noted_on();
        }
        // Passing a cancel on may have woken the task already.
        (woken || core.due.has(Reason::CANCEL)) && self.is_to_queue()
    }

    /// Lets a held task run.
    pub(in crate::aio) fn release(&self) {
        let core = self.core();
        if core.raw.hold.replace(Hold::Free) == Hold::Missed && core.state.get() == State::Queued {
            if let Some(lp) = core.completion.lp() {
                lp.push_step(self.clone());
            }
        }
    }
}

impl TaskCore {
    pub(in crate::aio::core) fn new(raw: RawPart, lp: &Rc<LoopCore>, slot: u32, key: Key) -> Self {
        Self {
            raw,
            slot,
            state: Cell::new(State::Idle),
            due: Due::default(),
            forwarded: Cell::new(false),
            forwards: Cell::new(0),
            in_group: Cell::new(false),
            cancelling: Cell::new(0),
            leaves: Cell::new(0),
            joins: Cell::new(0),
            number: lp.fresh_task(),
            key: Cell::new(key),
            completion: Completion::new(lp),
            target: OneTarget::new(),
            at: Cell::new(None),
            rare: Cell::new(None),
        }
    }

    pub(in crate::aio) fn id(&self) -> TaskId {
        TaskId::new(self.slot, self.number)
    }

    /// The key that leads to its scopes and raises.
    #[inline]
    pub(in crate::aio) fn key(&self) -> Key {
        self.key.get()
    }

    /// From now on, what the task polls has its scopes and raises in the frame with `key`, which is polled
    /// inside it.
    pub(in crate::aio) fn lend_key(&self, key: Key) -> LentKey<'_> {
        let own = self.key.replace(key);
        LentKey { core: self, own }
    }

    /// Its body belongs to the future of `group`, as the child with `index`.
    pub(in crate::aio::core) fn join_group(&self, group: Rc<GroupCore>, index: u32) {
        self.in_group.set(true);
        self.with_rare(|rare| rare.group = Some((group, index)));
    }

    /// Whether its body belongs to a group's future.
    #[inline]
    pub(in crate::aio) fn is_in_group(&self) -> bool {
        self.in_group.get()
    }

    /// The group whose future owns the body.
    pub(in crate::aio) fn group(&self) -> Option<(Rc<GroupCore>, u32)> {
        self.look_rare(|rare| rare.group.clone()).flatten()
    }

    /// Whether its body is in another task's, or with the loop's caller, and has not ended.
    #[inline]
    pub(in crate::aio) fn is_external(&self) -> bool {
        self.raw.is_external()
    }

    pub(in crate::aio) fn is_running(&self) -> bool {
        matches!(self.state.get(), State::Running | State::Woken)
    }

    /// The task has been woken while it runs.
    #[inline]
    pub(in crate::aio) fn note_woken(&self) {
        debug_assert!(self.is_running());
        self.state.set(State::Woken);
    }

    pub(in crate::aio) fn is_done(&self) -> bool {
        self.state.get() == State::Done
    }

    /// Keeps the task from its next step until it is released.
    pub(in crate::aio) fn hold(&self) {
        if !self.is_held() {
            self.raw.hold.set(Hold::Held);
        }
    }

    pub(in crate::aio) fn is_held(&self) -> bool {
        self.raw.hold.get() != Hold::Free
    }

    /// The task is to have a turn. Returns whether it is held and misses that turn; it gets one when it is
    /// released.
    pub(in crate::aio) fn misses_turn(&self) -> bool {
        let held = self.is_held();
        if held {
            self.raw.hold.set(Hold::Missed);
        }
        held
    }

    /// Nothing is borrowed while `change` runs, which runs none of the user's code.
    pub(in crate::aio::core) fn with_rare<R>(&self, change: impl FnOnce(&mut Rare) -> R) -> R {
        let mut rare = self.rare.take().unwrap_or_default();
        let result = change(&mut rare);
        self.rare.set(Some(rare));
        result
    }

    /// The same, if there is something rare.
    fn look_rare<R>(&self, look: impl FnOnce(&mut Rare) -> R) -> Option<R> {
        let mut rare = self.rare.take()?;
        let result = look(&mut rare);
        self.rare.set(Some(rare));
        Some(result)
    }

    pub(in crate::aio) fn name(&self) -> String {
        let name = self.look_rare(|rare| rare.name.clone()).flatten();
        name.unwrap_or_else(|| format!("Task-{}", self.number))
    }

    /// The last pointer is gone. An error that nobody looked at is reported.
    #[cold]
    pub(in crate::aio::core) fn dropped_with(&self, error: &Error) {
        if !self.raw.seen.get() && !error.is_cancelled() {
            report::report(&Report::NeverRetrieved {
                name: self.name(),
                error: error.clone(),
            });
        }
    }

    // Steps.

    /// A step begins. Returns the cancel that it must deliver.
    #[inline]
    pub(in crate::aio::core) fn begin(&self) -> Option<Cancelled> {
        self.state.set(State::Running);
        if self.due.has(Reason::CANCEL) {
            self.take_due()
        } else {
            None
        }
    }

    #[cold]
    fn take_due(&self) -> Option<Cancelled> {
        self.unwind();
        if self.due.clear(Reason::LEAF) {
            self.withdraw();
            let message = self.look_rare(|rare| rare.leaf_message.take());
            return Some(Cancelled::with(message.flatten()));
        }
        self.take_noted()
    }

    /// Takes the cancel that was noted.
    #[inline]
    pub(in crate::aio::core) fn take_noted(&self) -> Option<Cancelled> {
        if !self.due.has(Reason::NOTED) {
            return None;
        }
        self.withdraw();
        let message = self.look_rare(|rare| rare.message.take());
        Some(Cancelled::with(message.flatten()))
    }

    /// The task was made due in its group, and may have had its step.
    pub(in crate::aio) fn was_due(&self) {
        if let Some((group, index)) = self.group() {
            if group.is_due(index) && self.state.get() == State::Queued {
                // Nobody polled the group's future: it may have been leaked. If not, it will be polled.
                self.state.set(State::Idle);
            }
        }
    }

    pub(in crate::aio::core) fn end(&self) {
        self.state.set(State::Done);
        self.at.set(None);
    }

    /// Where it is suspended.
    pub(in crate::aio) fn suspended_at(&self) -> Option<&'static Location<'static>> {
        if self.state.get() == State::Running {
            None
        } else {
            self.at.get()
        }
    }
}

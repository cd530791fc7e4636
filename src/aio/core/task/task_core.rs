//! Everything about a task except its type: its state, its cancels ([`cancel`]), and what it waits for
//! ([`waits`]).
//!
//! | state | meaning | set by |
//! |---|---|---|
//! | `Idle` | suspended, and not woken | the end of a step; [`was_due`](TaskCore::was_due) |
//! | `Queued` | it waits for its turn, or has ended: a wake changes nothing | [`wake`](AnyTask::wake); the task's end |
//! | `Running` | in its own step | the start of a step |
//! | `Woken` | in its own step, and woken during it | [`wake`](AnyTask::wake), [`note_woken`](TaskCore::note_woken) |
//!
//! 1. A task has at most one entry in the ready queue, and has one only while it is `Queued`. It is `Queued`
//!    without an entry when it was held and missed its turn (its release makes an entry), when its group is
//!    to give it its turn, and when it has ended.
//! 2. Only a task's own step makes it `Running`. When its body is polled on behalf of a child, the state stays
//!    as it is. That is how the waits in the body see that it is not their turn, and why no cancel is
//!    delivered then.
//! 3. Each wait of the library is known to its task from its first pending poll until it is ready or dropped, or
//!    another task polls it ([`registration`](crate::aio::core::registration)).
//! 4. What is rare is out of its place while it is looked at. So nothing of the user's may run then: it would
//!    find nothing rare, and what it put there would be lost.

mod cancel;
pub(in crate::aio) mod cancel_state;
mod cut;
pub(in crate::aio::core) mod delivery;
mod giving_back;
pub(in crate::aio) mod limit;
pub(in crate::aio) mod place;
pub(in crate::aio) mod raising;
mod taking;
mod targets;
mod tree;
mod waits;

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;

use super::task_core::place::InGroup;
use crate::aio::core::completion::Completion;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::registry::Registered;
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::raw::current_task::with_running;
use crate::aio::core::raw::pointer::{AnyTask, Hold, TaskHead, TurnState};
use crate::aio::core::report;
use place::{Place, Rare};
use tree::LeftScopes;

pub(in crate::aio) struct TaskCore {
    pub(in crate::aio::core) head: TaskHead,
    /// Where the registry has it. Like `number` it never changes, so a waker on another thread may read both.
    pub(in crate::aio::core) slot: u32,
    /// What it waits for outside its scopes.
    place: Place,
    /// Counts the tasks of a loop.
    pub(in crate::aio) number: u64,
    pub(in crate::aio) completion: Completion,
    at: Cell<Option<&'static Location<'static>>>,
    /// Where it was created.
    pub(in crate::aio) created_at: &'static Location<'static>,
}

impl AnyTask {
    /// Gives the task a turn.
    pub(in crate::aio) fn wake(&self) {
        if self.is_to_queue() {
            // If the loop is gone, the task stays queued: nothing will run it.
            let completion = &self.core().completion;
            completion.with_lp(|lp| lp.push_step(self.clone()));
        }
    }

    /// The same, using up a pointer that is not needed otherwise.
    pub(in crate::aio) fn wake_by_value(self) {
        // Where the loop is at hand, the pointer goes to the queue without being counted.
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
        match core.head.state.get() {
            TurnState::Idle => {
                core.head.state.set(TurnState::Queued);
                // A held task is queued all the same: its release sees by that that it has missed a turn.
                !core.misses_turn()
            }
            TurnState::Running => {
                core.head.state.set(TurnState::Woken);
                false
            }
            TurnState::Queued | TurnState::Woken => false,
        }
    }

    /// The step has ended, and the body is suspended. Returns whether the task needs an entry in the ready
    /// queue.
    #[inline]
    pub(in crate::aio::core) fn suspend(&self) -> bool {
        let core = self.core();
        if !core.place.cancel.is_settled() {
            return self.suspend_unsettled();
        }
        let woken = core.head.state.replace(TurnState::Idle) == TurnState::Woken;
        woken && self.is_to_queue()
    }

    /// The same, if the step has something to do with a cancel.
    #[cold]
    fn suspend_unsettled(&self) -> bool {
        let core = self.core();
        // First, because a plain wait takes a cancel only while its task is idle.
        let woken = core.head.state.replace(TurnState::Idle) == TurnState::Woken;
        self.settle();
        // Passing a cancel on may have woken the task already.
        (woken || core.place.cancel.is_due()) && self.is_to_queue()
    }

    /// Lets a held task run.
    pub(in crate::aio) fn release(&self) {
        self.release_as(Hold::Free);
    }

    /// Lets a held task run because of a cancel.
    pub(in crate::aio::core::task) fn release_to_end(&self) {
        self.release_as(Hold::Ending);
    }

    fn release_as(&self, hold: Hold) {
        let core = self.core();
        // One that has ended while it was held stays queued without an entry (invariant 1).
        let queued = core.head.state.get() == TurnState::Queued && !core.is_done();
        if core.head.hold.replace(hold) == Hold::Missed && queued {
            if let Some(lp) = core.completion.lp() {
                lp.push_step(self.clone());
            }
        }
    }
}

impl Registered for AnyTask {
    #[inline]
    fn id(&self) -> TaskId {
        self.core().id()
    }
}

impl TaskCore {
    pub(in crate::aio::core) fn new(
        head: TaskHead,
        lp: &Rc<LoopCore>,
        slot: u32,
        created_at: &'static Location<'static>,
    ) -> Self {
        Self {
            head,
            slot,
            place: Place::new(),
            number: lp.fresh_task(),
            completion: Completion::new(lp),
            at: Cell::new(None),
            created_at,
        }
    }

    pub(in crate::aio) fn id(&self) -> TaskId {
        TaskId::new(self.slot, self.number)
    }

    /// Its body belongs to a group's future.
    pub(in crate::aio::core) fn join_group(&self, place: InGroup) {
        self.head.join_group();
        self.with_rare(|rare| rare.group = Some(place));
    }

    /// Whether its body belongs to a group's future, and has not ended.
    #[inline]
    pub(in crate::aio) fn is_in_group(&self) -> bool {
        self.head.is_in_group()
    }

    /// Where the body is, if it belongs to a group's future.
    pub(in crate::aio) fn group(&self) -> Option<InGroup> {
        self.look_rare(|rare| rare.group.clone()).flatten()
    }

    /// Whether its body is in another task's, or with the loop's caller, and has not ended.
    #[inline]
    pub(in crate::aio) fn is_external(&self) -> bool {
        self.head.is_external()
    }

    /// Whether it is in its own step: not while it is polled on behalf of a child (invariant 2).
    pub(in crate::aio) fn is_running(&self) -> bool {
        matches!(self.head.state.get(), TurnState::Running | TurnState::Woken)
    }

    /// The task has been woken while it runs.
    #[inline]
    pub(in crate::aio) fn note_woken(&self) {
        debug_assert!(self.is_running());
        self.head.state.set(TurnState::Woken);
    }

    /// Whether it has ended, which only the completion stores. The outcome is written just before, with nothing of
    /// the user's in between.
    pub(in crate::aio) fn is_done(&self) -> bool {
        self.completion.done()
    }

    /// Keeps the task from its next step until it is released.
    pub(in crate::aio) fn hold(&self) {
        // A held task that has missed a turn must not forget that, and a cancelled one must end.
        if self.head.hold.get() == Hold::Free {
            self.head.hold.set(Hold::Held);
        }
    }

    pub(in crate::aio) fn is_held(&self) -> bool {
        matches!(self.head.hold.get(), Hold::Held | Hold::Missed)
    }

    /// The task is to have a turn. Returns whether it is held and misses that turn; it gets one when it is
    /// released.
    pub(in crate::aio) fn misses_turn(&self) -> bool {
        let held = self.is_held();
        if held {
            self.head.hold.set(Hold::Missed);
        }
        held
    }

    /// Changes what is rare. `change` runs none of the user's code.
    pub(in crate::aio::core) fn with_rare<R>(&self, change: impl FnOnce(&mut Rare) -> R) -> R {
        self.place.with_rare(change)
    }

    /// The same, if there is something rare.
    fn look_rare<R>(&self, look: impl FnOnce(&mut Rare) -> R) -> Option<R> {
        self.place.look_rare(look)
    }

    pub(in crate::aio) fn name(&self) -> String {
        let name = self.look_rare(|rare| rare.name.clone()).flatten();
        name.unwrap_or_else(|| format!("Task-{}", self.number))
    }

    /// The last pointer is gone. An error that nobody looked at is reported.
    #[cold]
    pub(in crate::aio::core) fn dropped_with(&self, error: &Error) {
        // A cancel is no news: somebody asked for it.
        if !self.head.seen.get() && !error.is_cancel() {
            report::never_retrieved(&self.name(), self.created_at, error);
        }
    }

    /// Whether somebody has looked at how it ended.
    pub(in crate::aio::core) fn is_seen(&self) -> bool {
        self.head.seen.get()
    }

    /// Its error concerns nobody: it will not be reported.
    pub(in crate::aio::core) fn see(&self) {
        self.head.seen.set(true);
    }

    // Steps.

    /// Whether its first step runs even if it is cancelled before that.
    #[cold]
    fn is_to_begin(&self) -> bool {
        self.look_rare(|rare| rare.begins).unwrap_or(false)
    }

    /// Sets whether it is so. The cancel then goes to what the body awaits first.
    pub(in crate::aio) fn set_begins(&self, begins: bool) {
        self.with_rare(|rare| rare.begins = begins);
    }

    /// The task was made due in its group, and may have had its step. Returns whether it has not.
    pub(in crate::aio) fn was_due(&self) -> bool {
        if let Some(InGroup { due, index, .. }) = self.group() {
            let queued = self.head.state.get() == TurnState::Queued && !self.is_done();
            if due.is_due(index) && queued {
                // Nobody polled the group's future: it may have been leaked. If not, it will be polled, and the child
                // with it. Until then a wake, a cancel's above all, must be able to give the child another turn.
                self.head.state.set(TurnState::Idle);
                return true;
            }
        }
        false
    }

    /// Returns what is left of its scopes, for the caller to drop last.
    #[must_use = "a part of it is somebody else's"]
    pub(in crate::aio::core) fn end(&self) -> Option<LeftScopes> {
        // So that no wake makes an entry for it from now on (invariant 1).
        self.head.state.set(TurnState::Queued);
        self.at.set(None);
        self.place.leave_scopes()
    }

    /// Where it is suspended.
    pub(in crate::aio) fn suspended_at(&self) -> Option<&'static Location<'static>> {
        // A task that is polled on behalf of a child is suspended in its own waits all the same.
        if self.head.state.get() == TurnState::Running {
            None
        } else {
            self.at.get()
        }
    }
}

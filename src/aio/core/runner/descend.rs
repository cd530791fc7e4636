//! How the loop continues where it is: inside the polls of nested groups whose children borrow.
//!
//! Such a child is reached through the polls of all the groups around it ([`group`](crate::aio::group)),
//! which takes time in proportion to its depth. So when the child has had its turn, the loop looks at what
//! comes next before it returns through those polls: the next child may be in the same group, or in one of
//! the groups around it, or in a new one inside. Then the way is as long as the two are apart, and not twice
//! the depth. The order of the ready queue stays as it is.
//!
//! 1. The descent is open only while every task around is being polled on behalf of a child, and none is in
//!    its own step, which a cancel would have to tell apart.
//! 2. Only the library's own entries run down there, and steps of children in the group that asks; for
//!    everything else the polls return to where it belongs.
//! 3. The turns that begin down there are limited to the number of groups around, and some more: then the
//!    polls return, so that the loop's caller may have its turn. That costs no more than those turns did.

use crate::aio::core::body::Mode;
use crate::aio::core::event_loop::loop_core::{LoopCore, Ready};
use crate::aio::core::raw::current_task::without_task;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::task::due_children::DueChildren;
use crate::aio::core::task::task_core::place::InGroup;

/// A group is having children polled.
pub(in crate::aio) struct Below<'a>(&'a LoopCore, &'a DueChildren);

impl Drop for Below<'_> {
    fn drop(&mut self) {
        self.0.descent.leave();
        self.1.set_polled(false);
    }
}

/// A task is in a step of its own down there.
pub(in crate::aio) struct Closed<'a>(&'a LoopCore, bool);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.descent.set_open(self.1);
    }
}

impl LoopCore {
    /// `group` has children polled until the returned value is dropped.
    pub(in crate::aio) fn below<'a>(&'a self, group: &'a DueChildren) -> Below<'a> {
        self.descent.enter();
        group.set_polled(true);
        Below(self, group)
    }

    /// A task is in a step of its own until the returned value is dropped.
    pub(in crate::aio) fn closed(&self) -> Closed<'_> {
        Closed(self, self.descent.set_open(false))
    }

    /// Runs what is next, where `group` has its children polled, up to a step of a child in the group. That
    /// child is made due, and its task is returned. `None`: the poll must return.
    pub(in crate::aio) fn next_in(&self, group: &DueChildren) -> Option<AnyTask> {
        if !self.descent.is_open() || self.spans.is_timed() || self.is_spent() {
            return None;
        }
        if let Some(goal) = self.descent.goal() {
            // The groups on the way to the goal return without a look at the entry, which would cost each of them
            // the walk in `Next::step`.
            if goal != group.address() {
                return None;
            }
            self.descent.forget_goal();
        }
        loop {
            if self.is_turn_over() && !self.begin_turn_below() {
                return None;
            }
            match self.peek(|entry| Next::of(entry, group))? {
                Next::Own => drop(self.next_entry()),
                Next::Library => self.run_below(),
                Next::Child(task) => {
                    drop(self.next_entry());
                    set_due(&task, group);
                    return Some(task);
                }
                Next::Around(goal) => {
                    self.descent.set_goal(goal);
                    return None;
                }
            }
        }
    }

    fn begin_turn_below(&self) -> bool {
        let descent = &self.descent;
        if self.is_stopping() || self.is_idle() || !descent.may_turn() {
            return false;
        }
        descent.count_turn();
        self.begin_turn();
        true
    }

    /// Runs an entry that is the library's.
    fn run_below(&self) {
        if let Some(Ready::Notify(observer, index)) = self.next_entry() {
            // As up here, where no task runs when such an entry does.
            without_task(|| observer.notified(index));
        }
    }
}

/// What to do with the next entry.
enum Next {
    /// Nothing: its task has ended, or is held.
    Own,
    Library,
    /// A step of a child in the group, or in groups in it.
    Child(AnyTask),
    /// The entry is for a group around, or for none.
    Around(usize),
}

impl Next {
    fn of(entry: &Ready, group: &DueChildren) -> Self {
        match entry {
            Ready::Step(task) => Self::step(task, group),
            Ready::Notify(..) => Self::Library,
            // It may run the user's code, which gets the whole stack.
            Ready::Timer(_) | Ready::Call(_) | Ready::Handle(_) => Self::Around(0),
        }
    }

    fn step(task: &AnyTask, group: &DueChildren) -> Self {
        if task.core().misses_turn() || task.core().is_done() {
            return Self::Own;
        }
        // Upwards from the task, to the innermost group that is having its children polled: the entry is for that.
        let mut child = task.clone();
        loop {
            let of = child.core().is_external().then(|| child.core().group());
            let Some(InGroup { due, .. }) = of.flatten() else {
                return Self::Around(0);
            };
            if due.is_polled() {
                return match due.address() {
                    own if own == group.address() => Self::Child(task.clone()),
                    other => Self::Around(other),
                };
            }
            let parent = due.parent();
            // The child must be ended, which the loop does from up here.
            if parent.core().is_done() {
                return Self::Around(0);
            }
            child = parent;
        }
    }
}

/// Makes `task` due in its group, and so on up to `top`, which is being polled.
fn set_due(task: &AnyTask, top: &DueChildren) {
    let (mut child, mut mode) = (task.clone(), Mode::Step);
    while let Some(InGroup { due, index, .. }) = child.core().group() {
        if due.address() == top.address() {
            return due.add_due(index, mode);
        }
        due.set_due(index, mode);
        child = due.parent();
        mode = Mode::Relay;
    }
}

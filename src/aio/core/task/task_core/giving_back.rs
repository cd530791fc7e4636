//! What becomes of a cancel that nothing has taken where it was. The invariants are those of
//! [`cancel_state`](super::cancel_state).

use std::rc::Rc;
use std::sync::Arc;

use super::cancel_state::{FORWARDED, LATE, LEAF, NOTED, OVER, UNWINDS};
use super::place::{Node, Spot, Up};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::target::Target;

impl Spot<'_> {
    /// A wait for `target` is dropped, through which a cancel was forwarded: what it was in must have that cancel
    /// (invariant 4).
    pub(in crate::aio) fn take_cancel_back(self, target: &Target) {
        if !self.place().gives_back() {
            return;
        }
        let back = Back {
            message: self.place().message(),
            had_by: Some(target),
            limit: self.place().limit(),
        };
        back.to(self.node, self.task);
    }

    /// A cancel that was raised here has not been taken.
    pub(super) fn give_back(self, message: Option<Arc<str>>) {
        let back = Back {
            message,
            had_by: None,
            limit: self.place().limit(),
        };
        back.to(self.node, self.task);
    }
}

/// A cancel that nothing has taken.
struct Back<'a> {
    message: Option<Arc<str>>,
    had_by: Option<&'a Target>,
    limit: Option<Rc<Node>>,
}

impl Back<'_> {
    /// It goes to `node`, or to what that was in, if its scope has ended.
    fn to(self, node: Option<&Rc<Node>>, task: &AnyTask) {
        let mut node = node.cloned();
        while let Some(at) = &node {
            if !at.place.cancel.has(OVER) || at.place.cancel.has(UNWINDS) {
                break;
            }
            let up = at.up();
            match up {
                Up::Nothing => return,
                Up::Node(around) => node = Some(around),
                Up::Task(task) => return self.note(None, &task),
            }
        }
        let Some(node) = node else {
            return self.note(None, task);
        };
        match node.find().task {
            Some(task) => self.note(Some(&node), &task),
            // In a generator that nobody polls.
            None if node.place.cancel.has(UNWINDS | NOTED) => {}
            None => {
                node.place.aim(self.limit.as_ref());
                node.place.keep_message(self.message.as_ref());
                node.be_late();
            }
        }
    }

    fn note(self, node: Option<&Rc<Node>>, task: &AnyTask) {
        let place = Spot::of(task, node).place();
        if task.core().is_done() || place.cancel.has(NOTED | UNWINDS) {
            return;
        }
        place.aim(self.limit.as_ref());
        place.cancel.set(NOTED);
        place.keep_message(self.message.as_ref());
        // No other target is dropped here, which would be somebody else's code: nothing was noted before.
        if let Some(target) = self.had_by {
            place.with_rare(|rare| rare.cancel.had_by = Some(target.clone()));
        }
        if let Some(node) = node {
            task.list(node);
        }
        task.cancelled();
    }
}

impl Node {
    /// The scope has ended. If it has not taken the cancel that it has, and no cancel has ended it, which is for all,
    /// that goes to what it was in.
    pub(in crate::aio) fn give_up(self: &Rc<Self>) {
        let late = self.place.cancel.clear(LATE);
        let pending = self.take_pending();
        let pending = pending.or_else(|| late.then(|| self.place.copy_cancelled()));
        self.place.cancel.set(OVER);
        if let Some(cancelled) = pending.filter(|_| !self.place.cancel.has(UNWINDS)) {
            self.hand_out(&cancelled);
        }
    }

    /// A call of the generator whose body is in this scope has ended, or is dropped. The next one may be another
    /// task's; so what the body has of this task's cancels goes to what the call was in.
    pub(in crate::aio) fn part(self: &Rc<Self>) {
        let mut pending = None;
        for node in self.with_all_below() {
            node.place.heal();
            let forwarded = node.place.cancel.clear(FORWARDED);
            let own = node.take_pending();
            pending = pending.or(own).or_else(|| {
                let gives = forwarded && node.place.gives_back();
                gives.then(|| node.place.copy_cancelled())
            });
        }
        let unwinds = self.place.cancel.clear(UNWINDS);
        if let Some(cancelled) = pending.filter(|_| !unwinds) {
            self.hand_out(&cancelled);
        }
        self.leave();
        let up = self.up.replace(Up::Nothing);
        drop(up);
    }

    /// The cancel that is on its way here.
    fn take_pending(&self) -> Option<Cancelled> {
        let cancel = &self.place.cancel;
        let due = cancel.clear(NOTED) | cancel.clear(LEAF);
        let thrown = self.thrown.take();
        let cancelled = self.thrown_cancel(thrown.as_ref());
        drop(thrown);
        let noted = || due.then(|| self.place.copy_cancelled());
        let cancelled = cancelled.or_else(noted)?;
        self.place.gives_back().then_some(cancelled)
    }

    /// A cancel goes to what the scope was in.
    fn hand_out(&self, cancelled: &Cancelled) {
        let back = Back {
            message: cancelled.message().map(Into::into),
            had_by: None,
            limit: self.place.limit(),
        };
        let up = self.up();
        match up {
            Up::Nothing => {}
            Up::Task(task) => back.to(None, &task),
            Up::Node(around) => {
                let task = around.find().task;
                if let Some(task) = task {
                    back.to(Some(&around), &task);
                } else {
                    around.place.aim(back.limit.as_ref());
                    around.place.keep_message(back.message.as_ref());
                    around.be_late();
                }
            }
        }
    }

    /// Nobody outside has requested the cancels in here any longer.
    pub(super) fn forget_cancels(self: &Rc<Self>) {
        for node in self.with_all_below() {
            let cancel = &node.place.cancel;
            let thrown = node.thrown.take();
            for flag in [NOTED, LEAF, LATE, FORWARDED] {
                cancel.clear(flag);
            }
            node.place.withdraw();
            node.place.heal();
            drop(thrown);
        }
    }
}

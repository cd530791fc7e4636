//! How a cancel goes from a target to what that target waits for: along a list, not by recursion, because a
//! chain of tasks may be of any length.
//!
//! 1. The order is that of nested calls: first a target's own part (`Awaited::begin_cancel`), then
//!    everything that it passes the cancel on to, one after the other, then the rest (`Awaited::end_cancel`).
//! 2. A target that can be reached in several ways (the children of one group that wait for each other) is
//!    gone through twice at most: the first cancel may end a promise, which the second one then finds ended;
//!    a third one would find what the second one did. So the cost is that of the edges. A task that is
//!    reached again after that still counts the cancel; what it waits for does not.
//! 3. On unwind, no task stays marked as passing a cancel on.

use std::collections::HashMap;
use std::sync::Arc;

use super::target::{Begun, PassEach, Target};
use crate::aio::core::raw::pointer::AnyTask;

/// A cancel on its way.
pub(in crate::aio) struct Cancelling {
    message: Option<Arc<str>>,
    /// The targets that are passing it on, from the outermost to the innermost.
    path: Vec<Passing>,
    /// The targets that have passed it on before: how often, and whether they took it.
    known: HashMap<usize, (u8, bool)>,
}

struct Passing {
    target: Target,
    /// The places of a task that pass it on, if there are several.
    each: Option<Box<dyn PassEach>>,
    next: usize,
    taken: bool,
}

impl Passing {
    /// What the cancel is passed on to next.
    fn next(&mut self) -> Option<Target> {
        let next = match &self.each {
            Some(each) => each.next(self.next),
            None => self.target.cancel_next(self.next),
        };
        self.next += 1;
        next
    }

    /// What the cancel was passed on to has answered.
    fn answered(&mut self, message: Option<&Arc<str>>, taken: bool) {
        // A gather has taken a cancel if one of its children has.
        self.taken |= taken;
        if let Some(each) = &self.each {
            each.answered(self.next - 1, message, taken);
        }
    }
}

/// How often one target passes a cancel on (invariant 2).
const VISITS: u8 = 2;

impl Cancelling {
    pub(in crate::aio) fn new(message: Option<Arc<str>>) -> Self {
        Self {
            message,
            path: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Cancels `target`, unless its loop is gone. Returns whether the cancel was taken.
    pub(in crate::aio) fn cancel(&mut self, target: &Target) -> bool {
        let begun = self.begin(target);
        self.run(begun)
    }

    /// Goes on with a cancel that `target` has begun, and passes on.
    pub(in crate::aio) fn go_on(&mut self, target: Target, begun: Begun) -> bool {
        let ended = self.entered(target, begun);
        self.run(ended)
    }

    /// Runs until nothing passes the cancel on. `ended`: whether the last target took it, if that is not on
    /// the path.
    fn run(&mut self, mut ended: Option<bool>) -> bool {
        loop {
            let Some(passing) = self.path.last_mut() else {
                // The target that the cancel began with has answered.
                return ended.unwrap_or(false);
            };
            if let Some(taken) = ended.take() {
                passing.answered(self.message.as_ref(), taken);
            }
            ended = match passing.next() {
                Some(target) => self.begin(&target),
                None => self.leave(),
            };
        }
    }

    /// Whether `target` took the cancel; `None` if it passes it on.
    fn begin(&mut self, target: &Target) -> Option<bool> {
        // A target that is still on the path is not known. A circle leads through a task, and ends there: a task
        // that is passing a cancel on notes the next one.
        if let Some((VISITS, taken)) = self.known.get(&target.address()).copied() {
            return Some(taken && target.count_cancel());
        }
        let begun = target.begin_cancel(self.message.as_ref());
        self.entered(target.clone(), begun)
    }

    /// Whether `target` took the cancel that has begun; `None` if it passes it on.
    fn entered(&mut self, target: Target, begun: Begun) -> Option<bool> {
        let each = match begun {
            Begun::Ended(taken) => return Some(taken),
            Begun::PassesOn => None,
            Begun::Each(each) => Some(each),
        };
        self.path.push(Passing {
            target,
            each,
            next: 0,
            taken: false,
        });
        None
    }

    /// The innermost target has passed the cancel on to everything.
    fn leave(&mut self) -> Option<bool> {
        // Off the path first: `end_cancel` clears the mark itself, before anything that may panic (invariant 3).
        let passing = self.path.pop()?;
        let taken = match &passing.each {
            Some(each) => {
                each.end();
                true
            }
            None => passing
                .target
                .end_cancel(self.message.as_ref(), passing.taken),
        };
        let (visits, was_taken) = self.known.entry(passing.target.address()).or_default();
        *visits += 1;
        *was_taken = taken;
        Some(taken)
    }
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        for passing in self.path.drain(..) {
            match (&passing.each, &passing.target) {
                (Some(each), _) => each.stop(),
                (None, Target::Task(task)) => task.core().stop_passing(),
                (None, Target::Other(_)) => {}
            }
        }
    }
}

/// Cancels tasks one after the other.
pub(in crate::aio) fn cancel_all(tasks: &[AnyTask]) {
    // One walk for all, so that what several of them wait for is gone through twice at most (invariant 2).
    let mut cancelling = Cancelling::new(None);
    for task in tasks {
        cancelling.cancel(&Target::Task(task.clone()));
    }
}

impl Target {
    /// Cancels the target. Returns whether the cancel was taken.
    pub(in crate::aio) fn cancel(&self) -> bool {
        Cancelling::new(None).cancel(self)
    }
}

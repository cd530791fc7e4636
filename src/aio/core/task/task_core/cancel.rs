//! The cancels of a task: how they are requested, and what takes them. The invariants are those of
//! [`cancel_state`](super::cancel_state).

use std::rc::Rc;
use std::sync::Arc;

use super::TaskCore;
use super::cancel_state::{FORWARDED, LEAF, LISTED, NODES, NOTED, PASSING, SCOPES, Share, Since};
use super::place::{Node, Spot};
use super::tree::Reached;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::Cancelling;
use crate::aio::core::raw::pointer::{AnyTask, Hold, TurnState};
use crate::aio::core::target::{Begun, PassEach, Target};
use crate::aio::core::trace;

impl AnyTask {
    /// Requests a cancel. Returns whether there is anything to cancel.
    pub(in crate::aio) fn cancel(&self, message: Option<Arc<str>>) -> bool {
        let begun = self.begin_own_cancel(message.as_ref());
        self.go_on_with(begun, message)
    }

    /// The same, for a cancel that has begun.
    pub(super) fn go_on_with(&self, begun: Begun, message: Option<Arc<str>>) -> bool {
        match begun {
            Begun::Ended(taken) => taken,
            passes => Cancelling::new(message).go_on(Target::Task(self.clone()), passes),
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
        self.begin_cancel_in(None, message)
    }

    /// Delivers a cancel that has been counted, to the whole task or to a scope.
    pub(super) fn begin_cancel_in(
        &self,
        node: Option<&Rc<Node>>,
        message: Option<&Arc<str>>,
    ) -> Begun {
        let core = self.core();
        let spot = Spot { task: self, node };
        spot.place().forget_caught();
        let below = match node {
            Some(node) => node.with_all_below(),
            None => self.all_scopes(),
        };
        for node in below {
            node.place.forget_caught();
        }
        if core.is_running() {
            spot.place().aim(node);
            spot.note(message);
            self.cancelled();
            return Begun::Ended(true);
        }
        let reached = match node {
            Some(node) => node.reached(),
            None => self.reached(),
        };
        if !reached.places.is_empty() {
            return self.begin_in_places(&reached, node, message);
        }
        // The order is that of invariant 1.
        if core.place.begin_passing() {
            return Begun::PassesOn;
        }
        if !core.place.cancel_leaf(core.is_idle(), message) {
            spot.note(message);
        }
        self.cancelled();
        Begun::Ended(true)
    }

    /// Each place by itself.
    fn begin_in_places(
        &self,
        reached: &Reached,
        limit: Option<&Rc<Node>>,
        message: Option<&Arc<str>>,
    ) -> Begun {
        let share = reached.share();
        let idle = self.core().is_idle();
        let mut passing = Vec::new();
        for node in &reached.places {
            node.place.aim(limit);
            node.place.share(share.as_ref());
            if node.place.begin_passing() {
                passing.push((Some(node.clone()), true));
            } else if node.place.cancel_leaf(idle, message) {
                self.list(node);
            } else {
                node.spot(self).note(message);
            }
        }
        for node in &reached.around {
            let place = Spot::of(self, node.as_ref()).place();
            place.aim(limit);
            if place.has_only_one_target() {
                if place.begin_passing() {
                    place.share(share.as_ref());
                    passing.push((node.clone(), false));
                }
            } else {
                place.cut(message, share.as_ref());
            }
        }
        if !passing.is_empty() {
            let task = self.clone();
            return Begun::Each(Box::new(Places { task, passing }));
        }
        self.cancelled();
        Begun::Ended(true)
    }

    /// A cancel was passed on from a place; `taken` is whether the target took it.
    pub(in crate::aio::core) fn end_in_place(
        &self,
        node: Option<&Rc<Node>>,
        message: Option<&Arc<str>>,
        taken: bool,
    ) {
        let spot = Spot { task: self, node };
        let place = spot.place();
        place.end_passing(taken);
        if taken {
            // The wait will raise the target's own error. This message is for a wait that is dropped, and gives
            // the cancel back (invariant 4).
            place.keep_message(message);
        } else {
            // The target has ended, or its loop is gone: the wait will not raise the cancel, so the step must.
            spot.note(message);
        }
    }

    /// A cancel was passed on to everything.
    pub(in crate::aio::core) fn end_own_cancel(&self) {
        self.cancelled();
    }

    /// Lets a pending cancel be delivered.
    pub(super) fn cancelled(&self) {
        let core = self.core();
        // A task that runs looks at the end of its step (1); a wake now would be one turn too many.
        if !core.is_running() && core.place.cancel.is_due() {
            self.wake();
        }
        if core.is_held() {
            // A held task is cancelled at once, whatever the limit of its gather: it must end, not wait.
            self.release_to_end();
        }
    }
}

impl Spot<'_> {
    /// The next step, or the end of this one, must see to a cancel here.
    fn note(self, message: Option<&Arc<str>>) {
        let place = self.place();
        // Another cancel, which no target has had, so `had_by` goes.
        if self.node.is_some() {
            place.cancel.clear(NOTED);
            drop(place.take_had_by());
        } else {
            self.task.core().withdraw_own();
        }
        place.cancel.set(NOTED);
        // The message is that of the plain wait's cancel, which is the first (invariant 2).
        if !place.cancel.has(LEAF) {
            place.keep_message(message);
        }
        if let Some(node) = self.node {
            self.task.list(node);
        }
    }

    /// Whether a cancel was forwarded through the wait here that began at `since`, which must then raise it
    /// (invariant 3).
    #[inline]
    pub(in crate::aio) fn take_forwarded(self, since: Since) -> bool {
        let cancel = &self.place().cancel;
        cancel.since() != since && cancel.clear(FORWARDED)
    }

    /// A cancel that was forwarded has come to its end here.
    #[cold]
    pub(in crate::aio) fn took(self) {
        self.place().took();
    }

    /// Whether the plain wait here has been cancelled: the next step drops it.
    ///
    /// Locks and queues ask, to hand nothing on to such a wait.
    pub(in crate::aio) fn is_leaf_cancelled(self) -> bool {
        self.place().cancel.has(LEAF)
    }
}

impl Reached {
    /// What its places have of a cancel together, if there are several.
    pub(super) fn share(&self) -> Option<Rc<Share>> {
        let several = self.places.len() + self.around.len() > 1;
        several.then(Rc::default)
    }
}

// Requests.
impl AnyTask {
    pub(in crate::aio) fn uncancel(&self) -> u32 {
        let core = self.core();
        let requests = core.place.cancel.requests.get().saturating_sub(1);
        core.place.cancel.requests.set(requests);
        if requests == 0 {
            self.withdraw();
            if core.is_running() {
                // The task has gone on beside the wait that was to raise the cancel, and wants none of it. When
                // another task takes the request back, the target is ending all the same, and the wait says so.
                core.place.cancel.clear(FORWARDED);
                if core.place.cancel.has(SCOPES) {
                    for node in self.all_scopes() {
                        node.place.cancel.clear(FORWARDED);
                    }
                }
            }
        }
        requests
    }

    /// Removes the cancels that are noted.
    pub(in crate::aio) fn withdraw(&self) {
        let core = self.core();
        core.withdraw_own();
        if core.place.cancel.clear(NODES) {
            let due = core.with_rare(|rare| std::mem::take(&mut rare.tree.due));
            for node in due {
                node.place.withdraw();
                node.place.cancel.clear(LISTED);
                if node.place.cancel.has(LEAF) {
                    self.list(&node);
                }
            }
        }
    }
}

impl TaskCore {
    pub(in crate::aio) fn cancelling(&self) -> u32 {
        self.place.cancel.requests.get()
    }

    pub(in crate::aio) fn count_cancel(&self) {
        let requests = &self.place.cancel.requests;
        requests.set(requests.get() + 1);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.head.state.get() == TurnState::Idle
    }

    /// The target to which the task was passing a cancel on has got stuck.
    pub(in crate::aio) fn stop_passing(&self) {
        self.place.cancel.clear(PASSING);
    }

    /// The one thing that the task waits for.
    pub(in crate::aio::core) fn one_target(&self) -> Option<Target> {
        self.place.one_target()
    }

    /// Removes the cancel that is noted outside all scopes.
    fn withdraw_own(&self) {
        if self.head.hold.get() == Hold::Ending && !self.is_running() {
            self.head.hold.set(Hold::Held);
        }
        self.place.withdraw();
    }

    /// Takes the cancel that is noted.
    #[inline]
    pub(in crate::aio::core) fn take_noted(&self) -> Option<Cancelled> {
        if !self.place.cancel.has(NOTED) {
            return None;
        }
        let cancelled = self.place.take_cancelled();
        self.withdraw_own();
        Some(cancelled)
    }
}

/// The scopes, or the task itself (`None`), that pass a cancel on; each with whether it must have the cancel if its
/// target does not take it.
struct Places {
    task: AnyTask,
    passing: Vec<(Option<Rc<Node>>, bool)>,
}

impl PassEach for Places {
    fn next(&self, index: usize) -> Option<Target> {
        let (node, _) = self.passing.get(index)?;
        Spot::of(&self.task, node.as_ref()).place().one_target()
    }

    fn answered(&self, index: usize, message: Option<&Arc<str>>, taken: bool) {
        let Some((node, must)) = self.passing.get(index) else {
            return;
        };
        if taken || *must {
            self.task.end_in_place(node.as_ref(), message, taken);
        } else {
            let place = Spot::of(&self.task, node.as_ref()).place();
            place.end_passing(false);
            place.share(None);
        }
    }

    fn end(&self) {
        self.task.end_own_cancel();
    }

    fn stop(&self) {
        for (node, _) in &self.passing {
            let spot = Spot::of(&self.task, node.as_ref());
            spot.place().cancel.clear(PASSING);
        }
    }
}

//! The cancels of a task: how they are requested, and what takes them. The invariants are those of
//! [`cancel_state`](super::cancel_state).

use std::rc::Rc;
use std::sync::Arc;

use super::TaskCore;
use super::cancel_state::{
    FORWARDED, LATE, LEAF, LISTED, NODES, NOTED, OVER, PASSING, Part, SCOPES, Share, Since, UNWINDS,
};
use super::place::{Node, Place, Rare, Spot, Up};
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

// What takes a cancel (invariant 1).
impl Place {
    /// Whether the one thing that is waited for must get a cancel. Then the task is passing it on.
    pub(super) fn begin_passing(&self) -> bool {
        // In a circle the cancel is on its way through this place already (invariant 5).
        let passes = self.leaves.get() == 0 && self.has_one_target() && !self.cancel.has(PASSING);
        if passes {
            self.cancel.set(PASSING);
        }
        passes
    }

    pub(super) fn end_passing(&self, taken: bool) {
        self.cancel.clear(PASSING);
        if taken {
            self.cancel.set(FORWARDED);
            let forwards = &self.cancel.forwards;
            forwards.set(forwards.get().wrapping_add(1));
        }
    }

    /// Cancels the plain wait that is here, if there is one and nothing else. `idle`: whether the task is. Returns
    /// whether it did.
    pub(super) fn cancel_leaf(&self, idle: bool, message: Option<&Arc<str>>) -> bool {
        let alone = !self.has_targets() && self.leaves.get() == 1;
        // A wait that has been woken or cancelled can no longer take it.
        if !alone || self.cancel.has(LEAF) || !idle {
            return false;
        }
        self.cancel.set(LEAF);
        self.keep_message(message);
        true
    }

    pub(super) fn keep_message(&self, message: Option<&Arc<str>>) {
        if message.is_some() {
            self.with_rare(|rare| rare.cancel.message = message.cloned());
        } else {
            self.look_rare(|rare| rare.cancel.message = None);
        }
    }

    pub(super) fn message(&self) -> Option<Arc<str>> {
        self.look_rare(|rare| rare.cancel.message.clone()).flatten()
    }

    fn copy_cancelled(&self) -> Cancelled {
        Cancelled::with(self.message())
    }

    pub(super) fn take_cancelled(&self) -> Cancelled {
        let message = self.look_rare(|rare| rare.cancel.message.take());
        Cancelled::with(message.flatten())
    }

    /// Whether the one thing that is waited for has the cancel, and has not ended.
    pub(super) fn is_passed_on(&self) -> bool {
        self.cancel.has(FORWARDED)
            && self
                .one_target()
                .is_none_or(|target| !target.completion().done())
    }

    /// The cancel that comes here is one that others have, too, or is not.
    pub(super) fn share(&self, share: Option<&Rc<Share>>) {
        let old = match share {
            Some(share) => self.with_rare(|rare| rare.cancel.share.replace(Part::of(share))),
            None => self.look_rare(|rare| rare.cancel.share.take()).flatten(),
        };
        drop(old);
    }

    /// The cancel has been taken here.
    pub(super) fn took(&self) {
        let share = self.look_rare(|rare| rare.cancel.share.take());
        if let Some(share) = share.flatten() {
            share.share.taken.set(true);
        }
    }

    /// Whether another place has taken the cancel.
    pub(super) fn is_taken_elsewhere(&self) -> bool {
        let look = |rare: &mut Rare| {
            let share = rare.cancel.share.as_ref();
            share.map(|part| part.share.taken.get())
        };
        self.look_rare(look).flatten().unwrap_or_default()
    }

    /// The cancel will not be taken here. Returns whether it must be taken elsewhere.
    fn gives_back(&self) -> bool {
        let share = self.look_rare(|rare| rare.cancel.share.take());
        let Some(part) = share.flatten() else {
            return true;
        };
        let share = part.share.clone();
        drop(part);
        !share.is_elsewhere()
    }

    /// Removes the cancel that is noted, if there is one.
    pub(super) fn withdraw(&self) {
        self.cancel.clear(NOTED);
        // The drop may be somebody else's code.
        let had_by = self.take_had_by();
        drop(had_by);
    }

    pub(super) fn take_had_by(&self) -> Option<Target> {
        self.look_rare(|rare| rare.cancel.had_by.take()).flatten()
    }
}

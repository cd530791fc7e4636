//! How a step delivers the cancels that are due, and what the end of a step does with those that came during it.
//!
//! 1. A cancel is delivered to the places of what it is for: each of their scopes takes it when it is polled in the
//!    step. If there is none, it ends the body.
//! 2. A scope that was not polled in the step, because a combinator left it out, has not taken it. Then the body is
//!    polled again in the same step, so that it does not go on as if there were no cancel; but not for ever. After that
//!    the cancel goes to what the scope is in, and so on outwards; in the end it ends the body. If another place has
//!    taken the same cancel, and no combinator will poll the scope, the body has left it aside, and it is let alone.
//! 3. A scope that does not stand is somewhere where the task does not poll at present. It keeps its cancel until it
//!    is polled.

use std::mem;
use std::rc::Rc;
use std::sync::Arc;

use super::cancel_state::{
    DUE, LATE, LEAF, LISTED, NODES, NOTED, OVER, RAISED, SCOPES, THROWN, UNWINDS, WOKEN,
};
use super::place::{Node, Place, Spot, Up};
use super::tree::Reached;
use crate::aio::core::body::Mode;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::Cancelling;
use crate::aio::core::error::Error;
use crate::aio::core::raw::pointer::{AnyTask, TurnState};
use crate::aio::core::report;
use crate::aio::core::target::Target;
use crate::aio::core::thrown::{Thrown, error_of};
use crate::frame::Exception;

/// How a step begins.
pub(in crate::aio::core) enum Delivery {
    /// The body is polled.
    Poll,
    /// A cancel ends the body.
    Ends(Cancelled),
}

/// What follows from a poll of the body.
pub(in crate::aio::core) enum AfterPoll {
    /// Nothing.
    Done,
    /// It is polled again.
    Again,
    /// It ends like this.
    Ends(Error),
}

/// How often a body is polled in one step until all scopes have taken what is delivered to them.
pub(in crate::aio::core) const TRIES: u32 = 1 << 10;

/// The same, if nothing wakes the task meanwhile.
const FEW: u32 = 16;

impl AnyTask {
    /// A step begins.
    #[inline]
    pub(in crate::aio::core) fn begin(&self) -> Delivery {
        let core = self.core();
        core.head.state.set(TurnState::Running);
        if core.place.cancel.has(DUE | SCOPES) {
            self.begin_rarely()
        } else {
            Delivery::Poll
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_rarely(&self) -> Delivery {
        // A task that has begun is no different from others: its first poll has cleared the mark.
        let delivery = if self.core().is_to_begin() {
            Delivery::Poll
        } else {
            self.deliver()
        };
        // After that: which scopes stand is told by the last poll.
        self.next_round();
        delivery
    }

    /// Delivers all cancels that are due.
    fn deliver(&self) -> Delivery {
        let place = &self.core().place;
        if place.cancel.has(NOTED | LEAF) {
            place.cancel.clear(LEAF);
            let cancelled = self.core().place.take_cancelled();
            self.core().take_noted();
            let reached = self.reached();
            if reached.places.is_empty() {
                // Waits that are dropped by the unwinding see this, and do not give their cancels back.
                place.cancel.set(UNWINDS);
                return Delivery::Ends(cancelled);
            }
            self.throw_cancels(&reached, None, &cancelled);
        }
        if place.cancel.clear(NODES) {
            let due = place.with_rare(|rare| mem::take(&mut rare.tree.due));
            for node in due {
                self.deliver_in(&node);
            }
        }
        self.wake_thrown();
        Delivery::Poll
    }

    fn deliver_in(&self, node: &Rc<Node>) {
        let cancel = &node.place.cancel;
        if !node.is_due() {
            return;
        }
        cancel.clear(LEAF);
        let cancelled = node.place.take_cancelled();
        node.place.withdraw();
        let reached = node.reached();
        if reached.places.iter().any(|place| Rc::ptr_eq(place, node)) {
            self.throw_cancel(node, &cancelled);
        } else {
            node.place.took();
            let limit = node.place.limit();
            self.throw_cancels(&reached, limit.as_ref(), &cancelled);
        }
    }

    fn throw_cancels(&self, reached: &Reached, limit: Option<&Rc<Node>>, cancelled: &Cancelled) {
        let share = reached.share();
        for node in &reached.places {
            node.place.aim(limit);
            node.place.share(share.as_ref());
            self.throw_cancel(node, cancelled);
        }
        let message: Option<Arc<str>> = cancelled.message().map(Into::into);
        for node in &reached.around {
            let place = Spot::of(self, node.as_ref()).place();
            place.aim(limit);
            place.cut(message.as_ref(), share.as_ref());
        }
    }

    pub(super) fn throw_cancel(&self, node: &Rc<Node>, cancelled: &Cancelled) {
        if !node.place.cancel.has(THROWN) {
            node.place.cancel.clear(LEAF);
            node.place.withdraw();
            self.throw_in(node, Exception::new(Thrown(cancelled.clone())));
        }
    }

    /// The scope of `node` takes `exception` in its next poll.
    pub(in crate::aio) fn throw_in(&self, node: &Rc<Node>, exception: Exception) {
        node.place.cancel.set(THROWN);
        let old = node.thrown.replace(Some(exception));
        let core = self.core();
        core.place.cancel.set(THROWN);
        core.with_rare(|rare| rare.tree.thrown.push(node.clone()));
        drop(old);
    }

    /// Wakes the combinators that poll the scopes to which something is thrown.
    pub(in crate::aio) fn wake_thrown(&self) {
        let thrown = self
            .core()
            .look_rare(|rare| rare.tree.thrown.clone())
            .unwrap_or_default();
        for node in thrown {
            if let Some(waker) = node.waker.take() {
                node.place.cancel.set(WOKEN);
                report::wake(waker);
            }
        }
    }

    /// Whether a poll of the body needs a look at what came of it.
    #[inline]
    pub(in crate::aio::core) fn is_unusual(&self) -> bool {
        self.core().place.cancel.has(RAISED | THROWN)
    }

    /// The body was polled, for the last time if none are `left`; `ended` is whether it has ended.
    #[cold]
    #[inline(never)]
    pub(in crate::aio::core) fn after_poll(&self, mode: Mode, ended: bool, left: u32) -> AfterPoll {
        let place = &self.core().place;
        if let Some(raised) = self.take_held(None, ended) {
            place.cancel.set(UNWINDS);
            return AfterPoll::Ends(error_of(raised));
        }
        // Nothing is delivered on behalf of a child.
        if mode == Mode::Relay || !place.cancel.clear(THROWN) {
            return AfterPoll::Done;
        }
        let thrown = place.with_rare(|rare| mem::take(&mut rare.tree.thrown));
        let untaken: Vec<_> = thrown
            .into_iter()
            .filter(|node| node.place.cancel.has(THROWN) && !node.is_left_aside(self, left))
            .collect();
        if ended || untaken.is_empty() {
            // Scopes that the body still has give their cancels up when it is dropped.
            return AfterPoll::Done;
        }
        // A combinator that stopped early has woken the task, to be polled again.
        let state = &self.core().head.state;
        let woken = state.get() == TurnState::Woken;
        if left > 0 && (woken || left > TRIES - FEW) {
            state.set(TurnState::Running);
            place.cancel.set(THROWN);
            place.with_rare(|rare| rare.tree.thrown.extend(untaken));
        } else {
            for node in &untaken {
                if let Some(exception) = self.throw_outwards(node) {
                    place.cancel.set(UNWINDS);
                    return AfterPoll::Ends(error_of(exception));
                }
            }
        }
        self.wake_thrown();
        if place.cancel.has(THROWN) {
            AfterPoll::Again
        } else {
            AfterPoll::Done
        }
    }

    /// A scope was not polled: what was thrown to it goes to what it is in. Returns it if that is the body.
    fn throw_outwards(&self, node: &Rc<Node>) -> Option<Exception> {
        node.place.cancel.clear(THROWN);
        let exception = node.thrown.take()?;
        if let Some(limit) = node.place.limit() {
            // The body has left the limit's block aside.
            limit.place.keep_message(None);
            limit.be_late();
            return None;
        }
        let up = node.up();
        match up {
            Up::Node(around) if !around.place.cancel.has(THROWN) => {
                self.throw_in(&around, exception);
                None
            }
            Up::Task(_) => Some(exception),
            // That has one already.
            Up::Node(_) | Up::Nothing => None,
        }
    }

    /// A step has ended, and the body is suspended: cancels that came while the task ran go to what it waits for now,
    /// if that takes them.
    #[cold]
    pub(super) fn settle(&self) {
        let place = &self.core().place;
        place.cancel.clear(UNWINDS);
        if place.cancel.clear(NODES) {
            let due = place.with_rare(|rare| mem::take(&mut rare.tree.due));
            for node in due {
                self.settle_in(&node);
            }
        }
        if place.cancel.has(NOTED) {
            let reached = self.reached();
            if reached.places.is_empty() {
                self.pass_noted_on(Spot::of(self, None));
            } else {
                let message = place.message();
                self.core().take_noted();
                self.spread(&reached, None, message.as_ref());
            }
        }
    }

    fn settle_in(&self, node: &Rc<Node>) {
        let cancel = &node.place.cancel;
        if !node.is_due() {
            return;
        }
        if !cancel.has(NOTED) {
            self.list(node);
            return;
        }
        let reached = node.reached();
        if reached.places.iter().any(|place| Rc::ptr_eq(place, node)) {
            self.pass_noted_on(node.spot(self));
            if cancel.has(NOTED | LEAF) {
                self.list(node);
            }
        } else {
            let message = node.place.message();
            let limit = node.place.limit();
            node.place.withdraw();
            self.spread(&reached, limit.as_ref(), message.as_ref());
        }
    }

    /// A cancel goes to each place.
    fn spread(&self, reached: &Reached, limit: Option<&Rc<Node>>, message: Option<&Arc<str>>) {
        let share = reached.share();
        for node in &reached.places {
            node.place.aim(limit);
            if node.place.cancel.has(NOTED) {
                continue;
            }
            node.place.share(share.as_ref());
            node.place.cancel.set(NOTED);
            if !node.place.cancel.has(LEAF) {
                node.place.keep_message(message);
            }
            self.pass_noted_on(node.spot(self));
            if node.place.cancel.has(NOTED | LEAF) {
                self.list(node);
            }
        }
        for node in &reached.around {
            let place = Spot::of(self, node.as_ref()).place();
            place.aim(limit);
            if !place.has_only_one_target() {
                place.cut(message, share.as_ref());
            } else if place.begin_passing() {
                let target = place.one_target();
                let taken = target.is_some_and(|it| Cancelling::new(message.cloned()).cancel(&it));
                place.end_passing(taken);
                place.share(share.as_ref().filter(|_| taken));
            }
        }
    }

    /// A cancel that came while the task ran goes to what is waited for here now, if that takes it.
    fn pass_noted_on(&self, spot: Spot<'_>) {
        let place: &Place = spot.place();
        // A clone: if nothing takes the cancel, the next step delivers it, with its message.
        let message = place.message();
        let had_by = place.take_had_by();
        let taken = if place.begin_passing() {
            // The cancel came back from a wait for this target: the target is on its way to an end already.
            let has_it = |target: &Target| had_by.as_ref().is_some_and(|had_by| had_by.is(target));
            let taken = place
                .one_target()
                .is_some_and(|target| has_it(&target) || Cancelling::new(message).cancel(&target));
            place.end_passing(taken);
            taken
        } else {
            place.cancel_leaf(self.core().is_idle(), message.as_ref())
        };
        if taken {
            place.cancel.clear(NOTED);
        }
    }
}

impl Node {
    /// Takes it off the list. Whether its cancel is still due: if it does not stand, that comes when it is polled.
    fn is_due(self: &Rc<Self>) -> bool {
        let cancel = &self.place.cancel;
        cancel.clear(LISTED);
        let due = cancel.has(NOTED | LEAF) && !cancel.has(OVER);
        let stands = due && self.find().stands;
        if due && !stands {
            self.be_late();
        }
        stands
    }

    /// What the scope takes in this poll, if something was thrown to it.
    #[inline]
    pub(in crate::aio) fn take_thrown(self: &Rc<Self>, task: &AnyTask) -> Option<Exception> {
        let cancel = &self.place.cancel;
        if !cancel.has(THROWN | LATE) || !task.core().is_running() {
            return None;
        }
        if !cancel.clear(THROWN) {
            return self.take_late(task);
        }
        cancel.clear(WOKEN);
        self.place.took();
        self.thrown.take()
    }

    /// What was thrown here was taken elsewhere, and nothing will poll the scope: forgets it.
    fn is_left_aside(&self, task: &AnyTask, tries: u32) -> bool {
        // A combinator that stopped early has woken the task, to be polled again.
        let may_come = self.place.cancel.has(WOKEN)
            && task.core().head.state.get() == TurnState::Woken
            && tries > 0;
        let left = !may_come && self.place.is_taken_elsewhere();
        if left {
            self.place.cancel.clear(THROWN);
            drop(self.thrown.take());
        }
        left
    }

    /// A cancel came while the scope was not polled: its places take it now.
    #[cold]
    fn take_late(self: &Rc<Self>, task: &AnyTask) -> Option<Exception> {
        self.place.cancel.clear(LATE);
        let cancelled = self.place.take_cancelled();
        // A round has begun for this poll, which is still to reach what is inside.
        let places = self.inner_places_before();
        if places.is_empty() {
            return Some(Exception::new(Thrown(cancelled)));
        }
        let limit = self.place.limit();
        for node in &places {
            node.place.aim(limit.as_ref());
            task.throw_cancel(node, &cancelled);
        }
        task.wake_thrown();
        None
    }

    /// The cancel that was thrown; `None` if it was none.
    pub(super) fn thrown_cancel(&self, thrown: Option<&Exception>) -> Option<Cancelled> {
        self.place.cancel.clear(THROWN);
        Some(thrown?.downcast_ref::<Thrown>()?.0.clone())
    }

    /// A cancel ends the scope.
    pub(in crate::aio) fn unwind(&self) {
        self.place.cancel.set(UNWINDS);
    }
}

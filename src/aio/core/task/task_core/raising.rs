//! How an exception leaves the scope that it was raised in.
//!
//! 1. What is raised is left in the scope that is being polled, which takes it when its poll returns. That is the
//!    innermost scope around, whatever else is beside the raise.
//! 2. A cancel, and what was raised instead of one, waits until everything else in that scope has cleaned up: under a
//!    `join!` several places may have had the same cancel. Then it is taken, even if the others have caught theirs.
//! 3. Of several that are raised meanwhile the first error counts, or a cancel if there is none.

use std::rc::Rc;

use super::cancel_state::{CLEANS, RAISED, SPREAD};
use super::place::{Node, Place, Spot};
use crate::aio::core::cancelled::{Cancelled, Catch};
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report;
use crate::aio::core::thrown::{Raised, Thrown};
use crate::frame::Exception;
use crate::generator::GeneratorExit;

impl AnyTask {
    /// Raises an exception in the scope that is being polled.
    pub(in crate::aio) fn raise(&self, exception: Exception) {
        let lost = if let Some(node) = self.here() {
            node.place.cancel.set(RAISED);
            let (kept, lost) = first_of(node.held.take(), exception);
            node.held.set(Some(kept));
            lost
        } else {
            let place = &self.core().place;
            place.cancel.set(RAISED);
            place.with_rare(|rare| {
                let (kept, lost) = first_of(rare.tree.held.take(), exception);
                rare.tree.held = Some(kept);
                lost
            })
        };
        report::discard(lost);
    }

    /// What was raised in the scope of `node`, or outside all scopes, if it is to be taken now. `over`: what is in
    /// there has ended.
    #[inline]
    pub(in crate::aio) fn take_held(
        &self,
        node: Option<&Rc<Node>>,
        over: bool,
    ) -> Option<Exception> {
        let place = match node {
            Some(node) => &node.place,
            None => &self.core().place,
        };
        if place.cancel.has(RAISED) {
            self.take_held_rarely(node, over)
        } else {
            None
        }
    }

    #[cold]
    #[inline(never)]
    fn take_held_rarely(&self, node: Option<&Rc<Node>>, over: bool) -> Option<Exception> {
        let core = self.core();
        let take = || match node {
            Some(node) => node.held.take(),
            None => core.with_rare(|rare| rare.tree.held.take()),
        };
        let place = match node {
            Some(node) => &node.place,
            None => &core.place,
        };
        let Some(held) = take() else {
            return self.take_raised_by_cut(node, place, over);
        };
        let keeps = !over && waits(&held) && (self.is_busy_in(node) || self.spreads(node, &held));
        if keeps {
            match node {
                Some(node) => node.held.set(Some(held)),
                None => core.with_rare(|rare| rare.tree.held = Some(held)),
            }
            return None;
        }
        place.cancel.clear(RAISED);
        place.cancel.clear(SPREAD);
        place.forget_cut();
        Some(held)
    }

    /// Scopes beside a cancel that was raised may have swallowed their own, or had none: so that their clean-ups run, they
    /// get this one, once. Returns whether there are any.
    fn spreads(&self, node: Option<&Rc<Node>>, raised: &Exception) -> bool {
        let Some(Thrown(cancelled)) = raised.downcast_ref::<Thrown>() else {
            return false;
        };
        let place = match node {
            Some(node) => &node.place,
            None => &self.core().place,
        };
        if place.cancel.has(SPREAD) || !self.core().is_running() {
            return false;
        }
        place.cancel.set(SPREAD);
        let places = match node {
            Some(node) => node.inner_places(),
            None => self.reached().places,
        };
        for node in &places {
            self.throw_cancel(node, cancelled);
        }
        self.wake_thrown();
        !places.is_empty()
    }

    /// What was raised by waits that a cancel has cut off. If what they are in ends all the same, it has left them
    /// aside.
    fn take_raised_by_cut(
        &self,
        node: Option<&Rc<Node>>,
        place: &Place,
        over: bool,
    ) -> Option<Exception> {
        let raised = place.raised_by_cut().filter(|_| !over);
        if let Some(raised) = &raised {
            if self.is_busy_in(node) || self.spreads(node, raised) {
                return None;
            }
            place.forget_cut();
        }
        place.cancel.clear(RAISED);
        place.cancel.clear(SPREAD);
        raised
    }
}

impl AnyTask {
    /// A cancel has been caught in the scope that is being polled: as long as it is held, something cleans up there.
    pub(in crate::aio) fn catch(&self, cancelled: &mut Cancelled) {
        let catch = cancelled.caught();
        let here = self.here();
        Spot::of(self, here.as_ref()).place().with_rare(|rare| {
            rare.caught.retain(Catch::is_held);
            rare.caught.push(catch);
        });
    }
}

impl Place {
    /// Whether something cleans up here that has caught a cancel: somebody has the cancel, and something is awaited, or
    /// the task was `woken` meanwhile. Without that, a combinator may keep it as the value of a branch that has ended.
    pub(super) fn cleans_up_after_catch(&self, children: &[Rc<Node>], woken: bool) -> bool {
        let held = self.look_rare(|rare| {
            let waits = self.leaves.get() + self.joins.get();
            let awaits = woken || waits > rare.cancel.cut.raised || !children.is_empty();
            awaits && rare.caught.iter().any(Catch::is_held)
        });
        held.unwrap_or(false)
    }

    /// Another cancel interrupts what cleans up here.
    pub(super) fn forget_caught(&self) {
        self.look_rare(|rare| rare.caught.clear());
    }
}

impl Node {
    /// A clean-up runs in the scope.
    pub(in crate::aio) fn clean(&self) {
        self.place.cancel.set(CLEANS);
    }

    /// The clean-up has ended.
    pub(in crate::aio) fn end_cleaning(&self) {
        self.place.cancel.clear(CLEANS);
    }
}

/// The one that counts, and the other one.
fn first_of(held: Option<Exception>, new: Exception) -> (Exception, Option<Exception>) {
    match held {
        None => (new, None),
        Some(held) if held.is::<Thrown>() && !new.is::<Thrown>() => (new, Some(held)),
        Some(held) => (held, Some(new)),
    }
}

/// Whether it is a cancel, or came instead of one, or the like of it.
pub(in crate::aio) fn waits(exception: &Exception) -> bool {
    let mut next = Some(exception);
    while let Some(exception) = next {
        if is_from_outside(exception) {
            return true;
        }
        next = exception.context();
    }
    false
}

fn is_from_outside(exception: &Exception) -> bool {
    exception.is::<Thrown>()
        || exception.is::<GeneratorExit>()
        || exception.downcast_ref::<Raised>().is_some_and(|raised| {
            raised.0.is_cancelled() || raised.0.downcast_ref::<GeneratorExit>().is_some()
        })
}

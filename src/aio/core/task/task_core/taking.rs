//! What takes a cancel in a place: invariant 1 of [`cancel_state`](super::cancel_state).

use std::rc::Rc;
use std::sync::Arc;

use super::cancel_state::{FORWARDED, LEAF, NOTED, PASSING, Part, Share};
use super::place::{Place, Rare};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::target::Target;

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

    pub(super) fn copy_cancelled(&self) -> Cancelled {
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
    pub(super) fn gives_back(&self) -> bool {
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

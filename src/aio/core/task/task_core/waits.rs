//! What a task waits for, in each of its places.
//!
//! 1. `joins` counts the waits for targets, `leaves` the plain ones. A wait enters at its first pending poll, and
//!    leaves when it is ready, when it is dropped, and when another task polls it. So a cancel sees whether there
//!    is one thing that it can go to.
//! 2. The target of a single wait is in `target`, and `rare` has none. The targets of several waits are all in
//!    `rare`, and `target` is empty.
//! 3. Several waits may be for one target, which therefore leaves with the last of them.
//! 4. A target that leaves is dropped when everything is in its place again: it may be the last owner of a
//!    promise's value, and that value's destructor may cancel this task.
//! 5. `at` is only for showing. It is that of the wait that began last, until any wait leaves: where the others
//!    are is not stored.

use std::panic::Location;

use super::cancel_state::Since;
use super::place::{Place, Spot};
use crate::aio::core::target::Target;

impl Spot<'_> {
    pub(in crate::aio) fn enter_leaf(self, at: &'static Location<'static>) {
        let leaves = &self.place().leaves;
        leaves.set(leaves.get() + 1);
        self.task.core().at.set(Some(at));
    }

    pub(in crate::aio) fn leave_leaf(self) {
        let leaves = &self.place().leaves;
        leaves.set(leaves.get() - 1);
        self.task.core().at.set(None);
    }

    #[inline]
    pub(in crate::aio) fn enter_target(
        self,
        target: &Target,
        at: &'static Location<'static>,
    ) -> Since {
        self.task.core().at.set(Some(at));
        let place = self.place();
        let others = place.joins.get();
        place.joins.set(others + 1);
        if others == 0 {
            place.target.put(target);
        } else {
            place.enter_one_more(target.clone());
        }
        place.cancel.since()
    }

    #[inline]
    pub(in crate::aio) fn leave_target(self, target: &Target) {
        self.task.core().at.set(None);
        let place = self.place();
        // First the count, then the target: its drop may look at what this task waits for (invariant 4).
        let others = place.joins.get() - 1;
        place.joins.set(others);
        if others == 0 {
            place.target.leave(target);
        } else {
            place.leave_one_of(target, others);
        }
    }
}

impl Place {
    #[cold]
    #[inline(never)]
    fn enter_one_more(&self, target: Target) {
        // Of two waits or more, all are in `rare` (invariant 2); the third one finds `target` empty.
        let only = self.target.take();
        self.with_rare(|rare| {
            only.into_iter()
                .chain([target])
                .for_each(|it| rare.targets.add(it));
        });
    }

    #[cold]
    #[inline(never)]
    fn leave_one_of(&self, target: &Target, others: u32) {
        let (left, last) = self.with_rare(|rare| {
            // If both waits were for one target, it does not leave, but is the last (invariant 3).
            let left = rare.targets.remove(target);
            let last = (others == 1).then(|| rare.targets.take_last());
            (left, last.flatten())
        });
        if let Some(last) = last {
            self.target.put(&last);
        }
        // Last (invariant 4).
        drop(left);
    }

    /// The one thing that is waited for.
    pub(super) fn one_target(&self) -> Option<Target> {
        self.target.get()
    }

    pub(super) fn has_one_target(&self) -> bool {
        self.joins.get() == 1
    }

    pub(super) fn has_only_one_target(&self) -> bool {
        self.has_one_target() && self.leaves.get() == 0
    }

    pub(super) fn has_waits(&self) -> bool {
        self.joins.get() > 0 || self.leaves.get() > 0
    }

    pub(super) fn has_targets(&self) -> bool {
        self.joins.get() > 0
    }
}

//! What a task waits for.

use std::collections::BTreeMap;
use std::mem;
use std::panic::Location;

use super::super::super::completion::Target;
use super::due::Reason;
use super::{Since, TaskCore};

/// The targets that the library waits of a task wait for.
#[derive(Default)]
pub(super) enum Targets {
    #[default]
    None,
    One(Target),
    /// At least two waits. In a box, as most tasks have none.
    Many(Box<Many>),
}

/// So each is quickly found, however many they are: by address, with how many of the waits are for it.
#[derive(Default)]
pub(super) struct Many {
    targets: BTreeMap<usize, (Target, usize)>,
    waits: usize,
}

impl Many {
    fn add(&mut self, target: Target) {
        let entry = self.targets.entry(target.address());
        entry.or_insert((target, 0)).1 += 1;
        self.waits += 1;
    }

    /// One wait for it less. What is left of it is for the caller to drop.
    #[must_use]
    fn remove(&mut self, target: &Target) -> Option<Target> {
        let address = target.address();
        let (_, waits) = self.targets.get_mut(&address)?;
        self.waits -= 1;
        *waits -= 1;
        if *waits > 0 {
            return None;
        }
        self.targets.remove(&address).map(|(target, _)| target)
    }

    /// The target of the only wait.
    fn last(&self) -> Option<Target> {
        let (target, _) = self.targets.values().next()?;
        (self.waits == 1).then(|| target.clone())
    }
}

impl TaskCore {
    pub(in crate::aio) fn enter_leaf(&self, at: &'static Location<'static>) {
        self.leaves.set(self.leaves.get() + 1);
        self.at.set(Some(at));
    }

    pub(in crate::aio) fn leave_leaf(&self) {
        self.leaves.set(self.leaves.get() - 1);
        self.at.set(None);
    }

    /// Whether the plain wait that it is in has been cancelled: its next step drops it.
    pub(in crate::aio) fn is_leaf_cancelled(&self) -> bool {
        self.due.has(Reason::LEAF)
    }

    /// Puts targets where none are, as they have been taken: so there are none to drop.
    #[inline]
    fn put_targets(&self, targets: Targets) {
        mem::forget(self.targets.replace(targets));
    }

    #[inline]
    pub(in crate::aio) fn enter_target(
        &self,
        target: Target,
        at: &'static Location<'static>,
    ) -> Since {
        self.at.set(Some(at));
        self.put_targets(match self.targets.take() {
            Targets::None => Targets::One(target),
            Targets::One(one) => {
                let mut many = Box::<Many>::default();
                many.add(one);
                many.add(target);
                Targets::Many(many)
            }
            Targets::Many(mut many) => {
                many.add(target);
                Targets::Many(many)
            }
        });
        Since(self.forwards.get())
    }

    #[inline]
    pub(in crate::aio) fn leave_target(&self, target: &Target) {
        self.at.set(None);
        match self.targets.take() {
            // The drop is the last thing: it may be somebody else's code.
            Targets::None | Targets::One(_) => {}
            Targets::Many(many) => self.leave_one_of(many, target),
        }
    }

    #[cold]
    fn leave_one_of(&self, mut many: Box<Many>, target: &Target) {
        let left = many.remove(target);
        let last = many.last();
        self.put_targets(match last {
            Some(last) => Targets::One(last),
            None => Targets::Many(many),
        });
        drop(left);
    }

    /// The one thing that the task waits for.
    pub(in super::super) fn one_target(&self) -> Option<Target> {
        let targets = self.targets.take();
        let one = match &targets {
            Targets::One(target) => Some(target.clone()),
            Targets::None | Targets::Many(_) => None,
        };
        self.put_targets(targets);
        one
    }

    pub(super) fn has_one_target(&self) -> bool {
        let targets = self.targets.take();
        let one = matches!(targets, Targets::One(_));
        self.put_targets(targets);
        one
    }

    pub(super) fn has_targets(&self) -> bool {
        let targets = self.targets.take();
        let any = !matches!(targets, Targets::None);
        self.put_targets(targets);
        any
    }
}

//! Where the targets of a task's waits are: see [`waits`](super::waits).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem;
use std::rc::Rc;

use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::target::{Awaited, Target};

/// The target of the only wait for one. It is in one of the two fields, so that it is moved word by word.
/// (When a value is written in parts and read as a whole right after, the processor has to wait.)
pub(in crate::aio::core::task) struct OneTarget {
    task: Cell<Option<AnyTask>>,
    other: Cell<Option<Rc<dyn Awaited>>>,
}

impl OneTarget {
    #[inline]
    pub(in crate::aio::core::task) fn new() -> Self {
        Self {
            task: Cell::new(None),
            other: Cell::new(None),
        }
    }

    /// Puts a target where there is none (invariant 2). So there is none to drop, and not even a check for one.
    #[inline]
    pub(super) fn put(&self, target: &Target) {
        match target {
            Target::Task(task) => mem::forget(self.task.replace(Some(task.clone()))),
            Target::Other(other) => mem::forget(self.other.replace(Some(other.clone()))),
        }
    }

    pub(super) fn take(&self) -> Option<Target> {
        let task = self.task.take().map(Target::Task);
        task.or_else(|| self.other.take().map(Target::Other))
    }

    pub(super) fn get(&self) -> Option<Target> {
        let one = self.take();
        if let Some(one) = &one {
            self.put(one);
        }
        one
    }

    /// Removes `target`, which is the one here. The drop comes last: it may be somebody else's code.
    #[inline]
    pub(super) fn leave(&self, target: &Target) {
        match target {
            Target::Task(_) => drop(self.task.take()),
            Target::Other(_) => drop(self.other.take()),
        }
    }
}

/// The targets of several waits, by address, with the number of waits for each. So each is found quickly,
/// however many there are.
#[derive(Default)]
pub(in crate::aio::core::task) struct ManyTargets(BTreeMap<usize, (Target, usize)>);

impl ManyTargets {
    pub(super) fn add(&mut self, target: Target) {
        // If it is there already, this pointer is dropped, which is not the last: nothing of the user's runs.
        let entry = self.0.entry(target.address());
        entry.or_insert((target, 0)).1 += 1;
    }

    /// Removes one wait for `target`. If it was the last, the target is returned, for the caller to drop.
    #[must_use]
    pub(super) fn remove(&mut self, target: &Target) -> Option<Target> {
        let address = target.address();
        let (_, waits) = self.0.get_mut(&address)?;
        *waits -= 1;
        if *waits > 0 {
            return None;
        }
        self.0.remove(&address).map(|(target, _)| target)
    }

    /// Takes the target of the only wait that is left.
    pub(super) fn take_last(&mut self) -> Option<Target> {
        self.0.pop_first().map(|(_, (target, _))| target)
    }
}

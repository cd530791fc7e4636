//! A lock without what it guards. The rules are those of CPython 3.13's `Lock`.
//!
//! 1. If the lock is free and a task waits, the first in line has been woken; or it has been cancelled and
//!    called: then it wakes the next one when it is dropped, and takes the lock if it lives on.
//! 2. No task takes the lock while another one waits for it that has not been cancelled.

use std::cell::Cell;

use super::acquire::Acquire;
use super::wait_list::WaitList;

pub(super) struct RawLock {
    locked: Cell<bool>,
    waiters: WaitList,
}

impl RawLock {
    pub(super) const fn new() -> Self {
        Self {
            locked: Cell::new(false),
            waiters: WaitList::new(),
        }
    }

    pub(super) fn is_locked(&self) -> bool {
        self.locked.get()
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiters.len()
    }

    /// Frees the lock, and wakes the first in line.
    pub(super) fn release(&self) {
        self.locked.set(false);
        self.waiters.wake_head();
    }
}

impl Acquire for &RawLock {
    type Acquired = ();

    fn waiters(&self) -> &WaitList {
        &self.waiters
    }

    fn try_acquire(&self) -> Option<()> {
        let free = !self.locked.get() && self.waiters.is_quiet();
        free.then(|| self.locked.set(true))
    }

    fn woken(&self) -> Option<()> {
        debug_assert!(!self.locked.get(), "the lock was taken past its waiters");
        self.locked.set(true);
        Some(())
    }

    fn passed(&self) -> Option<()> {
        // It is still the first in line: nobody behind it is woken.
        (!self.locked.get()).then(|| self.locked.set(true))
    }

    fn left(&self, _woken: bool) {
        if !self.locked.get() {
            self.waiters.wake_head();
        }
    }
}

//! What the two semaphores have in common. The rules are those of CPython 3.13's `Semaphore`.
//!
//! 1. A permit with which a waiter is woken is not counted as free: it is the waiter's.
//! 2. While a task waits that has not been cancelled, no other task takes a permit.

use std::cell::Cell;

use super::acquire::Acquire;
use super::wait_list::WaitList;

pub(super) struct Permits {
    free: Cell<usize>,
    /// At most this many may be free.
    bound: usize,
    waiters: WaitList,
}

impl Permits {
    pub(super) const fn new(free: usize, bound: usize) -> Self {
        Self {
            free: Cell::new(free),
            bound,
            waiters: WaitList::new(),
        }
    }

    pub(super) fn free(&self) -> usize {
        self.free.get()
    }

    pub(super) fn bound(&self) -> usize {
        self.bound
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiters.len()
    }

    pub(super) fn is_locked(&self) -> bool {
        self.free.get() == 0 || !self.waiters.is_quiet()
    }

    /// One more permit is free, unless that would be too many. Returns whether it is.
    pub(super) fn release(&self) -> bool {
        let within = self.free.get() < self.bound;
        if within {
            self.free.set(self.free.get() + 1);
            self.hand_out();
        }
        within
    }

    /// Wakes the next waiter with a permit. Returns whether there was a permit, and a waiter to take it.
    fn hand_out(&self) -> bool {
        let free = self.free.get();
        if free == 0 {
            return false;
        }
        // The waiter has its permit before it is woken: a waker is somebody else's code.
        self.free.set(free - 1);
        let handed = self.waiters.wake_next();
        if !handed {
            self.free.set(self.free.get() + 1);
        }
        handed
    }

    /// Hands out permits that may have become free while newcomers had to wait behind others.
    fn hand_out_all(&self) {
        while self.hand_out() {}
    }
}

impl Acquire for &Permits {
    type Acquired = ();

    fn waiters(&self) -> &WaitList {
        &self.waiters
    }

    fn try_acquire(&self) -> Option<()> {
        let free = !self.is_locked();
        free.then(|| self.free.set(self.free.get() - 1))
    }

    fn woken(&self) -> Option<()> {
        self.hand_out_all();
        Some(())
    }

    fn passed(&self) -> Option<()> {
        // The tasks that wait now came later, or have had no turn either.
        let free = self.free.get();
        (free > 0).then(|| self.free.set(free - 1))
    }

    fn left(&self, woken: bool) {
        if woken {
            self.free.set(self.free.get() + 1);
        }
        self.hand_out_all();
    }
}

use std::cell::RefMut;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::lock::Lock;

/// Holds a [`Lock`], and its value, until it is dropped.
///
/// # Panics
///
/// Looking at the value panics if a [`Condition::wait`](crate::aio::Condition::wait) on the guard was dropped
/// before its end (by `select!`, say), other than by a cancel: nothing was there to take the lock again.
#[must_use = "the lock is free again as soon as the guard is dropped"]
pub struct LockGuard<'a, T: ?Sized = ()> {
    lock: &'a Lock<T>,
    /// `None` during the wait for a condition.
    value: Option<RefMut<'a, T>>,
}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    pub(super) fn empty(lock: &'a Lock<T>) -> Self {
        Self { lock, value: None }
    }

    pub(super) fn lock(&self) -> &'a Lock<T> {
        self.lock
    }

    /// The lock has been taken.
    pub(super) fn fill(&mut self) {
        self.lock.set_guarded(true);
        self.value = Some(self.lock.value().borrow_mut());
    }

    /// Frees the lock.
    pub(super) fn clear(&mut self) {
        if self.value.take().is_some() {
            self.lock.set_guarded(false);
            self.lock.free();
        }
    }

    /// Keeps the lock taken, until somebody calls [`Lock::release`]. Python: what `acquire` leaves.
    pub fn forget(mut self) {
        if self.value.take().is_some() {
            self.lock.set_guarded(false);
        }
    }
}

const LOST: &str = "the guard lost its lock: the wait for a condition was dropped before its end";

impl<T: ?Sized> Deref for LockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect(LOST)
    }
}

impl<T: ?Sized> DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect(LOST)
    }
}

impl<T: ?Sized> Drop for LockGuard<'_, T> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for LockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LockGuard").field(&self.value).finish()
    }
}

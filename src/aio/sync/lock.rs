use crate::aio::core::output::output;
use std::cell::{Cell, RefCell, RefMut};
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use super::acquire::Acquire as _;
use super::acquire::Acquiring;
use super::raw_lock::RawLock;
use crate::aio::core::error::Error;

/// A lock that tasks wait for, with the value that it guards. Python: `asyncio.Lock`.
///
/// `async with lock:` is `let guard = lock.lock().await;`, with the value behind the guard. Where one
/// place takes the lock and another one frees it (`await lock.acquire()`, `lock.release()`), the
/// guard is [forgotten](LockGuard::forget), and the lock [released](Self::release) by hand.
///
/// It is for the tasks of one thread, and is not poisoned by a panic. Tasks share it in an
/// [`Rc`](std::rc::Rc), or borrow it if they belong to a [group](crate::aio::task_group).
///
/// # Fairness
///
/// First in, first out. A lock that is freed goes to the task that has waited longest, which resumes in the
/// next turn; nobody gets in between.
///
/// # Cancellation
///
/// A wait that is cancelled or dropped gives its place up. If it had been woken already, the next in line is
/// woken. A wait that is leaked (`mem::forget`) after having been polled keeps its place, and keeps those
/// behind it waiting.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Lock};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let balance = Lock::new(100);
///     let withdraw = async |amount| {
///         let mut balance = balance.lock().await;
///         let enough = *balance >= amount;
///         aio::sleep(Duration::from_secs(1)).await; // nobody else gets in meanwhile
///         if enough {
///             *balance -= amount;
///         }
///         enough
///     };
///     let both = aio::task_group(async |group| {
///         let (one, two) = (group.create_task(withdraw(70)), group.create_task(withdraw(70)));
///         aio::ok((one.await?, two.await?))
///     });
///     assert_eq!(both.await?, (true, false));
///     assert_eq!(balance.into_inner(), 30);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Lock<T: ?Sized = ()> {
    raw: RawLock,
    /// Whether a guard exists.
    guarded: Cell<bool>,
    /// Borrowed by the guard.
    value: RefCell<T>,
}

impl<T> Lock<T> {
    /// A free lock around `value`. Needs no loop.
    pub const fn new(value: T) -> Self {
        Self {
            raw: RawLock::new(),
            guarded: Cell::new(false),
            value: RefCell::new(value),
        }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Lock<T> {
    /// Waits for the lock. Does not suspend if it is free. Python: `async with lock`, `acquire`.
    ///
    /// Equivalent to: `async fn lock(&self) -> LockGuard<'_, T>`. Dropping the guard frees the lock.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = LockGuard<'_, T>> {
        self.lock_at(Location::caller())
    }

    pub(super) async fn lock_at(&self, at: &'static Location<'static>) -> LockGuard<'_, T> {
        self.acquire_at(at).await;
        self.guard()
    }

    /// Takes the lock without making a guard.
    pub(super) fn acquire_at(&self, at: &'static Location<'static>) -> Acquiring<&RawLock> {
        Acquiring::new(&self.raw, at)
    }

    /// The lock, if it is free and nobody waits for it.
    pub fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        (&self.raw).try_acquire().map(|()| self.guard())
    }

    /// Whether somebody has the lock. Python: `locked`.
    pub fn locked(&self) -> bool {
        self.raw.is_locked()
    }

    /// Frees a lock whose guard was [forgotten](LockGuard::forget). Python: `release`.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if nobody has the lock, or if a guard has it, which frees it when dropped.
    pub fn release(&self) -> Result<(), Error> {
        self.check_unguarded()?;
        self.raw.release();
        Ok(())
    }

    /// A guard in the place of one that was [forgotten](LockGuard::forget).
    ///
    /// # Errors
    ///
    /// As for [`release`](Self::release).
    pub fn adopt(&self) -> Result<LockGuard<'_, T>, Error> {
        self.check_unguarded()?;
        Ok(self.guard())
    }

    fn check_unguarded(&self) -> Result<(), Error> {
        if !self.locked() {
            return Err(Error::Runtime("the lock is not acquired"));
        }
        if self.guarded.get() {
            return Err(Error::Runtime("a guard has the lock"));
        }
        Ok(())
    }

    /// The value. No locking is needed, because nobody else has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Makes a guard: the lock has been taken.
    fn guard(&self) -> LockGuard<'_, T> {
        let mut guard = LockGuard::empty(self);
        guard.fill();
        guard
    }

    /// For the guard, which has the lock.
    fn value(&self) -> &RefCell<T> {
        &self.value
    }

    fn set_guarded(&self, guarded: bool) {
        self.guarded.set(guarded);
    }

    /// The guard has let go of the value.
    fn free(&self) {
        self.raw.release();
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Lock");
        let locked = self.locked();
        // With a guard, because the value's `Debug` is somebody else's code, which may use the lock.
        match self.try_lock() {
            Some(value) => debug.field("value", &&*value),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug
            .field("locked", &locked)
            .field("waiting", &self.raw.waiting())
            .finish_non_exhaustive()
    }
}

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
    fn empty(lock: &'a Lock<T>) -> Self {
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

output!([T] Lock<T>, ['a, T: ?Sized] LockGuard<'a, T>);

use crate::aio::core::output::output;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use super::acquire::{Acquire, Acquiring};
use super::lock::{Lock, LockGuard};
use super::wait_list::WaitList;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::scopes::catch_cancelled::CatchCancelled;
use crate::debug::debug;

/// A lock, and tasks that wait until its value has changed. Python: `asyncio.Condition`.
///
/// A task that has the lock [waits](Self::wait), which frees the lock meanwhile; another one takes the
/// lock, changes the value, and [notifies](Self::notify). Several conditions may
/// [share](Self::with_lock) a lock.
///
/// # Fairness
///
/// Tasks are notified in the order in which they came, and then wait for the lock in that order.
///
/// # Cancellation
///
/// A wait that is cancelled takes the lock again, however long that takes, before the cancel goes on: so the
/// guard can be used in clean-up, too. A cancel that comes meanwhile is kept. Because the cancelled wait may
/// have been notified, it notifies another task then. So a wait may end without a reason, and its caller must
/// look at the value again (as [`wait_for`](Self::wait_for) does).
///
/// A notification passes over a task that has a cancel on its way. If a scope beside the wait takes that
/// cancel (`futures::join!`), the wait ends all the same: two tasks may then have one notification.
///
/// A wait that is dropped, other than by a cancel, cannot wait for the lock: its guard has lost the lock, and
/// panics when it is used.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Condition};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let stock = Condition::new(0);
///     aio::task_group(async |group| {
///         let order = group.create_task(async {
///             let mut items = stock.lock().await;
///             stock.wait_for(&mut items, |items| *items >= 2).await;
///             *items -= 2;
///             aio::testing::elapsed()
///         });
///         for _ in 0..3 {
///             aio::sleep(Duration::from_secs(1)).await;
///             *stock.lock().await += 1;
///             let items = stock.lock().await;
///             stock.notify_all()?;
///             drop(items);
///         }
///         assert_eq!(order.await?, Duration::from_secs(2));
///         aio::ok(())
///     })
///     .await
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Condition<T: ?Sized = ()> {
    waiters: WaitList,
    lock: Rc<Lock<T>>,
}

impl<T> Condition<T> {
    /// A condition with a lock of its own around `value`. Needs no loop.
    pub fn new(value: T) -> Self {
        Self::with_lock(Rc::new(Lock::new(value)))
    }
}

impl<T: ?Sized> Condition<T> {
    /// A condition on somebody's lock. Python: `Condition(lock)`.
    pub const fn with_lock(lock: Rc<Lock<T>>) -> Self {
        Self {
            waiters: WaitList::new(),
            lock,
        }
    }

    /// The lock, to hand it to another condition.
    pub fn shared_lock(&self) -> &Rc<Lock<T>> {
        &self.lock
    }

    /// Waits for the lock. Python: `async with condition`, `acquire`.
    ///
    /// Equivalent to: `async fn lock(&self) -> LockGuard<'_, T>`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = LockGuard<'_, T>> {
        self.lock_at(Location::caller())
    }

    pub(super) fn lock_at(
        &self,
        at: &'static Location<'static>,
    ) -> impl Future<Output = LockGuard<'_, T>> {
        self.lock.lock_at(at)
    }

    /// Whether somebody has the lock. Python: `locked`.
    pub fn locked(&self) -> bool {
        self.lock.locked()
    }

    /// Frees a lock whose guard was forgotten: [`Lock::release`].
    ///
    /// # Errors
    ///
    /// As [`Lock::release`].
    pub fn release(&self) -> Result<(), Error> {
        self.lock.release()
    }

    /// A guard in the place of one that was forgotten: [`Lock::adopt`].
    ///
    /// # Errors
    ///
    /// As [`Lock::adopt`].
    pub fn adopt(&self) -> Result<LockGuard<'_, T>, Error> {
        self.lock.adopt()
    }

    /// Frees the lock, waits until it is notified, and takes the lock again. Python: `wait`.
    ///
    /// Equivalent to: `async fn wait(&self, guard: &mut LockGuard<'_, T>)`.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task, or `guard` is another lock's.
    #[track_caller]
    pub fn wait<'a>(&'a self, guard: &'a mut LockGuard<'_, T>) -> impl Future<Output = ()> + 'a {
        self.wait_at(guard, Location::caller())
    }

    /// Waits until the value satisfies `predicate`; at once, if it does. Python: `wait_for`.
    ///
    /// Equivalent to: `async fn wait_for(&self, guard: &mut LockGuard<'_, T>, predicate: impl FnMut(&mut
    /// T) -> bool)`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task, or `guard` is another lock's.
    #[track_caller]
    pub fn wait_for<'a>(
        &'a self,
        guard: &'a mut LockGuard<'_, T>,
        mut predicate: impl FnMut(&mut T) -> bool + 'a,
    ) -> impl Future<Output = ()> + 'a {
        let at = Location::caller();
        async move {
            while !predicate(guard) {
                self.wait_at(guard, at).await;
            }
        }
    }

    pub(super) async fn wait_at(
        &self,
        guard: &mut LockGuard<'_, T>,
        at: &'static Location<'static>,
    ) {
        assert!(
            std::ptr::eq(guard.lock(), &raw const *self.lock),
            "a condition was awaited with the guard of another lock"
        );
        let renotify = Renotify(&self.waiters);
        guard.clear();
        let notified =
            CatchCancelled::made_at(at, Acquiring::new(Notified(&self.waiters), at)).await;
        let cancelled = self.relock(at).await.or(notified.err());
        guard.fill();
        match cancelled {
            None => std::mem::forget(renotify),
            Some(cancelled) => {
                drop(renotify);
                cancelled.raise().await;
            }
        }
    }

    /// Takes the lock. Returns the last of the cancels that came meanwhile.
    async fn relock(&self, at: &'static Location<'static>) -> Option<Cancelled> {
        let mut last = None;
        while let Err(cancelled) = CatchCancelled::made_at(at, self.lock.acquire_at(at)).await {
            last = Some(cancelled);
        }
        last
    }

    /// Wakes `n` of the tasks that wait, or all if there are fewer. They must then wait for the lock, which
    /// the caller has. Python: `notify`.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if nobody has the lock.
    pub fn notify(&self, n: usize) -> Result<(), Error> {
        if !self.locked() {
            return Err(Error::Runtime("cannot notify: the lock is not acquired"));
        }
        for _ in 0..n {
            if !self.waiters.wake_next() {
                break;
            }
        }
        Ok(())
    }

    /// Wakes all that wait. Python: `notify_all`.
    ///
    /// # Errors
    ///
    /// As [`notify`](Self::notify).
    pub fn notify_all(&self) -> Result<(), Error> {
        self.notify(usize::MAX)
    }

    /// The same, no matter who has the lock.
    pub(super) fn wake_all(&self) {
        self.waiters.wake_all();
    }
}

/// The line of the tasks that wait to be notified.
struct Notified<'a>(&'a WaitList);

impl Acquire for Notified<'_> {
    type Acquired = ();

    fn waiters(&self) -> &WaitList {
        self.0
    }

    fn try_acquire(&self) -> Option<()> {
        None
    }

    fn woken(&self) -> Option<()> {
        Some(())
    }

    fn passed(&self) -> Option<()> {
        // The next task may have the notification as well, or no other task may: one too many does no harm.
        Some(())
    }

    /// [`Renotify`] sees to the rest.
    fn left(&self, _woken: bool) {}
}

/// Notifies another task, because its owner's notification may have come to nothing.
struct Renotify<'a>(&'a WaitList);

impl Drop for Renotify<'_> {
    fn drop(&mut self) {
        self.0.wake_next();
    }
}

impl<T: Default> Default for Condition<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

debug!(impl[T: ?Sized + fmt::Debug] self: Condition<T> {
    lock: &*self.lock,
    waiting: self.waiters.len(),
});

output!([T] Condition<T>);

use crate::aio::core::output::output;
use std::future::Future;
use std::panic::Location;

use super::acquire::{Acquire as _, Acquiring};
use super::permit::Permit;
use super::permits::Permits;
use crate::aio::core::error::Error;
use crate::debug::debug;

/// A semaphore that is never released more often than it was acquired. Python:
/// `asyncio.BoundedSemaphore`.
///
/// Otherwise it works like a [`Semaphore`](crate::aio::Semaphore).
///
/// # Fairness
///
/// As for [`Semaphore`](crate::aio::Semaphore).
///
/// # Cancellation
///
/// As for [`Semaphore`](crate::aio::Semaphore).
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, BoundedSemaphore};
///
/// aio::testing::run(async {
///     let one = BoundedSemaphore::new(1);
///     one.acquire().await.forget();
///     one.release()?;
///     let error = one.release().unwrap_err();
///     assert_eq!(error.to_string(), "the bounded semaphore was released too many times");
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BoundedSemaphore {
    permits: Permits,
}

impl BoundedSemaphore {
    /// A semaphore that lets `value` tasks in. Needs no loop.
    pub const fn new(value: usize) -> Self {
        Self {
            permits: Permits::new(value, value),
        }
    }

    /// Waits for a permit. Does not suspend if one is free and nobody waits. Python: `async with
    /// semaphore`, `acquire`.
    ///
    /// Equivalent to: `async fn acquire(&self) -> Permit<'_>`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Permit<'_>> {
        let entered = Acquiring::new(&self.permits, Location::caller());
        async {
            entered.await;
            Permit::new(&self.permits)
        }
    }

    /// A permit, if one is free and nobody waits.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        (&self.permits)
            .try_acquire()
            .map(|()| Permit::new(&self.permits))
    }

    /// Gives a permit back that was [forgotten](Permit::forget). Python: `release`.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if none is taken.
    pub fn release(&self) -> Result<(), Error> {
        if self.permits.release() {
            return Ok(());
        }
        Err(Error::Value(
            "the bounded semaphore was released too many times",
        ))
    }

    /// Whether a task would have to wait. Python: `locked`.
    pub fn locked(&self) -> bool {
        self.permits.is_locked()
    }

    /// How many permits are free: neither taken, nor given to a task that has yet to resume.
    pub fn available(&self) -> usize {
        self.permits.free()
    }
}

/// As in Python: one permit.
impl Default for BoundedSemaphore {
    fn default() -> Self {
        Self::new(1)
    }
}

debug!(self: BoundedSemaphore {
    available: self.available(),
    bound: self.permits.bound(),
    waiting: self.permits.waiting(),
});

output!(BoundedSemaphore);

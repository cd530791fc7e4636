use crate::aio::core::output::output;
use std::future::Future;
use std::panic::Location;

use super::acquire::{Acquire as _, Acquiring};
use super::permit::Permit;
use super::permits::Permits;
use crate::debug::debug;

/// Lets a number of tasks in at a time. Python: `asyncio.Semaphore`.
///
/// `async with semaphore:` is `let _permit = semaphore.acquire().await;`. Where one place takes a permit and
/// another one gives it back, the permit is [forgotten](Permit::forget), and the semaphore
/// [released](Self::release) by hand. A semaphore that is released more often than it was acquired has more
/// permits than at the beginning; with [`BoundedSemaphore`](crate::aio::BoundedSemaphore) that is an error.
///
/// It is for the tasks of one thread, which share it in an [`Rc`](std::rc::Rc) or borrow it.
///
/// # Fairness
///
/// First in, first out. A permit that is given back goes to the task that has waited longest, which resumes
/// in the next turn; no other task takes one while tasks wait. A task that has a cancel on its way is passed
/// over; if a scope beside the wait takes that cancel (`futures::join!`), the wait keeps its place.
///
/// # Cancellation
///
/// A wait that is cancelled or dropped gives its place up. If it had a permit already, the next in line gets
/// it. A wait that is leaked (`mem::forget`) may keep a permit for ever.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Semaphore};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let two = Semaphore::new(2);
///     let download = async |_n| {
///         let _permit = two.acquire().await;
///         aio::sleep(Duration::from_secs(1)).await;
///     };
///     aio::task_group(async |group| {
///         for n in 0..6 {
///             group.create_task(download(n));
///         }
///     })
///     .await?;
///     assert_eq!(aio::testing::elapsed(), Duration::from_secs(3));
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Semaphore {
    permits: Permits,
}

impl Semaphore {
    /// A semaphore that lets `value` tasks in. Needs no loop.
    pub const fn new(value: usize) -> Self {
        Self {
            permits: Permits::new(value, usize::MAX),
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

    /// Gives a permit back that was [forgotten](Permit::forget), or adds one. Python: `release`.
    pub fn release(&self) {
        let _within = self.permits.release();
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
impl Default for Semaphore {
    fn default() -> Self {
        Self::new(1)
    }
}

debug!(self: Semaphore { available: self.available(), waiting: self.permits.waiting() });

output!(Semaphore);

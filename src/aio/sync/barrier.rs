//! The rules are those of CPython 3.13's `Barrier`.
//!
//! | state | meaning | left for |
//! |---|---|---|
//! | `Filling` | tasks wait for the last one | `Draining` when it has come |
//! | `Draining` | all have come, and go on one by one | `Filling` when the last one has gone |
//! | `Resetting` | all that wait leave with an error | `Filling` when the last one has left |
//! | `Broken` | all that wait or come leave with an error | `Filling` or `Resetting` by `reset` |
//!
//! An index is unique in its round: one that a task leaves behind goes to the next task that comes (in
//! CPython two tasks may then have the same index).
//!
//! The state changes while the condition's lock is held, and all that wait are notified of a change.

use crate::aio::core::output::output;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;

use super::broken_barrier::BrokenBarrier;
use super::condition::Condition;
use super::lock::LockGuard;
use crate::debug::debug;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BarrierState {
    Filling,
    Draining,
    Resetting,
    Broken,
}

/// Holds tasks until a certain number of them has come, then lets all of them go on, and begins anew. Python:
/// `asyncio.Barrier`.
///
/// It is for the tasks of one thread, which share it in an [`Rc`](std::rc::Rc) or borrow it.
///
/// # Fairness
///
/// Tasks are let go on in the order in which they came. Tasks that come while they go wait for the next
/// round.
///
/// # Cancellation
///
/// A task that is cancelled leaves: one more task must come, which gets its index, and the barrier is not
/// broken. The same goes for a wait that is dropped.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Barrier};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let start = Barrier::new(3);
///     let runner = async |n| {
///         aio::sleep(Duration::from_secs(n)).await;
///         let index = start.wait().await?;
///         aio::ok((index, aio::testing::elapsed().as_secs()))
///     };
///     aio::task_group(async |group| {
///         let (one, two) = (group.create_task(runner(1)), group.create_task(runner(2)));
///         assert_eq!(runner(3).await?, (2, 3));
///         assert_eq!((one.await?, two.await?), ((0, 3), (1, 3)));
///         aio::ok(())
///     })
///     .await
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Barrier {
    changed: Condition,
    parties: usize,
    state: Cell<BarrierState>,
    /// How many tasks are in it.
    count: Cell<usize>,
    /// The indices below `count` that no task has.
    left: RefCell<Vec<usize>>,
}

impl Barrier {
    /// A barrier for `parties` tasks. Needs no loop.
    ///
    /// # Panics
    ///
    /// If `parties` is zero.
    #[track_caller]
    pub fn new(parties: usize) -> Self {
        assert!(parties > 0, "a barrier needs at least one party");
        Self {
            changed: Condition::new(()),
            parties,
            state: Cell::new(BarrierState::Filling),
            count: Cell::new(0),
            left: RefCell::default(),
        }
    }

    /// Waits until as many tasks have come as the barrier is for, and gives each an index of its own, from
    /// zero up. The last one does not suspend. Python: `wait`, `async with barrier`.
    ///
    /// Equivalent to: `async fn wait(&self) -> Result<usize, BrokenBarrier>`.
    ///
    /// # Errors
    ///
    /// If the barrier is broken, or is aborted or reset meanwhile.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = Result<usize, BrokenBarrier>> {
        self.wait_at(Location::caller())
    }

    async fn wait_at(&self, at: &'static Location<'static>) -> Result<usize, BrokenBarrier> {
        let mut guard = self.changed.lock_at(at).await;
        self.begin(&mut guard, at).await?;
        // Dropped before the lock is freed.
        let inside = Inside::new(self);
        if self.count.get() == self.parties {
            self.change(BarrierState::Draining);
        } else {
            self.fill(&mut guard, at).await?;
        }
        Ok(inside.index)
    }

    /// Waits until the tasks of the last round have left.
    async fn begin(
        &self,
        guard: &mut LockGuard<'_>,
        at: &'static Location<'static>,
    ) -> Result<(), BrokenBarrier> {
        while matches!(
            self.state.get(),
            BarrierState::Draining | BarrierState::Resetting
        ) {
            self.changed.wait_at(guard, at).await;
        }
        match self.state.get() {
            BarrierState::Broken => Err(BrokenBarrier),
            _ => Ok(()),
        }
    }

    /// Waits until all tasks have come.
    async fn fill(
        &self,
        guard: &mut LockGuard<'_>,
        at: &'static Location<'static>,
    ) -> Result<(), BrokenBarrier> {
        while self.state.get() == BarrierState::Filling {
            self.changed.wait_at(guard, at).await;
        }
        match self.state.get() {
            BarrierState::Broken | BarrierState::Resetting => Err(BrokenBarrier),
            _ => Ok(()),
        }
    }

    fn change(&self, state: BarrierState) {
        self.state.set(state);
        self.changed.wake_all();
    }

    /// Mends a broken barrier; tasks that wait at it get an error. Python: `reset`.
    ///
    /// Equivalent to: `async fn reset(&self)`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn reset(&self) -> impl Future<Output = ()> {
        let lock = self.changed.lock();
        async {
            let _guard = lock.await;
            let empty = self.count.get() == 0;
            self.change(if empty {
                BarrierState::Filling
            } else {
                BarrierState::Resetting
            });
        }
    }

    /// Breaks the barrier: tasks that wait or come get an error, until it is [reset](Self::reset). Python:
    /// `abort`.
    ///
    /// Equivalent to: `async fn abort(&self)`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn abort(&self) -> impl Future<Output = ()> {
        let lock = self.changed.lock();
        async {
            let _guard = lock.await;
            self.change(BarrierState::Broken);
        }
    }

    /// How many tasks it is for. Python: `parties`.
    pub fn parties(&self) -> usize {
        self.parties
    }

    /// How many wait for the others. Python: `n_waiting`.
    pub fn n_waiting(&self) -> usize {
        match self.state.get() {
            BarrierState::Filling => self.count.get(),
            _ => 0,
        }
    }

    /// Whether it was aborted. Python: `broken`.
    pub fn broken(&self) -> bool {
        self.state.get() == BarrierState::Broken
    }
}

/// A task that is counted until it leaves, in whatever way.
struct Inside<'a> {
    barrier: &'a Barrier,
    index: usize,
}

impl<'a> Inside<'a> {
    fn new(barrier: &'a Barrier) -> Self {
        let count = barrier.count.get();
        let left = barrier.left.borrow_mut().pop();
        barrier.count.set(count + 1);
        Self {
            barrier,
            index: left.unwrap_or(count),
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let barrier = self.barrier;
        barrier.count.set(barrier.count.get() - 1);
        if barrier.count.get() > 0 {
            return barrier.left.borrow_mut().push(self.index);
        }
        barrier.left.borrow_mut().clear();
        if matches!(
            barrier.state.get(),
            BarrierState::Resetting | BarrierState::Draining
        ) {
            barrier.state.set(BarrierState::Filling);
        }
        barrier.changed.wake_all();
    }
}

debug!(self: Barrier {
    state: self.state.get(),
    parties: self.parties,
    waiting: self.n_waiting(),
    ..
});

output!(Barrier);

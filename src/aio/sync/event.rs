use crate::aio::core::output::output;
use std::cell::Cell;
use std::future::Future;
use std::panic::Location;

use super::acquire::{Acquire, Acquiring};
use super::wait_list::WaitList;
use crate::debug::debug;

/// A flag that tasks wait for. Python: `asyncio.Event`.
///
/// It is for the tasks of one thread, which share it in an [`Rc`](std::rc::Rc) or borrow it. For a value that
/// is set once, use a [`Promise`](crate::aio::Promise).
///
/// # Fairness
///
/// [`set`](Self::set) wakes all that wait, in the order in which they came; they resume in the next
/// turn. A [`clear`](Self::clear) before that does not put them back.
///
/// # Cancellation
///
/// A wait that is cancelled or dropped leaves nothing behind.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Event};
/// use std::rc::Rc;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let ready = Rc::new(Event::new());
///     let waiter = aio::create_task({
///         let ready = ready.clone();
///         async move {
///             ready.wait().await;
///             aio::testing::elapsed()
///         }
///     });
///     aio::sleep(Duration::from_secs(3)).await;
///     ready.set();
///     assert_eq!(waiter.await?, Duration::from_secs(3));
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Event {
    set: Cell<bool>,
    waiters: WaitList,
}

impl Event {
    /// An event that is not set. Needs no loop.
    pub const fn new() -> Self {
        Self {
            set: Cell::new(false),
            waiters: WaitList::new(),
        }
    }

    /// Sets the event: wakes all that wait. Python: `set`.
    pub fn set(&self) {
        if !self.set.replace(true) {
            self.waiters.wake_all();
        }
    }

    /// From now on tasks wait again. Python: `clear`.
    pub fn clear(&self) {
        self.set.set(false);
    }

    /// Python: `is_set`.
    pub fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Waits until the event is set. Does not suspend if it is. Python: `wait`.
    ///
    /// Equivalent to: `async fn wait(&self)`.
    ///
    /// # Panics
    ///
    /// If it has to wait, and is awaited outside a task.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = ()> {
        self.wait_at(Location::caller())
    }

    pub(in crate::aio) fn wait_at(&self, at: &'static Location<'static>) -> Acquiring<&Self> {
        Acquiring::new(self, at)
    }
}

impl Acquire for &Event {
    type Acquired = ();

    fn waiters(&self) -> &WaitList {
        &self.waiters
    }

    fn try_acquire(&self) -> Option<()> {
        self.set.get().then_some(())
    }

    fn woken(&self) -> Option<()> {
        Some(())
    }

    fn passed(&self) -> Option<()> {
        // The event was set, whatever it is now.
        Some(())
    }

    fn left(&self, _woken: bool) {}
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

debug!(self: Event { set: self.is_set(), waiting: self.waiters.len() });

output!(Event);

use crate::aio::core::output::output;
use std::any::Any;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::aio::core::awaiting::{Awaitable, Cloned, Ending, Join, Source};
use crate::aio::core::completion::{Callback, CallbackId};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::handles::identity::identity;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::output::Output;
use crate::aio::core::raw::handle::TaskHandle;
use crate::aio::core::raw::task_of::TaskOf;
use crate::aio::core::target::Target;

/// A task: a body that the loop runs, and a handle to how it ends. [`create_task`] makes it. Python:
/// `asyncio.Task`.
///
/// A clone is the same task, and equal to it: it goes into sets and maps. Dropping the handle leaves the task running: the
/// loop holds it.
///
/// Awaiting it gives its value or its error. `task.await` takes the value; of several owners only the first
/// gets it. `(&task).await` gives a clone, to each. A cancel of the task that awaits is passed on to this
/// one. An error that nobody looked at is reported when the last handle is dropped.
///
/// It is a future: `join_all`, `FuturesUnordered`, `buffered` and `select` of `futures` take it as it is, and `&mut task`
/// is for a `select!` in a loop, as with tokio's `JoinHandle`. If those drop the handle, the task runs on.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// aio::run(async {
///     let task = aio::create_task(async { 7_u8 });
///     assert_eq!((&task).await?, 7);
///     assert_eq!(task.await?, 7);
///
///     let squares = (1..=3).map(|n| aio::create_task(async move { n * n }));
///     assert_eq!(futures::future::try_join_all(squares).await?, [1, 4, 9]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Task<T> {
    cell: TaskOf<T>,
    /// This handle's wait for the end, from its first poll on. It is the handle's own: a clone has none.
    join: Option<Join>,
}

/// Runs `body` as a task, from the next turn on. Python: `asyncio.create_task`.
///
/// It runs until the end of the loop, which cancels it, whether or not anybody awaits it or keeps the handle.
/// `body` owns what it uses; the tasks of a [`task_group`](crate::aio::task_group) may borrow.
///
/// # Panics
///
/// Outside a loop. A panic in `body` ends the task, with [`Error::Panicked`].
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, testing};
/// use std::time::Duration;
///
/// testing::run(async {
///     let tasks = [3, 1, 2].map(|n| {
///         aio::create_task(async move {
///             aio::sleep(Duration::from_secs(n)).await;
///             10 * n
///         })
///     });
///     let mut values = Vec::new();
///     for task in tasks {
///         values.push(task.await?);
///     }
///     assert_eq!(values, [30, 10, 20]);
///     assert_eq!(testing::elapsed(), Duration::from_secs(3)); // at the same time
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn create_task<F>(body: F) -> Task<<F::Output as Output>::Ok>
where
    F: Future<Output: Output<Ok: 'static>> + 'static,
{
    // Not by a closure: without optimisation, each closure that the body goes through makes a copy of it on
    // the stack.
    let lp = current::expect();
    Task::of(TaskOf::spawn(&lp, body, Location::caller()))
}

impl<T: 'static> Task<T> {
    pub(in crate::aio) fn of(cell: TaskOf<T>) -> Self {
        Self { cell, join: None }
    }

    /// Another handle to `future`, if that is a task. It has no wait of its own yet.
    // By reference: without optimisation, each function that takes a future makes a copy of it on the stack.
    pub(in crate::aio) fn of_future(future: &dyn Any) -> Option<Self> {
        future.downcast_ref().cloned()
    }

    /// A clone of its value, or its error, without waiting. Python: `Task.result`.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has not ended, or if an owner took the value; else
    /// what it ended with.
    pub fn result(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        self.cell.look(Outcome::get)
    }

    /// How the task ended; a value is taken.
    pub(in crate::aio) fn take(&self) -> Result<T, Error> {
        self.cell.take()
    }

    /// Calls `call` with the task when it has ended: in a later turn, and in the order in which such calls
    /// were added, among the tasks that await it. Python: `Task.add_done_callback`.
    ///
    /// A panic in `call` is reported, and stops no other call.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio::{self, Promise};
    ///
    /// aio::run(async {
    ///     let (told, task) = (Promise::new(), aio::create_task(async { 7_u8 }));
    ///     let teller = told.clone();
    ///     task.add_done_callback(move |task| drop(teller.set_result(task.result())));
    ///     assert_eq!(told.await??, 7);
    ///     aio::ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_done_callback(&self, call: impl FnOnce(&Self) + 'static) -> CallbackId {
        let task = self.clone();
        let call = Box::new(move || call(&task));
        self.cell.any().core().completion.add(Callback::Call(call))
    }

    /// Takes a callback back; returns whether it was still to be scheduled.
    pub fn remove_done_callback(&self, id: CallbackId) -> bool {
        self.cell.any().core().completion.remove(id)
    }
}

impl<T> Clone for Task<T> {
    fn clone(&self) -> Self {
        Self {
            cell: self.cell.clone(),
            join: None,
        }
    }
}

identity!([T] Task<T>, |it| it.cell.any().address());

impl<T> Deref for Task<T> {
    type Target = TaskHandle;

    fn deref(&self) -> &TaskHandle {
        self.cell.handle()
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cell.handle().fmt(f)
    }
}

impl<T: 'static> Awaitable for Task<T> {
    fn awaited(&self) -> Ending {
        Ending(Target::Task(self.cell.any().clone()))
    }
}

impl<T: 'static> Source for Task<T> {
    type Ok = T;

    #[inline]
    fn take(&self) -> Result<T, Error> {
        self.cell.take()
    }

    fn get(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        self.result()
    }
}

/// Waits for the end, and takes the value. It is registered at its first poll.
///
/// # Panics
///
/// If it is polled outside a task, before the end.
///
/// # Cancellation
///
/// A cancel of the task that awaits it is passed on to this one; the future is ready when this one has ended. If the
/// handle is dropped, this one runs on.
impl<T: 'static> Future for Task<T> {
    type Output = Result<T, Error>;

    #[inline(always)]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { cell, join } = &mut *self;
        let at = Location::caller();
        let join = join.get_or_insert_with(|| Join::new(Target::Task(cell.any().clone()), at));
        let joined = ready!(join.poll(cx));
        Poll::Ready(joined.and_then(|()| cell.take()))
    }
}

impl<T: Clone + 'static> IntoFuture for &Task<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Cloned<Task<T>>;

    #[track_caller]
    fn into_future(self) -> Cloned<Task<T>> {
        Cloned::new(self.clone(), Location::caller())
    }
}

output!([T] Task<T>);

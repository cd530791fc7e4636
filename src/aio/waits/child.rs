use std::any::TypeId;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use super::promise::Promise;
use crate::aio::core::awaiting::{Borrowed, Source};
use crate::aio::core::event_loop::current;
use crate::aio::core::handles::create_task::Task;
use crate::aio::core::output::Output;
use crate::aio::core::raw::current_task::with_running;
use crate::aio::core::raw::task_of::TaskOf;

/// What [`gather`](crate::aio::gather()), [`wait_for`](crate::aio::wait_for) and [`shield`](crate::aio::shield())
/// take: a task or a promise (or a reference to one, whose value is then cloned), a gather, or a
/// future, which becomes a task. Python: what `ensure_future` takes.
pub trait Child {
    /// The handle it becomes.
    type Source: Source;

    /// Whether [`into_source`](Self::into_source) makes a task, as it does of a future that is none. A
    /// [limit](crate::aio::Gather::limit) concerns only such tasks; a handle's task is there already.
    fn makes_task() -> bool {
        false
    }

    /// The handle; a future is scheduled.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    #[track_caller]
    fn into_source(self) -> Self::Source;

    /// The same; a task that it makes was created at `at`.
    #[doc(hidden)]
    #[track_caller]
    fn into_source_at(self, _at: &'static Location<'static>) -> Self::Source
    where
        Self: Sized,
    {
        self.into_source()
    }

    /// The same, but a future begins even if its task is cancelled before its first turn.
    #[doc(hidden)]
    #[track_caller]
    fn into_begun_at(self, at: &'static Location<'static>) -> Self::Source
    where
        Self: Sized,
    {
        self.into_source_at(at)
    }
}

/// Makes a handle of anything that can be awaited: a future becomes a task, a handle stays what it is.
/// Python: `asyncio.ensure_future`.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// aio::run(async {
///     let task = aio::ensure_future(async { 7_u8 });
///     let same = aio::ensure_future(task.clone());
///     assert!(*same == *task);
///     assert_eq!(same.await?, 7);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn ensure_future<C: Child>(child: C) -> C::Source {
    child.into_source()
}

/// A [`Task`] is a future, and stays what it is.
impl<F> Child for F
where
    F: Future<Output: Output<Ok: 'static>> + 'static,
{
    type Source = Task<<F::Output as Output>::Ok>;

    fn makes_task() -> bool {
        TypeId::of::<F>() != TypeId::of::<Self::Source>()
    }

    #[track_caller]
    fn into_source(self) -> Self::Source {
        if let Some(task) = Task::of_future(&self) {
            return task;
        }
        // Like `create_task`, but without another copy of a large future on the stack.
        Task::of(TaskOf::spawn(&current::expect(), self, Location::caller()))
    }

    #[track_caller]
    fn into_source_at(self, at: &'static Location<'static>) -> Self::Source {
        if let Some(task) = Task::of_future(&self) {
            return task;
        }
        Task::of(TaskOf::spawn(&current::expect(), self, at))
    }

    #[track_caller]
    fn into_begun_at(self, at: &'static Location<'static>) -> Self::Source {
        if let Some(task) = Task::of_future(&self) {
            return task;
        }
        let body = Begins {
            inside: self,
            begun: false,
        };
        let task = TaskOf::spawn(&current::expect(), body, at);
        task.any().core().set_begins(true);
        Task::of(task)
    }
}

/// The body of a task that begins in any case.
#[pin_project]
struct Begins<F> {
    #[pin]
    inside: F,
    begun: bool,
}

impl<F: Future> Future for Begins<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !std::mem::replace(this.begun, true) {
            with_running(|lent| lent.task.core().set_begins(false));
        }
        this.inside.poll(cx)
    }
}

macro_rules! handles {
    ($([$($generic:tt)*] $handle:ty),* $(,)?) => {$(
        impl<$($generic)*> Child for $handle {
            type Source = Self;

            fn into_source(self) -> Self {
                self
            }
        }
    )*};
}
pub(in crate::aio) use handles;

handles!([T: 'static] Promise<T>);

impl<T: Clone + 'static> Child for &Task<T> {
    type Source = Borrowed<Task<T>>;

    fn into_source(self) -> Self::Source {
        Borrowed(self.clone())
    }
}

impl<T: Clone + 'static> Child for &Promise<T> {
    type Source = Borrowed<Promise<T>>;

    fn into_source(self) -> Self::Source {
        Borrowed(self.clone())
    }
}

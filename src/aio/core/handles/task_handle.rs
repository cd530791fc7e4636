use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

use super::remote_task::RemoteTask;
use crate::aio::core::awaiting::{Awaitable, Ending};
use crate::aio::core::completion::{Callback, CallbackId};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::Inbox;
use crate::aio::core::raw::current_task::running;
use crate::aio::core::raw::handle::TaskHandle;
use crate::aio::core::target::{Awaited, Target};

impl TaskHandle {
    /// The name: `Task-1` (the main task), `Task-2` and so on, in the order of creation on this loop,
    /// unless it was set. Python: `Task.get_name`.
    pub fn name(&self) -> String {
        self.task.core().name()
    }

    /// Sets the name. Names need not be unique. Python: `Task.set_name`.
    pub fn set_name(&self, name: impl Into<String>) {
        let name = name.into();
        self.task.core().with_rare(|rare| rare.name = Some(name));
    }

    /// Requests that the task be cancelled; `false` if it has ended.
    ///
    /// The cancel is thrown into the task at the point where it is suspended, in a later turn: the innermost
    /// scope gets it ([`catch_cancelled`](crate::aio::catch_cancelled),
    /// [`finally`](crate::aio::finally)), or the body is dropped. A task that waits for another task, or
    /// for something of the library's that has an end of its own, passes the cancel on to it, and resumes
    /// when that has ended. A task that has not started never runs. A task that cancels itself gets the
    /// cancel when it is next suspended. Python: `Task.cancel`.
    ///
    /// Each call counts ([`cancelling`](Self::cancelling)).
    ///
    /// The error of a task that has failed counts as looked at, as in CPython.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio;
    /// use std::time::Duration;
    ///
    /// aio::testing::run(async {
    ///     let task = aio::create_task(aio::sleep(Duration::from_secs(60)));
    ///     aio::sleep(Duration::from_secs(1)).await;
    ///     assert!(task.cancel());
    ///     assert!(!task.done()); // it is requested, not delivered
    ///     assert!((&task).await.unwrap_err().is_cancelled());
    ///     assert!(!task.cancel()); // it has ended
    ///     aio::ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cancel(&self) -> bool {
        self.task.cancel(None)
    }

    /// The same, with a message for whoever catches it ([`Cancelled::message`]). The message travels with the
    /// cancel, even where that is passed on.
    ///
    /// If several cancels come before the delivery, one is delivered. If the task waits for something of the
    /// library's, that cancel has the first message; otherwise (the task has not started, it cancels itself,
    /// or it waits for something foreign) it has the last one, as in CPython.
    ///
    /// [`Cancelled::message`]: crate::aio::Cancelled::message
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.task.cancel(Some(message.into().into()))
    }

    /// A handle for other threads, which can cancel it.
    pub fn remote(&self) -> RemoteTask {
        let core = self.task.core();
        let inbox = core.completion.lp().map(|lp| lp.inbox.clone());
        RemoteTask::new(inbox.unwrap_or_else(Inbox::closed), core.id())
    }

    /// How many cancels were requested and not taken back. Python: `Task.cancelling`.
    pub fn cancelling(&self) -> u32 {
        self.task.core().cancelling()
    }

    /// Takes one request back, and returns how many are left. When none is left, a cancel that has not been
    /// delivered is withdrawn, as in Python 3.13. Python: `Task.uncancel`.
    pub fn uncancel(&self) -> u32 {
        self.task.uncancel()
    }

    /// Whether it has ended: with a value, with an error, or cancelled.
    pub fn done(&self) -> bool {
        self.task.core().is_done()
    }

    /// Whether it ended as cancelled: not if it swallowed the cancel.
    pub fn cancelled(&self) -> bool {
        self.task.is_cancelled()
    }

    /// The error it ended with; `None` if it ended with a value. The error then counts as looked at. Python:
    /// `Task.exception`.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has not ended, [`Cancelled`](Error::Cancelled) if
    /// it was cancelled.
    pub fn exception(&self) -> Result<Option<Error>, Error> {
        exception_of(&self.task)
    }

    /// Calls `call` with the task when it has ended, as
    /// [`Task::add_done_callback`](crate::aio::Task::add_done_callback) does.
    pub fn add_done_callback(&self, call: impl FnOnce(&Self) + 'static) -> CallbackId {
        let task = self.clone();
        let call = Box::new(move || call(&task));
        self.task.completion().add(Callback::Call(call))
    }

    /// Takes a callback back; returns whether it was still to be scheduled.
    pub fn remove_done_callback(&self, id: CallbackId) -> bool {
        self.task.completion().remove(id)
    }

    /// Where the task was created: the place in the source of the call of [`create_task`](crate::aio::create_task),
    /// of what made a task of a future, as [`gather`](crate::aio::gather()) does, or of
    /// [`run`](crate::aio::run()). Python shows it in debug mode: "created at".
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio;
    ///
    /// aio::run(async {
    ///     let (task, line) = (aio::create_task(async {}), line!());
    ///     assert_eq!(task.created_at().line(), line);
    ///     task.await
    /// })?;
    /// # Ok::<(), aio::Error>(())
    /// ```
    pub fn created_at(&self) -> &'static Location<'static> {
        self.task.core().created_at
    }

    /// Where the task is suspended: the place in the source of the call that made what it waits for. If it
    /// waits for several things, that of the one that began last. `None` if it has not started or has ended,
    /// or waits for something that is not the library's. Python: `Task.get_stack`.
    pub fn suspended_at(&self) -> Option<&'static Location<'static>> {
        self.task.core().suspended_at()
    }
}

/// The error of something awaited, as Python's `exception()` gives it.
pub(in crate::aio) fn exception_of(awaited: &dyn Awaited) -> Result<Option<Error>, Error> {
    match awaited.outcome() {
        None => Err(Error::InvalidState("the exception is not set")),
        Some(Ok(())) => Ok(None),
        Some(Err(cancelled @ Error::Cancelled(_))) => Err(cancelled),
        Some(Err(error)) => Ok(Some(error)),
    }
}

impl Awaitable for TaskHandle {
    fn awaited(&self) -> Ending {
        Ending(Target::Task(self.task.clone()))
    }
}

impl PartialEq for TaskHandle {
    fn eq(&self, other: &Self) -> bool {
        self.task.is(&other.task)
    }
}

impl Eq for TaskHandle {}

impl Hash for TaskHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.task.address().hash(state);
    }
}

impl fmt::Debug for TaskHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let core = self.task.core();
        let mut task = f.debug_struct("Task");
        task.field("name", &core.name())
            .field("done", &core.is_done());
        if let Some(at) = core.suspended_at() {
            task.field("suspended_at", &format_args!("{at}"));
        }
        task.finish_non_exhaustive()
    }
}

/// The task that is running. Python: `asyncio.current_task`.
pub fn current_task() -> Option<TaskHandle> {
    running().map(TaskHandle::new)
}

/// The tasks of the running loop that have not ended, in the order in which they were created. Python:
/// `asyncio.all_tasks`.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn all_tasks() -> Vec<TaskHandle> {
    current::expect()
        .tasks
        .all()
        .into_iter()
        .map(TaskHandle::new)
        .collect()
}

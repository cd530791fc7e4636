//! Task groups, whose children may borrow.
//!
//! 1. The future of [`task_group`] owns its children's bodies, so nothing that they borrow can go while
//!    they live. What the loop knows of a child is a task without a body.
//! 2. When such a child has its turn, the loop polls the task whose body the group's future is in, on
//!    behalf of the child: the group's future then polls that child alone. Other waits in that body
//!    see that it is not their turn ([`whose_turn`](super::awaiting::whose_turn)).
//! 3. Children whose group is gone never end by themselves: the group's drop ends them as cancelled.

mod child;
mod core;

pub(super) use self::child::Mode;
pub(super) use self::core::GroupCore;

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use self::child::{Turn, child};
use super::cancelled::{Thrown, error_of};
use super::event_loop::current;
use super::signal::SignalWait;
use super::{Error, Output, Task};
use crate::frame::Exception;

/// A group of tasks: what [`task_group`] gives to its body. Python: `asyncio.TaskGroup`.
pub struct TaskGroup<'env> {
    core: Rc<GroupCore>,
    children: RefCell<Vec<Option<Pin<Box<dyn Turn + 'env>>>>>,
}

impl<'env> TaskGroup<'env> {
    /// Runs `body` as a task of this group, from the next turn on. Python: `TaskGroup.create_task`.
    ///
    /// In a group that is being shut down, because a child failed or somebody cancelled it, the task is
    /// cancelled before it starts.
    pub fn create_task<F>(&self, body: F) -> Task<<F::Output as Output>::Ok>
    where
        F: Future<Output: Output<Ok: 'static>> + 'env,
    {
        let mut children = self.children.borrow_mut();
        let index = children.len();
        let (child, cell) = child(&self.core, index, body);
        children.push(Some(child));
        drop(children);
        self.core.adopt(cell.clone(), index);
        Task::of(cell)
    }

    /// Cancels every task of the group that has not ended, and its body. (Python 3.15 has it.) Calling
    /// it again changes nothing.
    ///
    /// The group then gives its body's value, or [`Error::Cancelled`], as a value and not raised, if
    /// the body was cut short.
    pub fn cancel(&self) {
        self.core.cancel();
    }

    /// Polls the child whose turn it is, if it is one of ours. Whether it was.
    fn relay(&self, cx: &Context<'_>) -> bool {
        self.core.polled_with(cx);
        let Some((index, turn)) = self.core.take_due() else {
            return false;
        };
        let Some(lp) = current::get() else {
            return true;
        };
        // Out of the list while it runs: nothing is borrowed then.
        let child = self.children.borrow_mut()[index].take();
        if let Some(mut child) = child
            && !child.as_mut().turn(&lp, turn)
        {
            self.children.borrow_mut()[index] = Some(child);
        }
        true
    }
}

impl fmt::Debug for TaskGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("running", &self.core.running())
            .finish_non_exhaustive()
    }
}

impl Drop for TaskGroup<'_> {
    fn drop(&mut self) {
        self.core.abandon();
    }
}

/// Runs `body` with a group, and ends when `body` and every task of the group have ended. Python:
/// `async with asyncio.TaskGroup()`.
///
/// The tasks may borrow what lives outside `body`, without an `Arc`. The first error cancels the other
/// tasks and `body`; all are awaited, and the errors come out as one [`Error::Group`], even a single
/// one. A task that was cancelled is no error.
///
/// Equivalent to: `async fn task_group(body) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Group`], with the errors in the order in which they came, `body`'s last.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Cancellation
///
/// A cancel goes into `body`, or if that has ended, to the tasks; all are awaited before it goes on.
/// Dropping it drops the tasks.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// aio::run(async {
///     let words = ["one".to_owned(), "three".to_owned()];
///     let total = aio::task_group(async |group| {
///         // The tasks borrow `words`.
///         let lengths = words.each_ref().map(|word| group.create_task(async { word.len() }));
///         let mut total = 0;
///         for length in lengths {
///             total += length.await?;
///         }
///         aio::ok(total)
///     })
///     .await?;
///     assert_eq!(total, 8);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn task_group<'env, R: Output>(
    body: impl AsyncFnOnce(&TaskGroup<'env>) -> R,
) -> Result<R::Ok, Error> {
    let core = GroupCore::enter();
    let co = core.parent().core().key.co();
    let group = TaskGroup {
        core,
        children: RefCell::default(),
    };
    let outcome = {
        let mut running = pin!(co.catch(body(&group)));
        poll_fn(|cx| {
            if group.relay(cx) {
                Poll::Pending
            } else {
                running.as_mut().poll(cx)
            }
        })
        .await
    };
    let (value, mut cancelled) = group
        .core
        .body_ended(outcome.map(Output::into_result).map_err(error_of));
    while group.core.running() > 0 {
        let mut wait = SignalWait::new(group.core.completed_signal(), Location::caller());
        let waiting = poll_fn(|cx| {
            if group.relay(cx) {
                Poll::Pending
            } else {
                wait.poll(cx)
            }
        });
        if let Err(exception) = co.catch(waiting).await
            && let Error::Cancelled(cancel) = error_of(exception)
            && group.core.interrupted()
        {
            cancelled = Some(cancel);
        }
    }
    match group.core.leave(value, cancelled) {
        Ok(outcome) => outcome,
        Err(cancelled) => co.raise(Exception::new(Thrown(cancelled))).await,
    }
}

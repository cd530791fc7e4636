//! Task groups, whose children may borrow.
//!
//! 1. The future of [`task_group`] owns its children's bodies, so nothing that they borrow can go away while
//!    they live. What the loop knows of a child is a task without a body.
//! 2. When such a child has its turn, the loop polls the task whose body the group's future is in, on
//!    behalf of the child: the group's future then polls that child alone. Other waits in that body
//!    see that it is not their turn ([`Here::turn`](crate::aio::core::registration::Here::turn)).
//! 3. The polls down to a child are native calls: a group that borrows, inside another one that borrows,
//!    takes stack. If too little is left for another level, a new child does not run: it ends with a
//!    [`RecursionError`](crate::RecursionError). When a child has had its turn, the loop continues from there
//!    ([`descend`](crate::aio::core::runner::descend)), so that nested groups do not cost their depth for each step.
//! 4. Children whose group is gone never end by themselves: the group's drop ends them as cancelled.

mod group_child;
mod group_core;
mod slots;

use std::cell::RefCell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project::pin_project;

use self::group_child::{ChildTurn, child};
use self::group_core::GroupCore;
use self::slots::Slots;
use crate::aio::core::body::Mode;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::handles::create_task::Task;
use crate::aio::core::output::Output;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::task_of::TaskOf;
use crate::aio::core::report;
use crate::aio::core::thrown::error_of;
use crate::aio::scopes::scope::Scope;
use crate::aio::waits::latch::LatchWait;
use crate::debug::debug;
use crate::frame::Exception;

/// A group of tasks: what [`task_group`] gives to its body. A clone is the same group, for a task of the
/// group that creates others. Python: `asyncio.TaskGroup`.
pub struct TaskGroup<'env> {
    inner: Rc<Inner<'env>>,
}

struct Inner<'env> {
    core: Rc<GroupCore>,
    children: RefCell<Slots<Pin<Box<dyn ChildTurn + 'env>>>>,
}

impl<'env> TaskGroup<'env> {
    /// A group of the running task.
    fn enter(at: &'static Location<'static>) -> Self {
        Self {
            inner: Rc::new(Inner {
                core: GroupCore::enter(at),
                children: RefCell::default(),
            }),
        }
    }

    /// Runs `body` as a task of this group, from the next turn on. Python: `TaskGroup.create_task`.
    ///
    /// In a group that has ended, or is being shut down because a task failed or somebody cancelled the
    /// group, `body` does not run: the task has ended with an [`Error::Runtime`] that says so.
    ///
    /// The body is polled in the poll of the group's future. So if tasks that were created like this have
    /// groups of their own, each level takes stack: where too little is left for one more, `body` does not
    /// run, and the task ends with a [`RecursionError`](crate::RecursionError).
    /// [`create_static_task`](Self::create_static_task) takes none.
    ///
    /// # Panics
    ///
    /// If the group has 2^32 tasks that have not ended.
    #[track_caller]
    pub fn create_task<F>(&self, body: F) -> Task<<F::Output as Output>::Ok>
    where
        F: Future<Output: Output<Ok: 'static>> + 'env,
    {
        let core = &self.inner.core;
        if let Err(error) = core.admits() {
            return Task::of(TaskOf::ended(&core.lp(), error, Location::caller()));
        }
        let children = &self.inner.children;
        let index = children.borrow().next();
        let (child, cell) = child(core, index, body, Location::caller());
        children.borrow_mut().join(child);
        core.adopt(&cell);
        Task::of(cell)
    }

    /// Runs a `body` that borrows nothing as a task of this group. It is like
    /// [`create_task`](Self::create_task), but the loop owns the body: it gets its turns even while the
    /// group's future is not polled, as in an async generator that is suspended at a yield inside the group.
    #[track_caller]
    pub fn create_static_task<F>(&self, body: F) -> Task<<F::Output as Output>::Ok>
    where
        F: Future<Output: Output<Ok: 'static>> + 'static,
    {
        let core = &self.inner.core;
        if let Err(error) = core.admits() {
            return Task::of(TaskOf::ended(&core.lp(), error, Location::caller()));
        }
        let cell = TaskOf::unwoken(&core.lp(), body, Location::caller());
        core.adopt(&cell);
        Task::of(cell)
    }

    /// Cancels every task of the group that has not ended, and its body. (Python 3.15 has it.) Calling
    /// it again changes nothing.
    ///
    /// The group then gives its body's value. If the body was cut short, it gives [`Error::Cancelled`], as a
    /// value and not raised.
    pub fn cancel(&self) {
        self.inner.core.cancel();
    }
}

impl Inner<'_> {
    /// Polls the child whose turn it is, if it is one of ours; otherwise `own`, which is what the group's
    /// future itself waits for.
    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        own: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.core.polled_with(cx);
        if self.core.due().is_any_due() {
            let parent = self.core.parent();
            // The poll may not get to what is in there, which stands all the same.
            parent.reach(self.core.node());
            self.relay(&parent);
            // A wake of the group's future itself may have come at the same time.
            if !parent.core().is_running() {
                // The combinator that polls has used up that wake, and would not poll for it in the task's own turn.
                if !self.core.due().is_polled_by_parent(cx.waker()) {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
        own(cx)
    }

    /// The body has ended: waits for the tasks.
    // A future of its own: what it keeps meanwhile is stored where the body's future was.
    async fn end<T>(
        &self,
        ended: Result<Result<T, Error>, Error>,
        at: &'static Location<'static>,
    ) -> Result<T, Error> {
        let (value, mut cancelled) = self.core.body_ended(ended);
        let mut raised = None;
        while self.core.running() > 0 {
            let wait = LatchWait::new(self.core.completed_latch(), at);
            if let Err(exception) = Own::new(self, wait).await {
                // What is beside the group, and has the same exception, waits for the tasks, too.
                self.core.node().clean();
                let goes_on = self.core.interrupted();
                match error_of(exception) {
                    Error::Cancelled(cancel) if goes_on => cancelled = Some(cancel),
                    Error::Cancelled(_) => {}
                    // The close of the async generator that the group is in.
                    error => raised = Some(error),
                }
            }
        }
        if let Some(error) = raised {
            let ended = self.core.leave(value, cancelled);
            drop(ended);
            match error.raise().await {}
        }
        match self.core.leave(value, cancelled) {
            Ok(outcome) => outcome,
            Err(cancelled) => match cancelled.raise().await {},
        }
    }

    /// Gives each child whose turn it is its turn; and the children whose turn comes next, if the loop can
    /// continue from here.
    fn relay(&self, parent: &AnyTask) {
        let Some(lp) = current::get() else { return };
        let _below = lp.below(self.core.due());
        self.turns(&lp);
        loop {
            if parent.core().is_running() {
                return;
            }
            let Some(next) = lp.next_in(self.core.due()) else {
                return;
            };
            self.turns(&lp);
            next.core().was_due();
        }
    }

    /// Gives each child whose turn it is its turn.
    fn turns(&self, lp: &LoopCore) {
        while let Some((index, mode)) = self.core.due().take_due() {
            self.turn(lp, index, mode);
        }
    }

    /// Gives a child its turn.
    fn turn(&self, lp: &LoopCore, index: u32, mode: Mode) {
        // The child is out of the list while it runs, so that nothing is borrowed then.
        let child = self.children.borrow_mut().take(index);
        let Some(mut child) = child else { return };
        if child.as_mut().turn(lp, mode) {
            // Turns that are left are not those of the next child with this index.
            self.core.due().forget(index);
            self.children.borrow_mut().leave(index);
            report::discard(child);
        } else {
            let left = self.children.borrow_mut().put_back(index, child);
            drop(left);
        }
    }
}

impl Clone for TaskGroup<'_> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

debug!(self: TaskGroup<'_> { running: self.inner.core.running(), .. });

/// The group's future: the one owner that ends what is left. (A task may hold a handle of the group that it
/// is in.)
struct Owner<'env>(TaskGroup<'env>);

impl Drop for Owner<'_> {
    fn drop(&mut self) {
        self.0.inner.core.close();
        // Every child's handle gets its end, whatever the destructor of another child does.
        let children = self.0.inner.children.borrow_mut().take_all();
        report::discard_each(children);
        self.0.inner.core.abandon();
    }
}

/// Runs `body` with a group, and ends when `body` and every task of the group have ended. Python:
/// `async with asyncio.TaskGroup()`.
///
/// The tasks may borrow what lives outside `body`, without an `Arc`. The first error cancels the other tasks
/// and `body`; all are awaited, and the errors come out as one [`Error::Group`], even a single one. A
/// cancelled task does not count as an error.
///
/// Equivalent to: `async fn task_group(body) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Group`], with the errors in the order in which they came, `body`'s last.
///
/// # Panics
///
/// If it is awaited outside a task, or in another event loop than it began in.
///
/// # Cancellation
///
/// A cancel goes into `body` or, if that has ended, to the tasks; all are awaited before it goes on. Dropping
/// the future drops the tasks.
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
#[track_caller]
pub fn task_group<'env, R: Output>(
    body: impl AsyncFnOnce(&TaskGroup<'env>) -> R,
) -> impl Future<Output = Result<R::Ok, Error>> {
    let at = Location::caller();
    // The future below holds everything that it captures until its end, and beside that the body's future,
    // which borrows the group. A boxed closure is gone once it has been called.
    let body = Box::new(body);
    async move {
        let owner = Owner(TaskGroup::enter(at));
        let group = &*owner.0.inner;
        let ended = Own::around(group, || (*body)(&owner.0)).await;
        let ended = ended.map_err(error_of);
        group.end(ended.map(Output::into_result), at).await
    }
}

/// What the group's future itself waits for.
#[pin_project]
struct Own<'a, 'env, F> {
    group: &'a Inner<'env>,
    #[pin]
    inside: Scope<F>,
}

impl<'a, 'env, F: Future> Own<'a, 'env, F> {
    fn new(group: &'a Inner<'env>, inside: F) -> Self {
        Self {
            group,
            inside: Scope::with(group.core.node().clone(), inside),
        }
    }

    /// A scope around what `make` makes.
    // Not inlined, like `Scope::around`.
    #[inline(never)]
    fn around(group: &'a Inner<'env>, make: impl FnOnce() -> F) -> Self {
        Self::new(group, make())
    }
}

impl<F: Future> Future for Own<'_, '_, F> {
    type Output = Result<F::Output, Exception>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.group.poll(cx, |cx| this.inside.poll(cx))
    }
}

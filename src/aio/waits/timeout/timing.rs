use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project::pin_project;

use super::block::{Block, Limit};
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::task::task_core::place::Node;
use crate::aio::scopes::raise::Raise;
use crate::aio::scopes::scope::Scope;
use crate::generator::Scoped;

/// Runs `body` for at most `delay`. Python: `async with asyncio.timeout(delay)`.
///
/// When the time is up, the task that runs this is cancelled; if that cancel leaves `body`, it becomes
/// [`Error::Timeout`]. Clean-up in `body` runs and is awaited; if `body` swallows the cancel, its value is
/// returned. A cancel from outside takes precedence. `None` means no deadline.
///
/// `body` runs in the calling task, and may borrow. ([`wait_for`](crate::aio::wait_for()) takes tasks.)
///
/// Equivalent to: `async fn timeout(delay, body) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Timeout`], or what `body` returned.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Cancellation
///
/// A cancel goes into `body`.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     let late = aio::timeout(second, aio::sleep(2 * second)).await;
///     assert!(late.unwrap_err().is_timeout());
///     assert!(aio::timeout(3 * second, aio::sleep(2 * second)).await.is_ok());
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn timeout<F>(delay: impl Into<Option<Duration>>, body: F) -> TimeoutFuture<F::IntoFuture>
where
    F: IntoFuture<Output: Output>,
{
    TimeoutFuture::made_at(Location::caller(), delay.into(), body.into_future())
}

/// The future of [`timeout()`].
///
/// # Cancellation
///
/// A cancel goes into the body. Dropping the future drops the body and the deadline.
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct TimeoutFuture<F> {
    #[pin]
    scope: Scoped<Scope<F>, Raise>,
    deadline: Deadline,
}

/// The block is entered by the first poll, as in Python, where `async with` does it: only then is it known which task
/// runs it, and only from then on does a delay count.
enum Deadline {
    /// Until the first poll.
    Limit(Option<Limit>, Rc<Node>, &'static Location<'static>),
    /// From the first poll on.
    Block(Block),
}

impl Deadline {
    fn entered(&mut self) -> &Block {
        if let Self::Limit(limit, node, at) = self {
            *self = Self::Block(Block::enter(limit.take(), node.clone(), at));
        }
        match self {
            Self::Block(block) => block,
            Self::Limit(..) => unreachable!("the block was entered"),
        }
    }
}

impl<F> TimeoutFuture<F> {
    pub(in crate::aio) fn made_at(
        at: &'static Location<'static>,
        delay: Option<Duration>,
        body: F,
    ) -> Self
    where
        F: Future,
    {
        let node = Node::new();
        Self {
            scope: Scoped::new(Scope::with(node.clone(), body)),
            deadline: Deadline::Limit(delay.map(Limit::After), node, at),
        }
    }

    /// A future whose block has been entered.
    pub(super) fn entered(block: Block, node: Rc<Node>, body: F) -> Self
    where
        F: Future,
    {
        Self {
            scope: Scoped::new(Scope::with(node, body)),
            deadline: Deadline::Block(block),
        }
    }
}

impl<F: Future<Output: Output>> Future for TimeoutFuture<F> {
    type Output = Result<<F::Output as Output>::Ok, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let block = this.deadline.entered();
        block.poll_begins();
        this.scope.poll_to_end(cx, |ended| block.leave(ended))
    }
}

impl<F> fmt::Debug for TimeoutFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TimeoutFuture");
        if let Deadline::Block(block) = &self.deadline {
            debug.field("timeout", &block.timeout());
        }
        debug.finish_non_exhaustive()
    }
}

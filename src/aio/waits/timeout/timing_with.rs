use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project::pin_project;

use super::Timeout;
use super::block::{Block, Limit};
use super::timing::TimeoutFuture;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::task::task_core::place::Node;

/// Runs `body` for at most `delay`, like [`timeout`](crate::aio::timeout()), with a handle to change the
/// deadline.
///
/// Equivalent to: `async fn timeout_with(delay, body) -> Result<T, Error>`.
///
/// # Errors
///
/// As for [`timeout`](crate::aio::timeout()).
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     aio::timeout_with(second, async |timeout| {
///         timeout.reschedule(aio::now() + 3 * second)?;
///         aio::sleep(2 * second).await;
///         aio::ok(())
///     })
///     .await
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn timeout_with<R: Output>(
    delay: impl Into<Option<Duration>>,
    body: impl AsyncFnOnce(Timeout) -> R,
) -> impl Future<Output = Result<R::Ok, Error>> {
    let limit = delay.into().map(Limit::After);
    TimeoutWith::New(limit, Location::caller(), move |timeout| body(timeout))
}

/// Runs `body` until `when` at most, like [`timeout_with`]. Python: `async with asyncio.timeout_at(when)`.
///
/// Equivalent to: `async fn timeout_at(when, body) -> Result<T, Error>`.
///
/// # Errors
///
/// As for [`timeout`](crate::aio::timeout()).
///
/// # Panics
///
/// If it is awaited outside a task.
#[track_caller]
pub fn timeout_at<R: Output>(
    when: impl Into<Option<Instant>>,
    body: impl AsyncFnOnce(Timeout) -> R,
) -> impl Future<Output = Result<R::Ok, Error>> {
    let limit = when.into().map(Limit::At);
    TimeoutWith::New(limit, Location::caller(), move |timeout| body(timeout))
}

/// A body that gets a handle to its deadline: the closure, and then its future, in one place.
#[pin_project(project = Part, project_replace = Taken)]
enum TimeoutWith<B, F> {
    New(Option<Limit>, &'static Location<'static>, B),
    /// Between the two. It stays like this if the closure panics.
    Entering,
    Running(#[pin] TimeoutFuture<F>),
}

impl<B: FnOnce(Timeout) -> F, F: Future> TimeoutWith<B, F> {
    // Not inlined, so that what moves through its frame is not on the stack while the body runs.
    #[inline(never)]
    fn enter(mut self: Pin<&mut Self>) {
        let taken = self.as_mut().project_replace(Self::Entering);
        let Taken::New(limit, at, body) = taken else {
            unreachable!("it is entered once")
        };
        let node = Node::new();
        let block = Block::enter(limit, node.clone(), at);
        // The closure is the user's: if it panics, the block is dropped, and the deadline with it.
        let running = body(block.timeout());
        self.set(Self::Running(TimeoutFuture::entered(block, node, running)));
    }
}

impl<B, F> Future for TimeoutWith<B, F>
where
    B: FnOnce(Timeout) -> F,
    F: Future<Output: Output>,
{
    type Output = Result<<F::Output as Output>::Ok, Error>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Self::New(..) = *self {
            self.as_mut().enter();
        }
        match self.project() {
            Part::Running(running) => running.poll(cx),
            Part::New(..) | Part::Entering => panic!("entering the block panicked"),
        }
    }
}

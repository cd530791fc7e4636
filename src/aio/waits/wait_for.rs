use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project::pin_project;

use super::child::Child;
use crate::aio::core::awaiting::{Awaitable as _, Owned, Source, expect_task};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::waits::timeout::timing::TimeoutFuture;
use crate::debug::debug;

/// Waits for a task, a promise or a future for at most `limit`, and cancels it then. Python:
/// `asyncio.wait_for`.
///
/// A future becomes a task. When the time is up, the child is cancelled, and its clean-up is awaited: the
/// wait may be longer than `limit`. If the child answers the cancel with a value, that value is returned.
/// With a limit of zero, only a child that has already ended gives its result, even if somebody else
/// cancelled it; a future does not start. `None`: no limit.
///
/// Equivalent to: `async fn wait_for(child, limit) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Timeout`], or what the child ended with.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Cancellation
///
/// A cancel goes into the child, whose clean-up is awaited. A future has begun by then: if the cancel comes before its
/// first turn, it runs up to its first wait, which gets the cancel, as in CPython.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     let slow = aio::create_task(aio::sleep(60 * second));
///     let late = aio::wait_for(&slow, second).await;
///     assert!(late.unwrap_err().is_timeout());
///     assert!(slow.cancelled());
///
///     let quick = aio::wait_for(async { 7_u8 }, second).await?;
///     assert_eq!(quick, 7);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn wait_for<C: Child>(child: C, limit: impl Into<Option<Duration>>) -> WaitFor<C> {
    WaitFor {
        state: WaitForState::New {
            child: Some(child),
            limit: limit.into(),
            at: Location::caller(),
        },
    }
}

/// The future of [`wait_for()`].
///
/// # Cancellation
///
/// A cancel goes into the child, whose clean-up is awaited. Dropping the future leaves the child running.
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct WaitFor<C: Child> {
    #[pin]
    state: WaitForState<C, C::Source>,
}

/// The child, and then the wait for it, in one place.
#[pin_project(project = Part)]
enum WaitForState<C, S: Source> {
    New {
        /// `None`: making a task of it panicked.
        child: Option<C>,
        limit: Option<Duration>,
        at: &'static Location<'static>,
    },
    /// With a limit of zero: a child that has ended, or that we have cancelled.
    Now {
        #[pin]
        child: Owned<S>,
        had_ended: bool,
    },
    Waiting(#[pin] TimeoutFuture<Owned<S>>),
}

impl<C: Child> WaitForState<C, C::Source> {
    /// Puts the wait in place of the child.
    // Not inlined, so that what moves through its frame is not on the stack while the wait is polled.
    #[inline(never)]
    #[track_caller]
    fn begin(mut self: Pin<&mut Self>) {
        let Part::New { child, limit, at } = self.as_mut().project() else {
            return;
        };
        let (limit, at) = (*limit, *at);
        // Outside a task it must not take the child.
        expect_task(at);
        let Some(child) = child.take() else { return };
        if limit == Some(Duration::ZERO) {
            let source = child.into_source_at(at);
            let ending = source.awaited();
            let had_ended = ending.0.completion().done();
            let is_foreign = current::with(|lp| ending.0.completion().is_foreign_to(lp));
            if !had_ended && !is_foreign {
                ending.0.cancel();
            }
            self.set(Self::Now {
                child: Owned::new(source, at),
                had_ended,
            });
        } else {
            let source = child.into_begun_at(at);
            let waiting = TimeoutFuture::made_at(at, limit, Owned::new(source, at));
            self.set(Self::Waiting(waiting));
        }
    }
}

impl<C: Child> Future for WaitFor<C> {
    type Output = Result<<C::Source as Source>::Ok, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        state.as_mut().begin();
        match state.project() {
            Part::Now { child, had_ended } => Poll::Ready(match ready!(child.poll(cx)) {
                Err(error) if error.is_cancel() && !*had_ended => Err(Error::Timeout),
                outcome => outcome,
            }),
            Part::Waiting(waiting) => waiting.poll(cx),
            Part::New { .. } => panic!("making a task of the child panicked"),
        }
    }
}

debug!(impl[C: Child] WaitFor<C> { .. });

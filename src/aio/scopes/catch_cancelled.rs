use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use super::raise::Raise;
use super::scope::{Scope, caught};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::debug::debug;
use crate::generator::Scoped;

/// A scope: runs `inside`, and catches a cancel that is delivered in it. Python: `try: …` /
/// `except asyncio.CancelledError as e:`.
///
/// What is inside is dropped (destructors run) before the scope ends. Of nested scopes the innermost gets the
/// cancel. What comes after the scope may await; a second cancel goes to the next scope out. A cancel that is
/// caught and not raised again ([`Cancelled::raise`]) is swallowed:
/// [`cancelling`](crate::aio::TaskHandle::cancelling) still counts it.
///
/// Equivalent to: `async fn catch_cancelled<F>(inside: F) -> Result<F::Output, Cancelled>`.
///
/// # Errors
///
/// The cancel.
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
///     let task = aio::create_task(async {
///         let slept = aio::catch_cancelled(aio::sleep(Duration::from_secs(60))).await;
///         aio::sleep(Duration::from_secs(1)).await; // clean-up may await
///         slept.is_err()
///     });
///     aio::sleep(Duration::from_secs(1)).await;
///     task.cancel();
///     assert_eq!(task.await?, true);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn catch_cancelled<F: IntoFuture>(inside: F) -> CatchCancelled<F::IntoFuture> {
    CatchCancelled::made_at(Location::caller(), inside.into_future())
}

/// The future of [`catch_cancelled`].
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct CatchCancelled<F> {
    #[pin]
    scope: Scoped<Scope<F>, Raise>,
}

impl<F: Future> CatchCancelled<F> {
    pub(in crate::aio) fn made_at(at: &'static Location<'static>, inside: F) -> Self {
        Self {
            scope: Scoped::new(Scope::made_at(at, inside)),
        }
    }
}

impl<F: Future> Future for CatchCancelled<F> {
    type Output = Result<F::Output, Cancelled>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project()
            .scope
            .poll_to_end(cx, |outcome| match outcome {
                Ok(value) => Ok(Ok(value)),
                Err(exception) => match caught(exception) {
                    Error::Cancelled(cancelled) => Ok(Err(cancelled)),
                    other => Err(other.raise()),
                },
            })
    }
}

debug!(impl[F] CatchCancelled<F> { .. });

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use super::raise::Raise;
use super::scope::Scope;
use crate::aio::core::error::Error;
use crate::aio::core::thrown::error_of;
use crate::debug::debug;
use crate::generator::{GeneratorExit, Scoped};

/// A scope: runs `inside`, and catches what is thrown and raised in it, except for what ends a body from outside: a
/// cancel, ctrl-c, the close of an [async generator](crate::aio::async_generator()). Python: `try: …` / `except
/// Exception as e:`.
///
/// Otherwise it is like [`catch_cancelled`](crate::aio::catch_cancelled()).
///
/// # Errors
///
/// What was thrown or raised.
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
///         loop {
///             let work = async {
///                 aio::sleep(Duration::from_secs(1)).await;
///                 aio::Error::new("disk full").raise().await;
///             };
///             if aio::catch_exception(work).await.is_ok() {
///                 break;
///             }
///         }
///     });
///     aio::sleep(Duration::from_secs(10)).await;
///     task.cancel(); // which the loop does not survive
///     assert!(task.await.unwrap_err().is_cancelled());
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn catch_exception<F: IntoFuture>(inside: F) -> CatchException<F::IntoFuture> {
    CatchException {
        scope: Scoped::new(Scope::new(inside.into_future())),
    }
}

/// The future of [`catch_exception()`].
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct CatchException<F> {
    #[pin]
    scope: Scoped<Scope<F>, Raise>,
}

impl<F: Future> Future for CatchException<F> {
    type Output = Result<F::Output, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project()
            .scope
            .poll_to_end(cx, |outcome| match outcome.map_err(error_of) {
                Ok(value) => Ok(Ok(value)),
                Err(error) if is_from_outside(&error) => Err(error.raise()),
                Err(error) => Ok(Err(error)),
            })
    }
}

/// Whether it is what Python derives from `BaseException` alone.
fn is_from_outside(error: &Error) -> bool {
    matches!(error, Error::Cancelled(_) | Error::Interrupted)
        || error.downcast_ref::<GeneratorExit>().is_some()
}

debug!(impl[F] CatchException<F> { .. });

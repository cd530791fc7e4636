use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::awaiting::expect_current;
use super::cancelled::{Cancelled, Thrown};
use crate::Never;
use crate::frame::{Catch, Exception, Key};

/// A scope: runs `inside`, and catches a cancel that is delivered in it. Python: `try: …` /
/// `except asyncio.CancelledError as e:`.
///
/// What is inside is dropped (destructors run) before the scope ends. Of scopes in one another the
/// innermost has the cancel. What comes after the scope may await; a second cancel goes to the next
/// scope out. A cancel that is caught and not raised again ([`Cancelled::raise`]) is swallowed:
/// [`cancelling`](super::TaskHandle::cancelling) still counts it.
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
pub fn catch_cancelled<F: IntoFuture>(inside: F) -> CatchCancelled<F::IntoFuture> {
    CatchCancelled {
        scope: Catch::new(Key::NONE.co(), inside.into_future()),
    }
}

/// A scope for cancels: the future of [`catch_cancelled`].
///
/// It belongs to the task that polls it, which may be another one each time: an async generator's body
/// may be driven by several.
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct CatchCancelled<F> {
    #[pin]
    scope: Catch<Never, (), F>,
}

impl<F: Future> Future for CatchCancelled<F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scope = self.project().scope;
        scope.as_mut().bind(expect_current().1.core().key);
        Poll::Ready(ready!(scope.poll(cx)).map_err(cancelled_of))
    }
}

impl<F> fmt::Debug for CatchCancelled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchCancelled").finish_non_exhaustive()
    }
}

/// The cancel that was thrown: nothing else is, into a task.
fn cancelled_of(exception: Exception) -> Cancelled {
    match exception.downcast::<Thrown>() {
        Ok(Thrown(cancelled)) => cancelled,
        Err(other) => unreachable!("only a cancel is thrown into a task: {other}"),
    }
}

/// Runs `inside` and then `cleanup`, whether `inside` ends or is cancelled; a cancel then goes on.
/// Python: `try: …` / `finally: …`.
///
/// `cleanup` may await. A second cancel interrupts it, as in Python.
///
/// A task that is dropped with its loop, and not cancelled, drops `cleanup` with the rest.
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
///     let done = aio::Promise::new();
///     let task = aio::create_task({
///         let done = done.clone();
///         aio::finally(aio::sleep(Duration::from_secs(60)), async move {
///             aio::sleep(Duration::from_secs(1)).await;
///             done.set_result("cleaned up").unwrap();
///         })
///     });
///     aio::sleep(Duration::from_secs(1)).await;
///     task.cancel();
///     assert!(task.await.unwrap_err().is_cancelled());
///     assert_eq!(done.await?, "cleaned up");
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn finally<F, C>(inside: F, cleanup: C) -> F::Output
where
    F: IntoFuture,
    C: IntoFuture<Output = ()>,
{
    let ended = catch_cancelled(inside).await;
    cleanup.await;
    match ended {
        Ok(value) => value,
        Err(cancelled) => cancelled.raise().await,
    }
}

impl Cancelled {
    /// Raises the cancel in the running task: the innermost scope around gets it, or the task ends as
    /// cancelled. Python: `raise`.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    pub async fn raise(self) -> Never {
        let co = expect_current().1.core().key.co();
        co.raise(Exception::new(Thrown(self))).await
    }
}

use std::future::IntoFuture;

use super::awaiting::expect_current;
use super::cancelled::{Cancelled, Thrown};
use crate::Never;
use crate::frame::{Co, Exception};

/// The handle of the task that is running.
#[track_caller]
fn here() -> Co<'static, Never, ()> {
    expect_current().1.core().key.co()
}

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
pub async fn catch_cancelled<F: IntoFuture>(inside: F) -> Result<F::Output, Cancelled> {
    let co = here();
    match co.catch(inside.into_future()).await {
        Ok(value) => Ok(value),
        Err(exception) => match exception.downcast::<Thrown>() {
            Ok(Thrown(cancelled)) => Err(cancelled),
            Err(other) => co.raise(other).await,
        },
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
    let co = here();
    co.finally(inside.into_future(), cleanup.into_future())
        .await
}

impl Cancelled {
    /// Raises the cancel in the running task: the innermost scope around gets it, or the task ends as
    /// cancelled. Python: `raise`.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    pub async fn raise(self) -> Never {
        here().raise(Exception::new(Thrown(self))).await
    }
}

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use super::Error;
use super::awaiting::expect_current;
use super::cancelled::{Cancelled, Raised, Thrown, error_of};
use super::trace;
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
pub async fn catch_cancelled<F: IntoFuture>(inside: F) -> Result<F::Output, Cancelled> {
    match Scope::new(inside.into_future()).await {
        Ok(value) => Ok(value),
        Err(exception) => match error_of(exception) {
            Error::Cancelled(cancelled) => Err(cancelled),
            other => raise(Exception::new(Raised(other))).await,
        },
    }
}

/// A scope: runs `inside`, and catches whatever is thrown in it: a cancel, or what was thrown into the
/// [async generator](super::async_generator) whose body this is. Python: `try: …` / `except
/// BaseException as e:`.
///
/// As [`catch_cancelled`] otherwise. What is caught goes on with [`Error::raise`].
///
/// # Errors
///
/// What was thrown.
///
/// # Panics
///
/// If it is awaited outside a task.
pub async fn catch<F: IntoFuture>(inside: F) -> Result<F::Output, Error> {
    Scope::new(inside.into_future()).await.map_err(error_of)
}

/// A scope of the task that polls it, which may be another one each time: an async generator's body may
/// be driven by several.
#[pin_project]
pub(super) struct Scope<F> {
    #[pin]
    scope: Catch<Never, (), F>,
}

impl<F: Future> Scope<F> {
    pub(super) fn new(inside: F) -> Self {
        Self {
            scope: Catch::new(Key::NONE.co(), inside),
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = Result<F::Output, Exception>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scope = self.project().scope;
        scope.as_mut().bind(expect_current().1.core().key);
        scope.poll(cx)
    }
}

/// Raises in the running task: the innermost scope around gets it.
pub(super) async fn raise(exception: Exception) -> Never {
    let co = expect_current().1.core().key.co();
    co.raise(exception).await
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
    let unfinished = Unfinished;
    let ended = Scope::new(inside.into_future()).await;
    cleanup.await;
    std::mem::forget(unfinished);
    match ended {
        Ok(value) => value,
        Err(exception) => raise(exception).await,
    }
}

/// Tells of a clean-up that is dropped before its end.
struct Unfinished;

impl Drop for Unfinished {
    fn drop(&mut self) {
        trace::event!(warn, "a clean-up was dropped before its end");
    }
}

impl Error {
    /// Raises it in the running task: the innermost scope around gets it, or the task ends with it.
    /// Python: `raise`.
    ///
    /// A body that returns an error does as well; this is for what is not left by `?`.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    pub async fn raise(self) -> Never {
        match self {
            Self::Cancelled(cancelled) => cancelled.raise().await,
            other => raise(Exception::new(Raised(other))).await,
        }
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
        raise(Exception::new(Thrown(self))).await
    }
}

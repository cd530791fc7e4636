use std::future::{Future, IntoFuture};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::raise::Raise;
use super::scope::{Edge, Scope};
use crate::aio::core::trace;
use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::Scoped;

/// Runs `inside` and then `cleanup`, whether `inside` ends or is cancelled; a cancel then goes on.
/// Python: `try: …` / `finally: …`.
///
/// `cleanup` may await. A second cancel interrupts it, as in Python. If it can fail, take
/// [`try_finally`](crate::aio::try_finally).
///
/// Equivalent to: `async fn finally(inside: F, cleanup: C) -> F::Output`.
///
/// If a task is dropped with its loop, and not cancelled, `cleanup` is dropped with the rest.
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
#[track_caller]
pub fn finally<F, C>(inside: F, cleanup: C) -> Finally<F::IntoFuture, C::IntoFuture>
where
    F: IntoFuture,
    C: IntoFuture<Output = ()>,
{
    Finally {
        scope: Scoped::new(Scope::new(inside.into_future())),
        cleanup: Some(cleanup.into_future()),
        unfinished: None,
    }
}

/// The future of [`finally`].
///
/// # Cancellation
///
/// Dropping the future drops the clean-up with the rest.
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct Finally<F: Future, C> {
    #[pin]
    scope: Scoped<Scope<F>, Raise, Block<F::Output>>,
    /// Present from the first poll to the end of the clean-up.
    unfinished: Option<Unfinished>,
    /// Present until the clean-up ends.
    #[pin]
    cleanup: Option<C>,
}

impl<F: Future, C: Future<Output = ()>> Future for Finally<F, C> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if this.cleanup.is_some() {
            this.unfinished.get_or_insert_with(|| Unfinished);
            if let Some(block) = ready!(this.scope.as_mut().poll_end(cx, Block::new)) {
                let is_over = ready!(block.poll_cleanup(this.cleanup, cx));
                let unfinished = this.unfinished.take();
                if is_over {
                    mem::forget(unfinished);
                }
            }
        }
        this.scope
            .poll_kept(cx, |block| block.into_result().map_err(Raise::new))
    }
}

debug!(impl[F: Future, C] Finally<F, C> { .. });

/// How the block before a clean-up ended.
enum Block<T> {
    Value(T),
    /// With an exception: the clean-up is a scope, so that what is raised in there has this as its context.
    Raised(Exception, Edge),
}

impl<T> Block<T> {
    fn new(outcome: Result<T, Exception>) -> Self {
        match outcome {
            Ok(value) => Self::Value(value),
            Err(exception) => Self::Raised(exception, Edge::around_clean_up()),
        }
    }

    fn into_result(self) -> Result<T, Exception> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Raised(exception, _) => Err(exception),
        }
    }

    /// Runs `cleanup`, and drops it. If it raises while an exception is on its way, its own takes the place of that.
    /// Gives whether the clean-up came to its end.
    #[track_caller]
    fn poll_cleanup<C: Future<Output = ()>>(
        &mut self,
        mut cleanup: Pin<&mut Option<C>>,
        cx: &mut Context<'_>,
    ) -> Poll<bool> {
        let Some(running) = cleanup.as_mut().as_pin_mut() else {
            return Poll::Ready(true);
        };
        match self {
            Self::Value(_) => {
                ready!(running.poll(cx));
                cleanup.set(None);
            }
            Self::Raised(exception, edge) => {
                if let Err(new) = ready!(edge.poll_around(cleanup, cx)) {
                    exception.replace_by(new);
                    return Poll::Ready(false);
                }
            }
        }
        Poll::Ready(true)
    }
}

/// Reports a clean-up that is dropped before its end.
struct Unfinished;

impl Drop for Unfinished {
    fn drop(&mut self) {
        trace::event!(warn, "a clean-up was dropped before its end");
    }
}

use std::future::{Future, IntoFuture};
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::raise::Raise;
use super::scope::Scope;
use crate::aio::core::awaiting::expect_key_for;
use crate::aio::core::trace;
use crate::debug::debug;
use crate::generator::{Block, Scoped};

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
                let at = Location::caller();
                let co = || expect_key_for(at).co();
                let is_over = ready!(block.poll_cleanup(co, this.cleanup, cx));
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

/// Reports a clean-up that is dropped before its end.
struct Unfinished;

impl Drop for Unfinished {
    fn drop(&mut self) {
        trace::event!(warn, "a clean-up was dropped before its end");
    }
}

use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::finally::{Finally, finally};
use super::raise::Raise;
use crate::aio::core::body::IntoResult;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::debug::debug;

/// Runs `inside` and then `cleanup`, which may fail: [`finally`](crate::aio::finally) where closing something can go wrong.
/// Python: `try: …` / `finally: …`, whose second block raises.
///
/// The error of the clean-up takes the place of the value, or of the error of `inside`, which is then its
/// [context](Error::context). If a cancel is on its way, the error takes the place of that, too, as in Python: the task
/// ends with it.
///
/// # Errors
///
/// That of `cleanup`, or else that of `inside`.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Error};
///
/// async fn close() -> Result<(), Error> {
///     Err(Error::new("disk full"))
/// }
///
/// aio::run(async {
///     let written = aio::try_finally(async { 7_u8 }, close()).await;
///     assert_eq!(written.unwrap_err().to_string(), "disk full");
///
///     let work = async { "x".parse::<u32>() };
///     let error = aio::try_finally(work, close()).await.unwrap_err();
///     assert_eq!(error.to_string(), "disk full");
///     assert_eq!(error.context().unwrap().to_string(), "invalid digit found in string");
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn try_finally<F, C>(inside: F, cleanup: C) -> TryFinally<F::IntoFuture, C::IntoFuture>
where
    F: IntoFuture<Output: Output>,
    C: IntoFuture<Output: Output<Ok = ()>>,
{
    let note = Rc::new(Note::default());
    let inside = Noted {
        inside: IntoResult::new(inside.into_future()),
        note: note.clone(),
    };
    let cleanup = CleanUp {
        cleanup: IntoResult::new(cleanup.into_future()),
        raise: None,
        note: note.clone(),
    };
    TryFinally {
        finally: finally(inside, cleanup),
        note,
    }
}

/// The future of [`try_finally`].
///
/// # Cancellation
///
/// Dropping the future drops the clean-up with the rest.
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct TryFinally<F: Future<Output: Output>, C> {
    #[pin]
    finally: Finally<Noted<F>, CleanUp<C>>,
    note: Rc<Note>,
}

/// What the blocks tell each other.
#[derive(Default)]
struct Note {
    /// Whether the first block has ended by itself. If not, an exception is on its way.
    has_ended: Cell<bool>,
    /// Of a clean-up after such an end.
    error: RefCell<Option<Error>>,
}

impl<F: Future<Output: Output>, C: Future<Output: Output<Ok = ()>>> Future for TryFinally<F, C> {
    type Output = Result<<F::Output as Output>::Ok, Error>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let ended = ready!(this.finally.poll(cx));
        Poll::Ready(match (ended, this.note.error.take()) {
            (ended, None) => ended,
            (Ok(_), Some(error)) => Err(error),
            (Err(handled), Some(error)) => Err(error.raised_over(&handled)),
        })
    }
}

debug!(impl[F: Future<Output: Output>, C] TryFinally<F, C> { .. });

/// The first block.
#[pin_project]
struct Noted<F> {
    #[pin]
    inside: IntoResult<F>,
    note: Rc<Note>,
}

impl<F: Future<Output: Output>> Future for Noted<F> {
    type Output = Result<<F::Output as Output>::Ok, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let ended = ready!(this.inside.poll(cx));
        this.note.has_ended.set(true);
        Poll::Ready(ended)
    }
}

/// The second block, which never fails: it notes its error, or raises it in the place of an exception.
#[pin_project]
struct CleanUp<C> {
    #[pin]
    cleanup: IntoResult<C>,
    /// Present once it has failed while an exception is on its way.
    raise: Option<Raise>,
    note: Rc<Note>,
}

impl<C: Future<Output: Output<Ok = ()>>> Future for CleanUp<C> {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.raise.is_none() {
            match ready!(this.cleanup.poll(cx)) {
                Ok(()) => return Poll::Ready(()),
                Err(error) if this.note.has_ended.get() => {
                    *this.note.error.borrow_mut() = Some(error);
                    return Poll::Ready(());
                }
                Err(error) => *this.raise = Some(error.raise()),
            }
        }
        match this.raise {
            Some(raise) => Pin::new(raise).poll(cx).map(|never| match never {}),
            None => Poll::Pending,
        }
    }
}

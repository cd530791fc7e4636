use alloc::string::String;
use core::error::Error;
use core::fmt::{self, Write as _};
use core::future::Future;
use core::pin::Pin;
use core::task::{self, Poll, ready};

use pin_project::pin_project;

use super::context::Context;
use crate::debug::debug;
use crate::frame::{Co, Exception};
use crate::generator::{
    CloseError, Generator as _, LocalBoxGen, NextError, Outcome, State, Step, ThrowError, generator,
};

/// A context manager made from a generator with one yield: what [`context_manager`] gives.
///
/// If it is dropped while it is entered, its generator is closed, as a [`LocalBoxGen`] is.
#[must_use = "a context manager does nothing until it is entered"]
pub struct ContextManager<'a, T> {
    generator: LocalBoxGen<'a, T, (), Result<(), Exception>>,
}

/// How a context manager's body failed to yield exactly once. The messages are Python's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YieldError {
    /// The body ended without a yield: there is nothing for the block.
    #[error("generator didn't yield")]
    Never,
    /// The body yielded again when the block had ended.
    #[error("generator didn't stop")]
    Again,
    /// The body yielded again when the block's error was thrown at the first yield.
    #[error("generator didn't stop after throw()")]
    AgainAfterThrow,
    /// The context manager was entered before. Make a new one for each block.
    #[error("the context was entered before")]
    Entered,
}

/// Makes a context manager from a body that yields once: what is before the yield enters, what is after it leaves.
/// Python: `contextlib.contextmanager`.
///
/// An error of the block is thrown at the yield: the body may clean up and let it go on
/// ([`Co::finally`], `?`), swallow it ([`Co::catch`], [`Co::try_yield`]), or end with another one. The
/// body is driven synchronously: what it awaits has to be ready.
///
/// A body that does not yield, or yields twice, is an error ([`YieldError`]).
///
/// If the body ends with another error than the block's, that is its [context](Exception::context): the error itself if
/// [`Co::finally`] had it, or the body has set it; otherwise its text, as the body has used up the error.
///
/// # Examples
///
/// ```
/// use cogen::context::{Context, ContextManager, context_manager};
/// use std::error::Error;
///
/// /// What [`suppress`](super::suppress) does.
/// fn suppress<E: Error + 'static>() -> ContextManager<'static, ()> {
///     context_manager(|co| async move {
///         let _suppressed = co.catch_as::<E, _>(co.yield_(())).await;
///     })
/// }
///
/// use std::num::{ParseFloatError, ParseIntError};
/// assert_eq!(suppress::<ParseIntError>().with(|()| "7".parse::<i32>())?, Some(7));
/// assert_eq!(suppress::<ParseIntError>().with(|()| "x".parse::<i32>())?, None);
/// assert!(suppress::<ParseFloatError>().with(|()| "x".parse::<i32>()).is_err());
/// # Ok::<(), cogen::Exception>(())
/// ```
pub fn context_manager<'a, T, F>(body: impl FnOnce(Co<'a, T>) -> F) -> ContextManager<'a, T>
where
    T: 'a,
    F: Future<Output: Outcome> + 'a,
{
    ContextManager {
        generator: generator(|co| IntoResult(body(co))).boxed_local(),
    }
}

/// A body whose outcome is a result.
#[pin_project]
struct IntoResult<F>(#[pin] F);

impl<F: Future<Output: Outcome>> Future for IntoResult<F> {
    type Output = Result<(), Exception>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().0.poll(cx)).into_result())
    }
}

impl<T> Context for ContextManager<'_, T> {
    type Resource = T;

    fn enter(&mut self) -> Result<T, Exception> {
        if self.generator.state() != State::Created {
            return Err(YieldError::Entered.into());
        }
        match self.generator.next() {
            Ok(Step::Yielded(resource)) => Ok(resource),
            Ok(Step::Complete(outcome)) => outcome.and(Err(YieldError::Never.into())),
            Err(error) => Err(error.into_exception()),
        }
    }

    fn exit(&mut self, exception: &mut Option<Exception>) -> Result<(), Exception> {
        let Some(thrown) = exception.take() else {
            let step = self.generator.next().map_err(NextError::into_exception);
            return self.ended(step, YieldError::Again.into());
        };
        let (thrown_at, text) = (thrown.address(), text_of(&thrown));
        let step = self.generator.throw(thrown);
        let step = step.map_err(ThrowError::into_exception);
        let again = Exception::from(YieldError::AgainAfterThrow);
        match self.ended(step, again.with_context(Exception::new(text.clone()))) {
            // It has passed through the body, which has no say in it. (The text is compared as well: the memory of an
            // error that the body has dropped may be that of a new one.)
            Err(passed) if passed.address() == thrown_at && text_of(&passed) == text => {
                *exception = Some(passed);
                Ok(())
            }
            left => left.map_err(|new| with_text(new, text)),
        }
    }
}

impl<T> ContextManager<'_, T> {
    /// How the body has ended, which must not yield any more.
    fn ended(
        &mut self,
        step: Result<Step<T, Result<(), Exception>>, Exception>,
        again: Exception,
    ) -> Result<(), Exception> {
        match step? {
            Step::Complete(outcome) => outcome,
            Step::Yielded(_) => Err(match self.generator.close() {
                // A body that ignores the close as well is closed once more when it is dropped.
                Ok(_) | Err(CloseError::Ignored(_)) => again,
                Err(error) => error.into_exception().with_context(again),
            }),
        }
    }
}

/// What an error says, which may be cut off: `to_string` panics if an error's `Display` gives an error.
fn text_of(error: &dyn fmt::Display) -> String {
    let mut text = String::new();
    let _cut_off = write!(text, "{error}");
    text
}

/// `new`, which came out of a body when an error with this text was thrown into it. If that error is neither `new` nor
/// one of its sources, it is another one, and the text is its context.
fn with_text(new: Exception, text: String) -> Exception {
    if new.context().is_some() {
        return new;
    }
    let mut next: Option<&dyn Error> = Some(&*new);
    while let Some(error) = next {
        if text_of(&error) == text {
            return new;
        }
        next = error.source();
    }
    new.with_context(Exception::new(text))
}

debug!(impl[T] self: ContextManager<'_, T> { generator: self.generator });

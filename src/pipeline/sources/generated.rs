use std::pin::Pin;
use std::task::{Context, Poll};

use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{Generator, NextError, State, Step};
use crate::pipeline::Outcome;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// A source of what a generator yields. The generator may return a `Result`, whose error becomes one of the pipeline.
///
/// An error of a stage below is thrown at the generator's yield; when no more items are wanted, the
/// generator is closed. The generator must be `Unpin`: boxed, or pinned.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, generated};
/// use cogen::generator;
/// use std::pin::pin;
///
/// let fibonacci = pin!(generator(|co| async move {
///     let (mut a, mut b) = (0u64, 1);
///     loop {
///         co.yield_(a).await;
///         (a, b) = (b, a + b);
///     }
/// }));
/// let even = generated(fibonacci).filter(|n| n % 2 == 0).take(4);
/// assert_eq!(even.collect::<Vec<_>>()?, [0, 2, 8, 34]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generated<G>(generator: G) -> Generated<G>
where
    G: Generator<Resume = (), Return: Outcome> + Unpin,
{
    Generated {
        generator,
        awaits: false,
        ended: false,
        errors: Errors::default(),
    }
}

/// A source: see [`generated`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Generated<G> {
    generator: G,
    /// The generator has been awaiting a future since the last poll.
    awaits: bool,
    ended: bool,
    errors: Errors,
}

impl<G: Generator> Generated<G> {
    fn end(&mut self, outcome: Result<(), Exception>) {
        self.ended = true;
        if let Err(exception) = outcome {
            self.errors.add(exception);
        }
    }
}

impl<G: Generator> Pipeline for Generated<G> {
    type Item = G::Yield;
}

impl<G: Generator<Resume = (), Return: Outcome> + Unpin> Source for Generated<G> {
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<G::Yield>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let generator = Pin::new(&mut self.generator);
        // Another owner of a shared one may have brought it to a yield.
        let step = if self.awaits && generator.state() == State::Awaiting {
            generator.resume_continue(cx)
        } else {
            generator.resume_next(cx)
        };
        self.awaits = matches!(step, Err(NextError::Pending));
        match step {
            Ok(Step::Yielded(item)) => return Poll::Ready(Some(item)),
            Ok(Step::Complete(outcome)) => self.end(outcome.into_result()),
            Err(NextError::Pending) => return Poll::Pending,
            Err(NextError::Finished) => self.end(Ok(())),
            Err(error) => self.end(Err(error.into_exception())),
        }
        Poll::Ready(None)
    }

    fn throw(&mut self, exception: Exception) {
        if self.ended {
            return self.end(Err(exception));
        }
        match self.generator.throw(exception) {
            Ok(Step::Complete(outcome)) => self.end(outcome.into_result()),
            Ok(Step::Yielded(_)) => self.close(),
            Err(error) => self.end(Err(error.into_exception())),
        }
    }

    fn close(&mut self) {
        if self.ended {
            return;
        }
        let outcome = match self.generator.close() {
            Ok(outcome) => outcome.map_or(Ok(()), Outcome::into_result),
            Err(error) => Err(error.into_exception()),
        };
        self.end(outcome);
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}

debug!(impl[G] self: Generated<G> { ended: self.ended, .. });

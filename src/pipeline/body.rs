//! Stages and sinks that are written as straight-line code.

use std::future::Future;
use std::task::{Context, Poll, ready};

use super::ends::Ends;
use super::errors::Errors;
use super::pipeline::Pipeline;
use super::run::{BodyStep, Run};
use super::sink::Sink;
use super::source::Source;
use super::stage::Stage;
use crate::debug::debug;
use crate::frame::{Exception, Never};
use crate::generator::Outcome;

/// A stage of straight-line code: a closure that takes the two [`Ends`] and returns an `async`
/// block.
///
/// The body runs when the stage below wants an item. It is boxed once, so a pipeline need not be
/// pinned. When the body returns, the stages below see the end, and what is above is closed. A body
/// may return a `Result`: its error counts as [raised](Ends::raise).
///
/// Where nothing is emitted, use a sink, or [`for_each`](super::for_each()): otherwise the compiler cannot tell what
/// comes out.
///
/// [`Pipeline::stage`] does the same where there is something to put the stage behind, and there the compiler knows
/// what comes in.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Ends, Pipeline, source, stage};
///
/// let pairs = stage(|io: Ends<'_, u32, (u32, u32)>| async move {
///     while let (Some(a), Some(b)) = (io.recv().await, io.recv().await) {
///         io.emit((a, b)).await;
///     }
/// });
/// let mut seen = Vec::new();
/// for pair in source(1..).pipe(pairs).take(2) {
///     seen.push(pair);
/// }
/// assert_eq!(seen, [(1, 2), (3, 4)]);
/// ```
pub fn stage<'g, In, Out, F>(body: impl FnOnce(Ends<'g, In, Out>) -> F) -> Body<'g, In, Out, F>
where
    F: Future<Output: Outcome>,
{
    Body {
        run: Run::new(body),
        errors: Errors::default(),
    }
}

/// A sink of straight-line code: what its body returns is its output, even if that is a `Result`.
/// To fail, the body [raises](Ends::raise).
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Ends, Pipeline, sink, source};
///
/// let longest = sink(|io: Ends<'_, &str>| async move {
///     let mut longest = "";
///     while let Some(word) = io.recv().await {
///         if word.len() > longest.len() {
///             longest = word;
///         }
///     }
///     longest
/// });
/// assert_eq!(source(["to", "three", "four"]).run(longest)?, "three");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sink<'g, In, F>(body: impl FnOnce(Ends<'g, In>) -> F) -> SinkBody<'g, In, F>
where
    F: Future,
{
    SinkBody {
        run: Run::new(body),
    }
}

/// A stage of straight-line code: see [`stage`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Body<'g, In, Out, F: Future> {
    run: Run<'g, In, Out, F>,
    /// Errors that came while the body was being closed.
    errors: Errors,
}

impl<In, Out, F: Future> Pipeline for Body<'_, In, Out, F> {
    type Item = Out;
}

impl<In, Out, F: Future<Output: Outcome>> Stage for Body<'_, In, Out, F> {
    type In = In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<Out>>
    where
        U: Source<Item = In> + ?Sized,
    {
        match ready!(self.run.poll(above, cx)) {
            BodyStep::Emitted(item) => return Poll::Ready(Some(item)),
            BodyStep::Returned(outcome) => match outcome.into_result() {
                Ok(()) => self.run.close_above(above),
                Err(exception) => above.throw(exception),
            },
            BodyStep::Raised(exception) => above.throw(exception),
            BodyStep::Panicked => self.run.close_above(above),
            BodyStep::Over => {}
        }
        Poll::Ready(None)
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = In> + ?Sized,
    {
        match self.run.throw(exception).map(Outcome::into_result) {
            Ok(Ok(())) => self.run.close_above(above),
            Ok(Err(exception)) | Err(Some(exception)) => above.throw(exception),
            Err(None) => self.close(above),
        }
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = In> + ?Sized,
    {
        if self.run.is_over() {
            return; // And what is above is, too.
        }
        let error = match self.run.close() {
            Ok(outcome) => outcome.and_then(|outcome| outcome.into_result().err()),
            Err(exception) => Some(exception),
        };
        self.errors.add_all(error);
        self.run.close_above(above);
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}

/// A sink of straight-line code: see [`sink`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct SinkBody<'g, In, F: Future> {
    run: Run<'g, In, Never, F>,
}

impl<In, F: Future> Sink for SinkBody<'_, In, F> {
    type In = In;
    type Output = F::Output;

    #[inline]
    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<F::Output>>
    where
        U: Source<Item = In> + ?Sized,
    {
        match ready!(self.run.poll(above, cx)) {
            BodyStep::Emitted(never) => never,
            BodyStep::Returned(output) => {
                self.run.close_above(above);
                return Poll::Ready(Some(output));
            }
            BodyStep::Raised(exception) => above.throw(exception),
            BodyStep::Panicked => self.run.close_above(above),
            BodyStep::Over => {}
        }
        Poll::Ready(None)
    }
}

debug!(impl[In, Out, F: Future] self: Body<'_, In, Out, F> { at: self.run.at(), .. });

debug!(impl[In, F: Future] self: SinkBody<'_, In, F> { at: self.run.at(), .. });

//! Stages and sinks that are written as straight-line code.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::errors::Errors;
use super::{Awaits, Demand, Ends, Pipeline, Sink, Source, Stage};
use crate::frame::{self, Resumed};
use crate::{CloseError, Closing, Exception, Frame, Generator, State, Step, generator};

/// A stage of straight-line code: a closure that gets the two [`Ends`] and gives an `async` block.
///
/// The body runs when the stage below wants an item. It is boxed once, so a pipeline needs no pin.
/// When the body returns, the stages below see the end, and what is above is closed. A body may
/// return a `Result`: its error is as one that is [raised](Ends::raise).
///
/// Where nothing is emitted, use a sink, or [`for_each`](super::for_each()): the compiler could not tell what
/// comes out.
///
/// [`Pipeline::stage`] is the same where there is something to put it behind; there the compiler knows
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

/// A sink of straight-line code: what its body returns is its output, a `Result` too. To fail, it
/// [raises](Ends::raise).
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

/// What the body of a stage may return: nothing, or a `Result` of nothing.
#[diagnostic::on_unimplemented(
    message = "the body of a stage returns `{Self}`, which is neither `()` nor a `Result<(), E>` of an error",
    note = "an error that is boxed, or a message, becomes one by `.map_err(Exception::new)`"
)]
pub trait Outcome {
    /// How the stage ended.
    ///
    /// # Errors
    ///
    /// What it failed with.
    fn into_result(self) -> Result<(), Exception>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), Exception> {
        Ok(())
    }
}

impl<E: Into<Exception>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), Exception> {
        self.map_err(Into::into)
    }
}

impl Outcome for crate::Never {
    fn into_result(self) -> Result<(), Exception> {
        self
    }
}

/// A stage of straight-line code: see [`stage`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Body<'g, In, Out, F: Future> {
    run: Run<'g, In, Out, F>,
    /// From being closed.
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
            Turn::Emitted(item) => return Poll::Ready(Some(item)),
            Turn::Returned(outcome) => match outcome.into_result() {
                Ok(()) => self.run.close_above(above),
                Err(exception) => above.throw(exception),
            },
            Turn::Raised(exception) => above.throw(exception),
            Turn::Panicked => self.run.close_above(above),
            Turn::Over => {}
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
        if self.run.at == At::Over {
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
    run: Run<'g, In, crate::Never, F>,
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
            Turn::Emitted(never) => never,
            Turn::Returned(output) => {
                self.run.close_above(above);
                return Poll::Ready(Some(output));
            }
            Turn::Raised(exception) => above.throw(exception),
            Turn::Panicked => self.run.close_above(above),
            Turn::Over => {}
        }
        Poll::Ready(None)
    }
}

/// How many bodies may take items from each other in place, one inside the other.
const DEEP: usize = 32;

/// A body that runs.
struct Run<'g, In, Out, F: Future> {
    body: Closing<Pin<Box<Frame<'g, Demand<Option<In>, Out>, (), F>>>>,
    at: At,
    /// What came from above for a body that was suspended in a `recv`; `Pending` if nothing did.
    fetched: Poll<Option<In>>,
    above: Above,
}

/// What was last learnt of what is above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Open,
    /// It has nothing now.
    Dry,
    Ended,
}

impl Above {
    fn learn<T>(&mut self, item: &Poll<Option<T>>) {
        match item {
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => *self = Self::Ended,
            Poll::Pending => *self = Self::Dry,
        }
    }
}

/// Where a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Not started, or it gave an item below.
    Ready,
    /// It wants an item from above, where there was nothing.
    Recv,
    /// It awaits something that is not of the pipeline. The reply to its last yield may still be owed.
    Elsewhere {
        owed: bool,
    },
    Over,
}

/// What a body came to.
enum Turn<Out, R> {
    Emitted(Out),
    Returned(R),
    Raised(Exception),
    /// It did before, and is asked again.
    Panicked,
    Over,
}

impl<'g, In, Out, F: Future> Run<'g, In, Out, F> {
    fn new(body: impl FnOnce(Ends<'g, In, Out>) -> F) -> Self {
        Self {
            body: Box::pin(generator(|co| body(Ends::new(co)))).closing(),
            at: At::Ready,
            fetched: Poll::Pending,
            above: Above::Open,
        }
    }

    /// Runs the body until it gives something or is over.
    #[inline]
    fn poll<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Turn<Out, F::Output>>
    where
        U: Source<Item = In> + ?Sized,
    {
        loop {
            match self.at {
                At::Ready | At::Elsewhere { .. } => {}
                // A `recv` that was given up has left its item.
                At::Recv if self.fetched.is_ready() => {}
                At::Recv => {
                    self.fetched = above.poll_next(cx.as_deref_mut());
                    self.above = Above::Open;
                    self.above.learn(&self.fetched);
                    if self.fetched.is_pending() {
                        return Poll::Pending;
                    }
                }
                At::Over => return Poll::Ready(Turn::Over),
            }
            match self.resume(above, cx.as_deref_mut()) {
                Resumed::Yielded(demand) => {
                    if let Some(item) = demand.into_out() {
                        self.at = At::Ready;
                        return Poll::Ready(Turn::Emitted(item));
                    }
                    self.at = At::Recv;
                    if self.above == Above::Dry {
                        return Poll::Pending;
                    }
                }
                Resumed::Complete(value) => return Poll::Ready(self.over(Turn::Returned(value))),
                Resumed::Raised(exception) => {
                    return Poll::Ready(self.over(Turn::Raised(exception)));
                }
                Resumed::Pending(reply) | Resumed::Refused(reply) => {
                    return self.elsewhere(reply.is_some(), cx.is_some());
                }
            }
        }
    }

    /// Resumes the body, which takes items from above meanwhile.
    #[inline]
    fn resume<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Resumed<Demand<Option<In>, Out>, F::Output, ()>
    where
        U: Source<Item = In> + ?Sized,
    {
        if cx.is_none() && frame::depth() < DEEP {
            let (fetched, known) = (&mut self.fetched, &mut self.above);
            let mut supplier = || match mem::replace(fetched, Poll::Pending) {
                Poll::Ready(item) => Poll::Ready(item),
                Poll::Pending => {
                    let item = above.poll_next(None);
                    known.learn(&item);
                    item
                }
            };
            let frame = self.body.get_mut().as_mut();
            return frame::supplied(frame, &mut supplier, |frame| {
                frame::start_or_send(frame, None, ())
            });
        }
        self.resume_alone(cx)
    }

    /// The same, but the body is suspended where it wants an item: what is above needs the context, or
    /// more of the stack than there may be.
    fn resume_alone(
        &mut self,
        cx: Option<&mut Context<'_>>,
    ) -> Resumed<Demand<Option<In>, Out>, F::Output, ()> {
        let fetched = &mut self.fetched;
        let mut supplier = || mem::replace(fetched, Poll::Pending);
        let frame = self.body.get_mut().as_mut();
        frame::supplied(frame, &mut supplier, |frame| match self.at {
            At::Elsewhere { owed: false } => frame::go_on(frame, cx),
            _ => frame::start_or_send(frame, cx, ()),
        })
    }

    /// No more items are wanted: closes what is above, if it has not ended by itself.
    fn close_above<U>(&self, above: &mut U)
    where
        U: Source<Item = In> + ?Sized,
    {
        if self.above != Above::Ended {
            above.close();
        }
    }

    fn over(&mut self, turn: Turn<Out, F::Output>) -> Turn<Out, F::Output> {
        self.at = At::Over;
        turn
    }

    /// The body has not come to a yield.
    #[cold]
    fn elsewhere(&mut self, owed: bool, is_async: bool) -> Poll<Turn<Out, F::Output>> {
        if self.body.get_ref().state() == State::Closed {
            return Poll::Ready(self.over(Turn::Panicked));
        }
        if is_async {
            self.at = At::Elsewhere { owed };
            return Poll::Pending;
        }
        let _dropped = self.close();
        Poll::Ready(Turn::Raised(Awaits::new().into()))
    }

    /// What the body answers: it returns, it raises, or (`None`) it goes on, and has to be closed.
    fn throw(&mut self, exception: Exception) -> Result<F::Output, Option<Exception>> {
        if self.at == At::Over {
            return Err(Some(exception));
        }
        match self.body.get_mut().throw(exception) {
            Ok(Step::Complete(value)) => {
                self.at = At::Over;
                Ok(value)
            }
            Ok(Step::Yielded(_)) => Err(None),
            Err(error) => {
                self.at = At::Over;
                Err(Some(error.into_exception()))
            }
        }
    }

    /// What the body answers, if it does.
    fn close(&mut self) -> Result<Option<F::Output>, Exception> {
        if self.at == At::Over {
            return Ok(None);
        }
        self.at = At::Over;
        self.body
            .get_mut()
            .close()
            .map_err(CloseError::into_exception)
    }
}

impl<In, Out, F: Future> fmt::Debug for Body<'_, In, Out, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("at", &self.run.at)
            .finish_non_exhaustive()
    }
}

impl<In, F: Future> fmt::Debug for SinkBody<'_, In, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkBody")
            .field("at", &self.run.at)
            .finish_non_exhaustive()
    }
}

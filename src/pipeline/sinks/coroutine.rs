use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::{Exception, IntoException};
use crate::generator::{
    CloseError, Generator, GeneratorExit, NextError, Outcome, SendError, StartError, State, Step,
};
use crate::pipeline::errors::Awaits;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// A plain send coroutine as a sink: each item is sent into the generator, which is started if it is
/// new, and closed at the end. What it yields is dropped.
///
/// The output is `Some(())` if the generator returned, and `None` if it let itself be unwound by the close. If it
/// returns before the end, it wants no more items. If it returns an `Err`, at an item or when it is closed, the run
/// fails with that error: so its body may use `?`. [`coroutine_with`] is for a generator that returns a value.
///
/// In an async run, what the body awaits when it is closed at the end is awaited.
///
/// # Examples
///
/// The `grep` of the Python tutorial on coroutines:
///
/// ```
/// use cogen::pipeline::{Pipeline, coroutine, source};
/// use cogen::generator;
///
/// let grep = generator(|co| async move {
///     loop {
///         let line: &str = co.yield_(()).await;
///         if line.contains("coroutine") {
///             println!("{line}");
///         }
///     }
/// });
/// let lines = ["I love iterators", "I love coroutine instead!"];
/// source(lines).run(coroutine(grep.boxed()))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coroutine<G>(generator: G) -> Coroutine<G>
where
    G: Generator<Return: Outcome> + Unpin,
{
    coroutine_with(generator, Outcome::into_result)
}

/// A plain send coroutine that returns a value, as a sink: see [`coroutine`]. `check` is given the value that the
/// generator returned, and gives the output, or the error that the run fails with.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, coroutine_with, source};
/// use cogen::{Co, Exception, GeneratorExit, generator};
///
/// let sum = generator(|co: Co<'_, (), u32>| async move {
///     let mut sum = 0;
///     while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
///         sum += n;
///     }
///     sum
/// });
/// let sum = coroutine_with(sum.boxed(), Ok::<_, Exception>);
/// assert_eq!(source([1, 2, 3]).run(sum)?, Some(6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coroutine_with<G, F, T, E>(generator: G, check: F) -> Coroutine<G, F>
where
    G: Generator + Unpin,
    F: FnOnce(G::Return) -> Result<T, E>,
    E: IntoException,
{
    Coroutine {
        generator,
        check: Some(check),
        at: At::Yield,
        held: None,
    }
}

/// A sink: see [`coroutine`] and [`coroutine_with`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Coroutine<G: Generator, F = fn(<G as Generator>::Return) -> Result<(), Exception>> {
    generator: G,
    /// Makes the output of what the generator returns. Taken then.
    check: Option<F>,
    at: At,
    /// An item that the generator has not taken yet, as it awaited a future.
    held: Option<G::Resume>,
}

/// Where the generator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// New, or at a yield.
    Yield,
    /// It awaits a future.
    Elsewhere,
    /// The same, but the yield that the held item is for has not been polled.
    Owed,
    /// It awaits a future while it is being closed.
    Closing,
}

/// What the generator did.
enum SinkStep<R> {
    Yielded,
    Returned(R),
    Raised(Exception),
    Awaits(At),
}

impl<R> SinkStep<R> {
    fn of<Y>(step: Step<Y, R>) -> Self {
        match step {
            Step::Yielded(_) => Self::Yielded,
            Step::Complete(value) => Self::Returned(value),
        }
    }
}

impl<G: Generator + Unpin, F> Coroutine<G, F> {
    fn start(&mut self, cx: Option<&mut Context<'_>>) -> SinkStep<G::Return> {
        match Pin::new(&mut self.generator).resume_start(cx) {
            Ok(step) => SinkStep::of(step),
            Err(StartError::Pending) => SinkStep::Awaits(At::Elsewhere),
            Err(error) => SinkStep::Raised(error.into_exception()),
        }
    }

    #[inline]
    fn send(&mut self, item: G::Resume, cx: Option<&mut Context<'_>>) -> SinkStep<G::Return> {
        match Pin::new(&mut self.generator).resume_send(cx, item) {
            Ok(step) => SinkStep::of(step),
            Err(SendError::Awaiting(item)) => {
                self.held = Some(item);
                SinkStep::Awaits(At::Elsewhere)
            }
            Err(SendError::Pending(Some(item))) => {
                self.held = Some(item);
                SinkStep::Awaits(At::Owed)
            }
            Err(SendError::Pending(None)) => SinkStep::Awaits(At::Elsewhere),
            Err(error) => SinkStep::Raised(error.into_exception()),
        }
    }

    fn go_on(&mut self, cx: Option<&mut Context<'_>>) -> SinkStep<G::Return> {
        match Pin::new(&mut self.generator).resume_continue(cx) {
            Ok(step) => SinkStep::of(step),
            Err(NextError::Pending) => SinkStep::Awaits(At::Elsewhere),
            Err(error) => SinkStep::Raised(error.into_exception()),
        }
    }

    /// Closes the generator, or goes on with that.
    fn resume_close(
        &mut self,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Option<G::Return>, CloseError<G::Yield>> {
        let generator = Pin::new(&mut self.generator);
        if self.at != At::Closing {
            return generator.resume_close(cx);
        }
        match generator.resume_continue(cx) {
            Ok(Step::Yielded(value)) => Err(CloseError::Ignored(value)),
            Ok(Step::Complete(value)) => Ok(Some(value)),
            Err(NextError::Raised(exit)) if exit.is::<GeneratorExit>() => Ok(None),
            Err(NextError::Raised(exception)) => Err(CloseError::Raised(exception)),
            Err(NextError::Pending) => Err(CloseError::Pending),
            Err(NextError::Finished) => Ok(None),
            Err(NextError::Running) => Err(CloseError::Running),
            Err(NextError::TooDeep) => Err(CloseError::TooDeep),
            // Another owner of a shared one has brought it to a yield.
            Err(error @ NextError::NotAwaiting) => Err(CloseError::Raised(error.into_exception())),
        }
    }
}

impl<G, F, T, E> Coroutine<G, F>
where
    G: Generator + Unpin,
    F: FnOnce(G::Return) -> Result<T, E>,
    E: IntoException,
{
    /// There are no more items.
    fn poll_close<U: Source + ?Sized>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<<Self as Sink>::Output>> {
        let awaits = cx.is_some();
        match self.resume_close(cx) {
            Ok(Some(value)) => Poll::Ready(self.returned(above, value)),
            Ok(None) => Poll::Ready(Some(None)),
            Err(CloseError::Pending) if awaits => {
                self.at = At::Closing;
                Poll::Pending
            }
            Err(error) => {
                above.throw(error.into_exception());
                Poll::Ready(None)
            }
        }
    }

    /// The output, of what the generator has returned.
    fn returned<U: Source + ?Sized>(
        &mut self,
        above: &mut U,
        value: G::Return,
    ) -> Option<<Self as Sink>::Output> {
        match self.check.take()?(value) {
            Ok(output) => {
                above.close();
                Some(Some(output))
            }
            Err(error) => {
                above.throw(error.into_exception());
                None
            }
        }
    }
}

impl<G, F, T, E> Sink for Coroutine<G, F>
where
    G: Generator + Unpin,
    F: FnOnce(G::Return) -> Result<T, E>,
    E: IntoException,
{
    type In = G::Resume;
    type Output = Option<T>;

    #[inline]
    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Self::Output>>
    where
        U: Source<Item = G::Resume> + ?Sized,
    {
        loop {
            let turn = if self.at == At::Elsewhere {
                self.go_on(cx.as_deref_mut())
            } else if self.at == At::Closing {
                return self.poll_close(above, cx);
            } else if self.generator.state() == State::Created {
                self.start(cx.as_deref_mut())
            } else if let Some(item) = self.held.take() {
                self.send(item, cx.as_deref_mut())
            } else if let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) {
                self.send(item, cx.as_deref_mut())
            } else {
                return self.poll_close(above, cx);
            };
            self.at = At::Yield;
            match turn {
                SinkStep::Yielded => {}
                SinkStep::Returned(value) => return Poll::Ready(self.returned(above, value)),
                SinkStep::Raised(exception) => {
                    above.throw(exception);
                    return Poll::Ready(None);
                }
                SinkStep::Awaits(at) if cx.is_some() => {
                    self.at = at;
                    return Poll::Pending;
                }
                SinkStep::Awaits(_) => {
                    above.throw(Awaits::new().into());
                    return Poll::Ready(None);
                }
            }
        }
    }
}

debug!(impl[G: Generator, F] self: Coroutine<G, F> { state: self.generator.state(), .. });

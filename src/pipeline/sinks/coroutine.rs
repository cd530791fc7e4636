use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{Generator, NextError, SendError, StartError, State, Step};
use crate::pipeline::errors::Awaits;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// A plain send coroutine as a sink: each item is sent into the generator, which is started if it is
/// new, and closed at the end. What it yields is dropped.
///
/// The output is what the generator returned: `None` if it let itself be unwound by the close. If it returns before
/// the end, it wants no more items.
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
pub fn coroutine<G: Generator + Unpin>(generator: G) -> Coroutine<G> {
    Coroutine {
        generator,
        at: At::Yield,
        held: None,
    }
}

/// A sink: see [`coroutine`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Coroutine<G: Generator> {
    generator: G,
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

impl<G: Generator + Unpin> Coroutine<G> {
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

    fn close<U: Source + ?Sized>(&mut self, above: &mut U) -> Option<<Self as Sink>::Output> {
        match self.generator.close() {
            Ok(value) => Some(value),
            Err(error) => {
                above.throw(error.into_exception());
                None
            }
        }
    }
}

impl<G: Generator + Unpin> Sink for Coroutine<G> {
    type In = G::Resume;
    type Output = Option<G::Return>;

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
            } else if self.generator.state() == State::Created {
                self.start(cx.as_deref_mut())
            } else if let Some(item) = self.held.take() {
                self.send(item, cx.as_deref_mut())
            } else if let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) {
                self.send(item, cx.as_deref_mut())
            } else {
                return Poll::Ready(self.close(above));
            };
            self.at = At::Yield;
            match turn {
                SinkStep::Yielded => {}
                SinkStep::Returned(value) => {
                    above.close();
                    return Poll::Ready(Some(Some(value)));
                }
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

debug!(impl[G: Generator] self: Coroutine<G> { state: self.generator.state(), .. });

//! 1. At most one item waits in `item`: it stays there from `start_send` to the next poll that reaches the body's
//!    yield.
//! 2. `place` says what the next poll does with the generator. Every poll that ends `Pending` leaves it so that
//!    polling again goes on.
//! 3. An error is given once. `Failed` remembers it: what is polled later says `Finished`, never that all went well.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_sink::Sink;
use pin_project::pin_project;

use crate::debug::debug;
use crate::frame::{Exception, operation_error};
use crate::generator::{
    CloseError, Generator, GeneratorExit, NextError, Outcome, SendError, StartError, State, Step,
};

/// A generator that is sent items, as a sink: see
/// [`GeneratorExt::into_sink`](crate::GeneratorExt::into_sink) and
/// [`into_sink_with`](crate::GeneratorExt::into_sink_with).
#[pin_project]
#[must_use = "a sink does nothing unless items are sent to it"]
pub struct IntoSink<G: Generator, F = fn(<G as Generator>::Return) -> Result<(), Exception>> {
    #[pin]
    generator: G,
    item: Option<G::Resume>,
    place: Place,
    /// Says whether what the body returned is a failure. Taken when the body returns.
    check: Option<F>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Not known, as nothing has been done yet.
    New,
    /// At a yield.
    Ready,
    /// It awaits a future; nothing is to be delivered to it.
    Awaiting,
    /// It awaits a future while it is being closed.
    Closing,
    /// Over, and well.
    Closed,
    /// Over, by an error that has been given.
    Failed,
}

/// Why a sink over a generator fails.
#[non_exhaustive]
pub enum SinkError<T> {
    /// The body has ended, and takes no more. An item that could not be delivered comes back.
    Finished(Option<T>),
    /// An item is waiting already: `start_send` was called again without a `poll_ready` in between. The second item
    /// comes back, the first still waits.
    NotReady(T),
    /// Its body is running (a shared handle was used inside it).
    Running,
    /// While it was being closed, the body answered by yielding. It can be closed again.
    Ignored,
    /// The body raised an exception, or returned an error. It is closed. This is said once: later calls say
    /// `Finished`, the next one with the item that was still waiting, if any.
    Raised(Exception),
}

impl<T> SinkError<T> {
    /// The item that was not taken.
    pub fn into_item(self) -> Option<T> {
        match self {
            Self::Finished(item) => item,
            Self::NotReady(item) => Some(item),
            Self::Running | Self::Ignored | Self::Raised(_) => None,
        }
    }

    /// The same error without the item, which it may then outlive.
    pub fn without_item(self) -> SinkError<()> {
        match self {
            Self::Finished(item) => SinkError::Finished(item.map(drop)),
            Self::NotReady(_) => SinkError::NotReady(()),
            Self::Running => SinkError::Running,
            Self::Ignored => SinkError::Ignored,
            Self::Raised(exception) => SinkError::Raised(exception),
        }
    }
}

operation_error! {
    impl[T] SinkError {
        Self::Finished(_) => "generator has finished",
        Self::NotReady(_) => "sink is not ready: an item waits already",
        Self::Running => "generator already executing",
        Self::Ignored => "generator ignored GeneratorExit",
    }
    /// The exception that the body raised, or this error as one (without the item).
    into_exception { rest => SinkError::<T>::without_item }
}

// By hand: `T` need not be `Debug`.
impl<T> fmt::Debug for SinkError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished(Some(_)) => f.write_str("Finished(Some(..))"),
            Self::Finished(None) => f.write_str("Finished(None)"),
            Self::NotReady(_) => f.write_str("NotReady(..)"),
            Self::Running => f.write_str("Running"),
            Self::Ignored => f.write_str("Ignored"),
            Self::Raised(exception) => f.debug_tuple("Raised").field(exception).finish(),
        }
    }
}

impl<G: Generator, F> IntoSink<G, F> {
    pub(super) fn new(generator: G, check: F) -> Self {
        Self {
            generator,
            item: None,
            place: Place::New,
            check: Some(check),
        }
    }

    /// The generator.
    pub fn get_ref(&self) -> &G {
        &self.generator
    }

    /// The generator.
    pub fn get_mut(&mut self) -> &mut G {
        &mut self.generator
    }

    /// The generator, pinned.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut G> {
        self.project().generator
    }

    /// Takes the generator out. An item that was not flushed is dropped.
    pub fn into_inner(self) -> G {
        self.generator
    }
}

type Polled<T> = Poll<Result<(), SinkError<T>>>;

impl<G, F, O> IntoSink<G, F>
where
    G: Generator<Yield = ()>,
    F: FnOnce(G::Return) -> O,
    O: Outcome,
{
    /// Runs the body until it is at a yield, or over, and no item waits.
    fn poll_settle(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        loop {
            let settled = match self.place {
                place @ (Place::Closed | Place::Failed) => {
                    return match self.as_mut().project().item.take() {
                        None if place == Place::Closed => Poll::Ready(Ok(())),
                        item => Poll::Ready(Err(SinkError::Finished(item))),
                    };
                }
                Place::Ready => match self.as_mut().project().item.take() {
                    Some(item) => self.as_mut().poll_item(cx, item),
                    None => return Poll::Ready(Ok(())),
                },
                Place::New => self.as_mut().poll_first(cx),
                Place::Awaiting | Place::Closing => self.as_mut().poll_on(cx),
            };
            match settled {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
    }

    /// From `New`.
    fn poll_first(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        match self.generator.state() {
            State::Created => {
                let started = self.as_mut().project().generator.resume_start(Some(cx));
                self.follow(started.map_err(|error| match error {
                    StartError::Raised(exception) => NextError::Raised(exception),
                    StartError::Pending => NextError::Pending,
                    StartError::Running => NextError::Running,
                    StartError::TooDeep => NextError::TooDeep,
                    StartError::AlreadyStarted | StartError::Finished => NextError::Finished,
                }))
            }
            State::Running => Poll::Ready(Err(SinkError::Running)),
            State::Suspended => self.now(Place::Ready),
            State::Awaiting => {
                let step = self.as_mut().project().generator.resume_continue(Some(cx));
                self.follow(step)
            }
            State::Closed => self.now(Place::Closed),
        }
    }

    /// From `Awaiting` or `Closing`.
    fn poll_on(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        let step = self.as_mut().project().generator.resume_continue(Some(cx));
        if self.place != Place::Closing {
            return self.follow(step);
        }
        match step {
            Ok(Step::Yielded(())) => {
                *self.project().place = Place::Ready;
                Poll::Ready(Err(SinkError::Ignored))
            }
            Err(NextError::Raised(exit)) if exit.is::<GeneratorExit>() => self.now(Place::Closed),
            Err(NextError::Pending) => Poll::Pending,
            step => self.follow(step),
        }
    }

    /// From `Ready`.
    fn poll_item(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        item: G::Resume,
    ) -> Polled<G::Resume> {
        let sent = self
            .as_mut()
            .project()
            .generator
            .resume_send(Some(cx), item);
        let (item, place) = match sent {
            Ok(step) => return self.follow(Ok(step)),
            Err(SendError::Raised(exception)) => {
                return self.follow(Err(NextError::Raised(exception)));
            }
            Err(SendError::Pending(None)) => return self.follow(Err(NextError::Pending)),
            // No yield received it: it is sent again.
            Err(SendError::Pending(Some(item))) => (item, Place::Ready),
            Err(SendError::Running(item)) => {
                *self.project().item = Some(item);
                return Poll::Ready(Err(SinkError::Running));
            }
            Err(SendError::TooDeep(item)) => {
                *self.as_mut().project().item = Some(item);
                return self.follow(Err(NextError::TooDeep));
            }
            // Another owner of a shared generator drives it: look again at where it is.
            Err(SendError::Awaiting(item) | SendError::JustStarted(item)) => (item, Place::New),
            Err(SendError::Finished(item)) => (item, Place::Closed),
        };
        *self.as_mut().project().item = Some(item);
        if place == Place::Ready {
            return Poll::Pending;
        }
        self.now(place)
    }

    fn now(self: Pin<&mut Self>, place: Place) -> Polled<G::Resume> {
        *self.project().place = place;
        Poll::Ready(Ok(()))
    }

    fn failed(self: Pin<&mut Self>, exception: Exception) -> Polled<G::Resume> {
        *self.project().place = Place::Failed;
        Poll::Ready(Err(SinkError::Raised(exception)))
    }

    /// The body has returned.
    fn returned(mut self: Pin<&mut Self>, value: G::Return) -> Polled<G::Resume> {
        let this = self.as_mut().project();
        // If the check panics, this stays.
        *this.place = Place::Failed;
        match this.check.take().map(|check| check(value).into_result()) {
            Some(Err(exception)) => self.failed(exception),
            _ => self.now(Place::Closed),
        }
    }

    /// Notes what a step led to.
    fn follow(
        self: Pin<&mut Self>,
        step: Result<Step<(), G::Return>, NextError>,
    ) -> Polled<G::Resume> {
        let place = match step {
            // At a yield, to which another owner of a shared one may have brought it.
            Ok(Step::Yielded(())) | Err(NextError::NotAwaiting) => Place::Ready,
            Ok(Step::Complete(value)) => return self.returned(value),
            Err(NextError::Pending) => {
                *self.project().place = Place::Awaiting;
                return Poll::Pending;
            }
            Err(NextError::Running) => return Poll::Ready(Err(SinkError::Running)),
            // The generator stays as it is.
            Err(error @ NextError::TooDeep) => {
                return Poll::Ready(Err(SinkError::Raised(error.into_exception())));
            }
            Err(NextError::Finished) => Place::Closed,
            Err(NextError::Raised(exception)) => return self.failed(exception),
        };
        self.now(place)
    }
}

impl<G, F, O> Sink<G::Resume> for IntoSink<G, F>
where
    G: Generator<Yield = ()>,
    F: FnOnce(G::Return) -> O,
    O: Outcome,
{
    type Error = SinkError<G::Resume>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        match self.as_mut().poll_settle(cx) {
            Poll::Ready(Ok(())) if self.place == Place::Closed => {
                Poll::Ready(Err(SinkError::Finished(None)))
            }
            settled => settled,
        }
    }

    fn start_send(self: Pin<&mut Self>, item: G::Resume) -> Result<(), Self::Error> {
        let this = self.project();
        if matches!(this.place, Place::Closed | Place::Failed) {
            return Err(SinkError::Finished(Some(item)));
        }
        if this.item.is_some() {
            return Err(SinkError::NotReady(item));
        }
        *this.item = Some(item);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        if self.place == Place::New && self.item.is_none() {
            return Poll::Ready(Ok(()));
        }
        self.poll_settle(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled<G::Resume> {
        let closing = self.place == Place::Closing;
        // A new one is started, so that its body can write what goes around no items.
        match self.as_mut().poll_settle(cx) {
            Poll::Ready(Ok(())) if !closing && self.place != Place::Closed => {}
            settled => return settled,
        }
        match self.as_mut().project().generator.resume_close(Some(cx)) {
            Err(CloseError::Pending) => {
                *self.project().place = Place::Closing;
                Poll::Pending
            }
            Err(CloseError::Ignored(())) => Poll::Ready(Err(SinkError::Ignored)),
            Err(CloseError::Running) => Poll::Ready(Err(SinkError::Running)),
            Err(error @ CloseError::TooDeep) => {
                Poll::Ready(Err(SinkError::Raised(error.into_exception())))
            }
            Err(CloseError::Raised(exception)) => self.failed(exception),
            Ok(Some(value)) => self.returned(value),
            Ok(None) => self.now(Place::Closed),
        }
    }
}

debug!(impl[G: Generator + fmt::Debug, F] self: IntoSink<G, F> {
    generator: self.generator,
    place: self.place,
    ..
});

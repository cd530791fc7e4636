//! The protocol where the body may await futures: each operation is a future.
//!
//! Dropping one of these futures before it is ready leaves the generator where it is, awaiting:
//! `anext` and `acontinue` go on from there, `athrow` and `aclose` throw there. `astart` goes on if there was no yield
//! yet, and `asend` if a yield has received the value of an `asend`; else it gives its value back (`Awaiting`). A value
//! that no yield has received by then is dropped with the future.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::errors::{CloseError, NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::protocol::{Generator, closed};
use super::state::State;
use super::step::Step;
use crate::frame::{Exception, UnderWay};

/// The future of [`Generator::anext`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ANext<'a, G: ?Sized> {
    generator: &'a mut G,
}

impl<'a, G: ?Sized> ANext<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G) -> Self {
        Self { generator }
    }
}

impl<G: Generator<Resume = ()> + Unpin + ?Sized> Future for ANext<'_, G> {
    type Output = Result<Step<G::Yield, G::Return>, NextError>;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match Pin::new(&mut *self.generator).resume_next(Some(cx)) {
            Err(NextError::Pending) => Poll::Pending,
            done => Poll::Ready(done),
        }
    }
}

/// The future of [`Generator::astart`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct AStart<'a, G: ?Sized> {
    generator: &'a mut G,
    delivered: bool,
}

impl<'a, G: ?Sized> AStart<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G) -> Self {
        Self {
            generator,
            delivered: false,
        }
    }
}

impl<G: Generator + Unpin + ?Sized> Future for AStart<'_, G> {
    type Output = Result<Step<G::Yield, G::Return>, StartError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let generator = Pin::new(&mut *this.generator);
        // This one, or another one that was dropped, has started it.
        let goes_on = this.delivered || generator.under_way() == UnderWay::Start;
        this.delivered = true;
        let stepped = if goes_on {
            generator
                .resume_continue(Some(cx))
                .map_err(|error| match error {
                    NextError::Pending => StartError::Pending,
                    NextError::Raised(exception) => StartError::Raised(exception),
                    NextError::Running => StartError::Running,
                    NextError::Finished => StartError::Finished,
                    NextError::NotAwaiting => StartError::AlreadyStarted,
                    NextError::TooDeep => StartError::TooDeep,
                })
        } else {
            generator.resume_start(Some(cx))
        };
        match stepped {
            Err(StartError::Pending) => Poll::Pending,
            done => Poll::Ready(done),
        }
    }
}

/// The future of [`Generator::asend`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ASend<'a, G: Generator + ?Sized> {
    generator: &'a mut G,
    value: Option<G::Resume>,
}

impl<G: Generator + ?Sized> Unpin for ASend<'_, G> {}

impl<'a, G: Generator + ?Sized> ASend<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G, value: G::Resume) -> Self {
        Self {
            generator,
            value: Some(value),
        }
    }
}

impl<G: Generator + Unpin + ?Sized> Future for ASend<'_, G> {
    type Output = Result<Step<G::Yield, G::Return>, SendError<G::Resume>>;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut generator = Pin::new(&mut *this.generator);
        let stepped = match this.value.take() {
            Some(value) => match generator.as_mut().resume_send(Some(cx), value) {
                Err(SendError::Awaiting(value)) => send_again(generator.as_mut(), cx, value),
                stepped => stepped,
            },
            None => go_on_sending(generator.as_mut(), cx),
        };
        match stepped {
            Err(SendError::Pending(value)) => {
                if value.is_none() {
                    generator.note_sending();
                }
                this.value = value;
                Poll::Pending
            }
            done => Poll::Ready(done),
        }
    }
}

type Sent<G> = Result<
    Step<<G as Generator>::Yield, <G as Generator>::Return>,
    SendError<<G as Generator>::Resume>,
>;

/// A yield has received the value.
fn go_on_sending<G: Generator + ?Sized>(generator: Pin<&mut G>, cx: &mut Context<'_>) -> Sent<G> {
    generator
        .resume_continue(Some(cx))
        .map_err(|error| match error {
            NextError::Pending => SendError::Pending(None),
            // The body goes on when the generator is polled less deep.
            error => SendError::Raised(taken_over(error)),
        })
}

/// The body awaits. If a yield has received the value of an operation that was dropped, this is the same operation.
#[cold]
fn send_again<G: Generator + ?Sized>(
    generator: Pin<&mut G>,
    cx: &mut Context<'_>,
    value: G::Resume,
) -> Sent<G> {
    if generator.under_way() != UnderWay::Send {
        return Err(SendError::Awaiting(value));
    }
    drop(value);
    go_on_sending(generator, cx)
}

/// What an operation that was already under way raises: the body's exception, or, for a shared generator, the error
/// which says that another owner has made it go on.
fn taken_over(error: NextError) -> Exception {
    error.into_exception()
}

/// The future of [`Generator::acontinue`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct AContinue<'a, G: ?Sized> {
    generator: &'a mut G,
}

impl<'a, G: ?Sized> AContinue<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G) -> Self {
        Self { generator }
    }
}

impl<G: Generator + Unpin + ?Sized> Future for AContinue<'_, G> {
    type Output = Result<Step<G::Yield, G::Return>, NextError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match Pin::new(&mut *self.generator).resume_continue(Some(cx)) {
            Err(NextError::Pending) => Poll::Pending,
            done => Poll::Ready(done),
        }
    }
}

/// The future of [`Generator::athrow`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct AThrow<'a, G: ?Sized> {
    generator: &'a mut G,
    exception: Option<Exception>,
}

impl<'a, G: ?Sized> AThrow<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G, exception: Exception) -> Self {
        Self {
            generator,
            exception: Some(exception),
        }
    }
}

impl<G: Generator + Unpin + ?Sized> Future for AThrow<'_, G> {
    type Output = Result<Step<G::Yield, G::Return>, ThrowError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let generator = Pin::new(&mut *this.generator);
        let stepped = match this.exception.take() {
            Some(exception) => generator.resume_throw(Some(cx), exception),
            None => generator
                .resume_continue(Some(cx))
                .map_err(|error| match error {
                    NextError::Pending => ThrowError::Pending,
                    error => ThrowError::Raised(taken_over(error)),
                }),
        };
        match stepped {
            Err(ThrowError::Pending) => Poll::Pending,
            done => Poll::Ready(done),
        }
    }
}

/// The future of [`Generator::aclose`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct AClose<'a, G: ?Sized> {
    throw: Option<AThrow<'a, G>>,
}

impl<'a, G: Generator + ?Sized> AClose<'a, G> {
    #[inline]
    pub(super) fn new(generator: &'a mut G) -> Self {
        let throw = (generator.state() != State::Closed)
            .then(|| AThrow::new(generator, GeneratorExit::new().into()));
        Self { throw }
    }
}

impl<G: Generator + Unpin + ?Sized> Future for AClose<'_, G> {
    type Output = Result<Option<G::Return>, CloseError<G::Yield>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().throw {
            None => Poll::Ready(Ok(None)),
            Some(throw) => Pin::new(throw).poll(cx).map(closed),
        }
    }
}

//! The protocol where the body may await futures: each operation is a future.
//!
//! Dropping one of these futures before it is ready leaves the generator where it is, awaiting:
//! `anext` and `resume_continue` go on from there, `athrow` and `aclose` throw there, and `asend` gives its
//! value back (`Awaiting`). A value that no yield has received by then is dropped with the future.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::errors::{CloseError, NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::protocol::{Generator, closed};
use super::state::State;
use super::step::Step;
use crate::frame::Exception;

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
        let stepped = if this.delivered {
            generator
                .resume_continue(Some(cx))
                .map_err(|error| match error {
                    NextError::Pending => StartError::Pending,
                    NextError::Raised(exception) => StartError::Raised(exception),
                    NextError::Running => StartError::Running,
                    NextError::Finished => StartError::Finished,
                    NextError::TooDeep => StartError::TooDeep,
                })
        } else {
            this.delivered = true;
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
            Some(value) => generator.as_mut().resume_send(Some(cx), value),
            None => generator
                .as_mut()
                .resume_continue(Some(cx))
                .map_err(|error| match error {
                    NextError::Pending => SendError::Pending(None),
                    // A yield has received the value, and goes on when the generator is polled less
                    // deep.
                    error => SendError::Raised(taken_over(error)),
                }),
        };
        match stepped {
            Err(SendError::Pending(value)) => {
                this.value = value;
                Poll::Pending
            }
            done => Poll::Ready(done),
        }
    }
}

/// What an operation that was already under way raises: the body's exception, or, for a shared generator, the error
/// which says that another owner has made it go on.
fn taken_over(error: NextError) -> Exception {
    error.into_exception()
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

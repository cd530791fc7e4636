use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::exit::GeneratorExit;
use super::scoped::Scoped;
use crate::debug::debug;
use crate::frame::{Catch, Co, Exception, Raise};

/// A scope for everything but a [`GeneratorExit`]: the future that [`Co::catch_exception`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location), or if it is
/// polled after it has ended.
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct CatchException<'g, Y, S, F> {
    #[pin]
    scope: Scoped<Catch<Y, S, F>, Raise<Y, S>>,
    co: Co<'g, Y, S>,
}

impl<'g, Y, S, F: Future> CatchException<'g, Y, S, F> {
    #[inline]
    pub(super) fn new(co: Co<'g, Y, S>, inside: F) -> Self {
        Self {
            scope: Scoped::new(co.catch(inside)),
            co,
        }
    }
}

impl<Y, S, F: Future> Future for CatchException<'_, Y, S, F> {
    type Output = Result<F::Output, Exception>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let co = *this.co;
        this.scope.poll_to_end(cx, |outcome| match outcome {
            Err(exit) if exit.is::<GeneratorExit>() => Err(co.raise(exit)),
            outcome => Ok(outcome),
        })
    }
}

debug!(impl[Y, S, F] self: CatchException<'_, Y, S, F> { co: self.co, .. });

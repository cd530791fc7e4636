use core::error::Error;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::scoped::Scoped;
use crate::debug::debug;
use crate::frame::{Catch, Co, Raise};

/// A scope for errors of type `E`: the future that [`Co::catch_as`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location), or if it is
/// polled after it has ended.
#[must_use = "a scope does nothing until it is awaited"]
#[pin_project]
pub struct CatchAs<'g, Y, S, E, F> {
    #[pin]
    scope: Scoped<Catch<Y, S, F>, Raise<Y, S>>,
    co: Co<'g, Y, S>,
    // It produces an `E`, and holds none.
    error: PhantomData<fn() -> E>,
}

impl<'g, Y, S, E, F: Future> CatchAs<'g, Y, S, E, F> {
    #[inline]
    pub(super) fn new(co: Co<'g, Y, S>, inside: F) -> Self {
        Self {
            scope: Scoped::new(co.catch(inside)),
            co,
            error: PhantomData,
        }
    }
}

impl<Y, S, E: Error + 'static, F: Future> Future for CatchAs<'_, Y, S, E, F> {
    type Output = Result<F::Output, E>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let co = *this.co;
        this.scope.poll_to_end(cx, |outcome| match outcome {
            Ok(value) => Ok(Ok(value)),
            Err(exception) => match exception.downcast::<E>() {
                Ok(error) => Ok(Err(error)),
                Err(other) => Err(co.raise(other)),
            },
        })
    }
}

debug!(impl[Y, S, E, F] self: CatchAs<'_, Y, S, E, F> { co: self.co, .. });

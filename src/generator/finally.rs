use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::cleanup::Block;
use super::scoped::Scoped;
use crate::debug::debug;
use crate::frame::{Catch, Co, Raise};

/// Something with a clean-up after it: the future that [`Co::finally`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location), or if it is
/// polled after it has ended.
///
/// # Cancellation
///
/// Dropping it drops the clean-up with the rest.
#[must_use = "a future does nothing until it is awaited"]
#[pin_project]
pub struct Finally<'g, Y, S, F: Future, C> {
    #[pin]
    scope: Scoped<Catch<Y, S, F>, Raise<Y, S>, Block<F::Output>>,
    /// `None` once it has ended.
    #[pin]
    cleanup: Option<C>,
    co: Co<'g, Y, S>,
}

impl<'g, Y, S, F: Future, C> Finally<'g, Y, S, F, C> {
    #[inline]
    pub(super) fn new(co: Co<'g, Y, S>, inside: F, cleanup: C) -> Self {
        Self {
            scope: Scoped::new(co.catch(inside)),
            cleanup: Some(cleanup),
            co,
        }
    }
}

impl<Y, S, F: Future, C: Future<Output = ()>> Future for Finally<'_, Y, S, F, C> {
    type Output = F::Output;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let co = *this.co;
        if let Some(block) = ready!(this.scope.as_mut().poll_end(cx, Block::new)) {
            ready!(block.poll_cleanup(|| co, this.cleanup, cx));
        }
        this.scope.poll_kept(cx, |block| {
            block.into_result().map_err(|exception| co.raise(exception))
        })
    }
}

debug!(impl[Y, S, F: Future, C] self: Finally<'_, Y, S, F, C> { co: self.co, .. });

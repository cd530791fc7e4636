//! A clean-up after a block, in the two places that have one.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::frame::{Co, Edge, Exception};

/// How a block before a clean-up ended.
pub(crate) enum Block<T> {
    Value(T),
    /// With an exception: the clean-up is a scope, so that what is raised in there has this as its context.
    Raised(Exception, Edge),
}

impl<T> Block<T> {
    #[inline]
    pub(crate) fn new(outcome: Result<T, Exception>) -> Self {
        match outcome {
            Ok(value) => Self::Value(value),
            Err(exception) => Self::Raised(exception, Edge::new()),
        }
    }

    #[inline]
    pub(crate) fn into_result(self) -> Result<T, Exception> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Raised(exception, _) => Err(exception),
        }
    }

    /// Runs `cleanup`, and drops it. If it raises while an exception is on its way, its own takes the place of that.
    /// Gives whether the clean-up came to its end.
    #[inline]
    #[track_caller]
    pub(crate) fn poll_cleanup<'g, Y, S, C: Future<Output = ()>>(
        &mut self,
        co: impl FnOnce() -> Co<'g, Y, S>,
        mut cleanup: Pin<&mut Option<C>>,
        cx: &mut Context<'_>,
    ) -> Poll<bool> {
        let Some(running) = cleanup.as_mut().as_pin_mut() else {
            return Poll::Ready(true);
        };
        match self {
            Self::Value(_) => {
                ready!(running.poll(cx));
                cleanup.set(None);
            }
            Self::Raised(exception, edge) => {
                if let Err(new) = ready!(edge.poll_around(co(), cleanup, cx)) {
                    exception.replace_by(new);
                    return Poll::Ready(false);
                }
            }
        }
        Poll::Ready(true)
    }
}

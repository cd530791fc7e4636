//! A scope, how it ended, and the raise of what it does not keep: in one place.

use core::convert::Infallible;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project::pin_project;

use crate::frame::Never;

/// The common part of the futures that run something in a scope `C`, and then decide by how it ended whether to give
/// a value or to raise (`R`). How it ended may be kept meanwhile, as a `K`.
///
/// An `async fn` would hold the scope, and what is inside, in addition to its own arguments: twice at each level of
/// nesting.
#[pin_project(project = Part)]
pub(crate) enum Scoped<C, R, K = Infallible> {
    Running(#[pin] C),
    /// `None`: already decided.
    Ended(Option<K>),
    Raising(#[pin] R),
}

impl<C: Future, R: Future<Output = Never>, K> Scoped<C, R, K> {
    #[inline]
    pub(crate) fn new(scope: C) -> Self {
        Self::Running(scope)
    }

    /// Runs the scope to its end, and lets `decide` give the value or raise. If it raises, this is never ready.
    ///
    /// # Panics
    ///
    /// If it is polled after it was ready.
    #[inline]
    #[track_caller]
    pub(crate) fn poll_to_end<U>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        decide: impl FnOnce(C::Output) -> Result<U, R>,
    ) -> Poll<U> {
        match self.as_mut().project() {
            Part::Running(scope) => {
                let outcome = ready!(scope.poll(cx));
                self.decided(cx, decide(outcome))
            }
            Part::Raising(raise) => match ready!(raise.poll(cx)) {},
            Part::Ended(_) => ended_before(),
        }
    }

    #[inline]
    #[track_caller]
    fn decided<U>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        decided: Result<U, R>,
    ) -> Poll<U> {
        let raise = match decided {
            Ok(value) => {
                self.set(Self::Ended(None));
                return Poll::Ready(value);
            }
            Err(raise) => raise,
        };
        self.set(Self::Raising(raise));
        match self.project() {
            Part::Raising(raise) => match ready!(raise.poll(cx)) {},
            Part::Running(_) | Part::Ended(_) => unreachable!("it raises"),
        }
    }
}

impl<C: Future, R: Future<Output = Never>, K> Scoped<C, R, K> {
    /// Runs the scope to its end, and keeps what `keep` makes of how it ended. By then, what was inside has been
    /// dropped. Gives what is kept, unless it has been decided.
    #[inline]
    #[track_caller]
    pub(crate) fn poll_end(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        keep: impl FnOnce(C::Output) -> K,
    ) -> Poll<Option<&mut K>> {
        if let Part::Running(scope) = self.as_mut().project() {
            let outcome = ready!(scope.poll(cx));
            self.set(Self::Ended(Some(keep(outcome))));
        }
        Poll::Ready(match self.project() {
            Part::Ended(kept) => kept.as_mut(),
            Part::Running(_) | Part::Raising(_) => None,
        })
    }

    /// Decides after [`poll_end`](Self::poll_end), as [`poll_to_end`](Self::poll_to_end) does.
    #[inline]
    #[track_caller]
    pub(crate) fn poll_kept<U>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        decide: impl FnOnce(K) -> Result<U, R>,
    ) -> Poll<U> {
        match self.as_mut().project() {
            Part::Ended(kept) => {
                let Some(outcome) = kept.take() else {
                    ended_before()
                };
                self.decided(cx, decide(outcome))
            }
            Part::Raising(raise) => match ready!(raise.poll(cx)) {},
            Part::Running(_) => unreachable!("it has ended"),
        }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn ended_before() -> ! {
    panic!("a scope was polled after it had ended")
}

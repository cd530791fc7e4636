use std::task::{Context, Waker};

use super::report;

/// A waker that somebody else made: a combinator's, or an executor's. A panic in it when it is woken or dropped is
/// reported, and stops nothing; one in its clone is the poll's, which cannot go on without.
#[derive(Clone, Debug)]
pub(crate) struct ForeignWaker {
    /// There until it is woken or dropped.
    waker: Option<Waker>,
}

impl ForeignWaker {
    /// A clone of what polls.
    pub(crate) fn of(cx: &Context<'_>) -> Self {
        Self {
            waker: Some(cx.waker().clone()),
        }
    }

    pub(crate) fn wake(mut self) {
        if let Some(waker) = self.waker.take() {
            report::wake(waker);
        }
    }

    pub(in crate::aio) fn will_wake(&self, other: &Waker) -> bool {
        self.waker.as_ref().is_some_and(|own| own.will_wake(other))
    }

    pub(in crate::aio) fn is_same(&self, other: &Self) -> bool {
        other
            .waker
            .as_ref()
            .is_some_and(|other| self.will_wake(other))
    }
}

impl Drop for ForeignWaker {
    #[inline]
    fn drop(&mut self) {
        if let Some(waker) = self.waker.take() {
            report::discard(waker);
        }
    }
}

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use crate::aio::core::awaiting::expect_key_for;
use crate::frame::Never;
use crate::frame::{self, Exception, Key};

/// A scope of the task that polls it. That may be a different task each time: an async generator's body may
/// be driven by several.
#[pin_project]
pub(in crate::aio) struct Scope<F> {
    #[pin]
    scope: frame::Catch<Never, (), F>,
    /// Where it was made.
    at: &'static Location<'static>,
}

impl<F: Future> Scope<F> {
    /// A scope that was made by the caller.
    #[track_caller]
    pub(in crate::aio) fn new(inside: F) -> Self {
        Self::made_at(Location::caller(), inside)
    }

    pub(in crate::aio) fn made_at(at: &'static Location<'static>, inside: F) -> Self {
        Self {
            scope: frame::Catch::new(Key::NONE.co(), inside),
            at,
        }
    }

    /// Where it was made.
    pub(in crate::aio) fn at(&self) -> &'static Location<'static> {
        self.at
    }

    /// A scope around what `make` makes.
    // Not inlined, so that what is moved on the way is not on the stack of an async block that awaits it.
    #[inline(never)]
    pub(in crate::aio) fn around(at: &'static Location<'static>, make: impl FnOnce() -> F) -> Self {
        Self::made_at(at, make())
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = Result<F::Output, Exception>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        this.scope.as_mut().bind(expect_key_for(this.at));
        this.scope.poll(cx)
    }
}

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

use crate::aio::core::awaiting::expect_key;
use crate::frame::Never;
use crate::frame::{self, Exception, Key};

/// A scope of the task that polls it. That may be a different task each time: an async generator's body may
/// be driven by several.
#[pin_project]
pub(in crate::aio) struct Scope<F> {
    #[pin]
    scope: frame::Catch<Never, (), F>,
}

impl<F: Future> Scope<F> {
    pub(in crate::aio) fn new(inside: F) -> Self {
        Self {
            scope: frame::Catch::new(Key::NONE.co(), inside),
        }
    }

    /// A scope around what `make` makes.
    // Not inlined, so that what is moved on the way is not on the stack of an async block that awaits it.
    #[inline(never)]
    pub(in crate::aio) fn around(make: impl FnOnce() -> F) -> Self {
        Self::new(make())
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = Result<F::Output, Exception>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scope = self.project().scope;
        scope.as_mut().bind(expect_key());
        scope.poll(cx)
    }
}

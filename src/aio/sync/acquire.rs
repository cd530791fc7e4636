//! What is common to all waits at a lock, a queue or the like.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::wait_list::{Wait, WaitList};

/// What is acquired: something with a line of waiters before it.
pub(in crate::aio) trait Acquire: Unpin {
    /// What a waiter receives that gets in.
    type Acquired;

    fn waiters(&self) -> &WaitList;

    /// Gets in without waiting, if that is possible.
    fn try_acquire(&self) -> Option<Self::Acquired>;

    /// Gets in after having been woken. `None`: another task was faster, so back to the end of the line.
    fn woken(&self) -> Option<Self::Acquired>;

    /// Gets in although it was not woken: when its turn came, its task had a cancel on its way, but a scope
    /// beside the wait took that cancel. `None`: it waits on in its place.
    fn passed(&self) -> Option<Self::Acquired>;

    /// A waiter has left without getting in: it was cancelled or dropped. If it had been woken, the next one
    /// must have its turn.
    fn left(&self, woken: bool);
}

/// Waits until it gets in. Suspends only if it has to.
pub(in crate::aio) struct Acquiring<R: Acquire> {
    resource: R,
    wait: Wait,
}

impl<R: Acquire> Acquiring<R> {
    pub(in crate::aio) fn new(resource: R, at: &'static Location<'static>) -> Self {
        Self {
            resource,
            wait: Wait::new(at),
        }
    }
}

impl<R: Acquire> Future for Acquiring<R> {
    type Output = R::Acquired;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R::Acquired> {
        let Self { resource, wait } = &mut *self;
        let pass = if wait.is_registered() {
            let (pass, left) = ready!(wait.poll(resource.waiters(), cx, || resource.passed()));
            let pass = pass.or_else(|| resource.woken());
            drop(left);
            pass
        } else {
            resource.try_acquire()
        };
        if let Some(pass) = pass {
            return Poll::Ready(pass);
        }
        wait.register(resource.waiters(), cx, || resource.try_acquire())
    }
}

impl<R: Acquire> Drop for Acquiring<R> {
    fn drop(&mut self) {
        if let Some(left) = self.wait.leave(self.resource.waiters()) {
            self.resource.left(left.woken);
            drop(left);
        }
    }
}

//! What is common to all waits at a lock, a queue or the like.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::wait_list::{Wait, WaitList};

/// Something with a line of waiters before it.
pub(in crate::aio) trait Door: Unpin {
    /// What a waiter that gets in receives.
    type Pass;

    fn waiters(&self) -> &WaitList;

    /// Gets in without waiting, if that is possible.
    fn enter(&self) -> Option<Self::Pass>;

    /// Gets in after having been woken. `None`: another task was faster, so back to the end of the line.
    fn woken(&self) -> Option<Self::Pass>;

    /// Gets in although it was not woken: when its turn came, its task had a cancel on its way, but a scope
    /// beside the wait took that cancel. `None`: it waits on in its place.
    fn passed(&self) -> Option<Self::Pass>;

    /// A waiter has left without getting in: it was cancelled or dropped. If it had been woken, the next one
    /// must have its turn.
    fn left(&self, woken: bool);
}

/// Waits until it gets in. Suspends only if it has to.
pub(in crate::aio) struct Enter<D: Door> {
    door: D,
    wait: Wait,
}

impl<D: Door> Enter<D> {
    pub(in crate::aio) fn new(door: D, at: &'static Location<'static>) -> Self {
        Self {
            door,
            wait: Wait::new(at),
        }
    }
}

impl<D: Door> Future for Enter<D> {
    type Output = D::Pass;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<D::Pass> {
        let Self { door, wait } = &mut *self;
        let pass = if wait.is_registered() {
            let (pass, left) = ready!(wait.poll(door.waiters(), cx, || door.passed()));
            let pass = pass.or_else(|| door.woken());
            drop(left);
            pass
        } else {
            door.enter()
        };
        if let Some(pass) = pass {
            return Poll::Ready(pass);
        }
        wait.register(door.waiters(), cx, || door.enter())
    }
}

impl<D: Door> Drop for Enter<D> {
    fn drop(&mut self) {
        if let Some(left) = self.wait.leave(self.door.waiters()) {
            self.door.left(left.woken);
            drop(left);
        }
    }
}

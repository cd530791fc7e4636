//! A plain wait: what a lock, a queue or a timeout uses to wake one task.

use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::wakee::Wakee;
use crate::aio::core::registration::{Here, Registration};

/// Wakes the one wait for it. Set once.
#[derive(Default)]
pub(in crate::aio) struct Latch {
    set: Cell<bool>,
    waiter: Cell<Option<Wakee>>,
}

impl Latch {
    pub(in crate::aio) fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Sets it; the task that waits resumes in the next turn.
    pub(in crate::aio) fn set(&self) {
        if self.set.replace(true) {
            return;
        }
        if let Some(wakee) = self.waiter.take() {
            wakee.wake();
        }
    }
}

/// A wait for a [`Latch`]: a cancel ends it.
pub(in crate::aio) struct LatchWait {
    latch: Rc<Latch>,
    at: &'static Location<'static>,
    registration: Registration,
}

impl LatchWait {
    pub(in crate::aio) fn new(latch: Rc<Latch>, at: &'static Location<'static>) -> Self {
        Self {
            latch,
            at,
            registration: Registration::new(),
        }
    }

    fn leave(&mut self) {
        if let Some(task) = self.registration.leave() {
            let old = self.latch.waiter.take();
            drop((task, old));
        }
    }
}

impl Future for LatchWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let here = Here::find(cx, self.at);
        let asleep = |_: &LoopCore| self.registration.is_entered() && !self.latch.is_set();
        let Some(turn) = here.turn(cx, asleep) else {
            return Poll::Pending;
        };
        if self.registration.is_cut_off(turn.task) {
            return Poll::Pending;
        }
        if self.latch.is_set() {
            self.leave();
            return Poll::Ready(());
        }
        let wakee = turn.wakee(cx);
        // Cloning a waker runs somebody else's code, which may have set the latch.
        if self.latch.is_set() {
            self.leave();
            return Poll::Ready(());
        }
        let this = &mut *self;
        let old = this.latch.waiter.replace(Some(wakee));
        let before = this.registration.enter(turn.task, this.at);
        drop((before, old));
        Poll::Pending
    }
}

impl Drop for LatchWait {
    fn drop(&mut self) {
        self.leave();
    }
}

use core::future::Future;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::Waker;

use super::call_stack::CallStack;
use super::cold_data;
use super::engine::{Engine, Phase};
use super::exception::Exception;
use super::frame::Frame;
use super::recursive_co::RecursiveCo;
use super::recursive_resume;
use super::resumed::Raw;
use super::status::{Op, Status, UnderWay};
use crate::debug::debug;

/// A generator in place whose body may call others: [`recursive`](crate::recursive()) makes it.
///
/// It is used like a [`Frame`]: pin it, box it ([`boxed`](Self::boxed)), share it. It is `Send` if the body is.
/// Dropping it drops the called bodies, the innermost first, then its own.
///
/// The type parameters are the lifetime of the generator, what it yields, what it is sent, and the
/// body.
#[must_use = "a generator does nothing until it is resumed"]
pub struct Recursive<'g, Y, S, F: Future> {
    frame: Frame<'g, Y, S, F>,
    calls: CallStack,
}

impl<'g, Y, S, F: Future> Recursive<'g, Y, S, F> {
    #[inline]
    pub(crate) fn new(body: impl FnOnce(RecursiveCo<'g, Y, S>) -> F) -> Self {
        Self {
            frame: Frame::new(|co| body(RecursiveCo::new(co))),
            calls: CallStack::default(),
        }
    }

    fn split(self: Pin<&mut Self>) -> (Pin<&mut Frame<'g, Y, S, F>>, &mut CallStack) {
        // SAFETY: the frame is pinned with us; the calls are not.
        unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.frame), &mut this.calls)
        }
    }

    /// Drops all bodies, the innermost first.
    fn finish(self: Pin<&mut Self>) {
        let (mut frame, calls) = self.split();
        if !calls.is_empty() {
            // A panic in a destructor ends the frame, too.
            frame.as_mut().head_mut().status = Status::POISONED;
            calls.unwind(0);
        }
        frame.finish();
    }
}

impl<Y, S, F: Future> Engine for Recursive<'_, Y, S, F> {
    type Yield = Y;
    type Resume = S;
    type Return = F::Output;

    fn phase(&self) -> Phase {
        self.frame.phase()
    }

    fn is_guarded(&self) -> bool {
        self.frame.is_guarded()
    }

    fn way(&self) -> UnderWay {
        self.frame.way()
    }

    fn mark_sending(self: Pin<&mut Self>) {
        self.split().0.mark_sending();
    }

    unsafe fn step(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: *const Waker,
    ) -> Raw<Y, F::Output> {
        let mut place = MaybeUninit::uninit();
        // SAFETY: by the contract; the way is of no concern here.
        match unsafe { self.step_into(op, input, caller, &mut place) } {
            // SAFETY: it has been put there.
            Raw::Yielded(()) => Raw::Yielded(unsafe { place.assume_init() }),
            Raw::Complete(value) => Raw::Complete(value),
            Raw::Pending => Raw::Pending,
            Raw::Unused => Raw::Unused,
            Raw::Raised => Raw::Raised,
            Raw::Refused => Raw::Refused,
        }
    }

    unsafe fn step_into(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: *const Waker,
        place: &mut MaybeUninit<Y>,
    ) -> Raw<(), F::Output> {
        let (mut frame, calls) = self.split();
        // SAFETY: by the contract.
        match unsafe { recursive_resume::run(frame.as_mut(), calls, op, input, caller, place) } {
            Some(ended) => ended.settle(frame),
            None => Raw::Refused,
        }
    }

    fn deliver(mut self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception> {
        if self.frame.aim().is_none() {
            self.as_mut().finish();
        }
        self.split().0.deliver(exception)
    }

    fn raised(self: Pin<&mut Self>) -> Option<Exception> {
        self.split().0.raised()
    }

    fn undelivered(self: Pin<&mut Self>) -> Option<Exception> {
        let head = self.split().0.head_mut();
        // SAFETY: null, or the cold box of this frame, which we have for ourselves.
        unsafe { cold_data::take_untaken(head.cold) }
    }

    fn end(self: Pin<&mut Self>) {
        self.finish();
    }

    fn keep(self: Pin<&mut Self>, outcome: Result<F::Output, Exception>) {
        Engine::keep(self.split().0, outcome);
    }

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<F::Output, Exception>> {
        Engine::take_kept(self.split().0)
    }
}

impl<Y, S, F: Future> Drop for Recursive<'_, Y, S, F> {
    fn drop(&mut self) {
        self.calls.unwind(0);
    }
}

debug!(impl[Y, S, F: Future] self: Recursive<'_, Y, S, F> { id: self.frame.head().id, .. });

use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::call_slot::CallSlot;
use super::called_body::{Callee, Owner, Progress};
use super::drop_queue;
use super::flags::Flags;
use super::recursive_co::RecursiveCo;
use super::slot::{self, SlotHead};
use super::thread::Stays;
use crate::debug::debug;

/// A call: the future that [`RecursiveCo::call`] makes. It owns the called body.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location).
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'g, Y, S, F: Future> {
    id: NonZeroU64,
    body: Owner<F>,
    // As in `RecursiveCo`.
    types: PhantomData<(fn(Y) -> S, fn(&'g ()) -> &'g (), Stays)>,
}

impl<'g, Y, S, F: Future + 'g> Call<'g, Y, S, F> {
    #[inline]
    pub(crate) fn new(co: RecursiveCo<'g, Y, S>, body: F) -> Self {
        Self {
            id: co.id(),
            body: Owner::new(body),
            types: PhantomData,
        }
    }
}

impl<'g, Y, S, F: Future + 'g> Call<'g, Y, S, F> {
    /// The output, if the body is over.
    ///
    /// # Safety
    ///
    /// In a poll of the frame, whose slot this is.
    #[inline]
    unsafe fn take(&self, slot: &CallSlot<Y, S>) -> Option<F::Output> {
        // SAFETY: by the contract.
        let output = unsafe { self.body.take() }?;
        if let Some(handle) = slot.take_over(&self.body) {
            // SAFETY: by the contract.
            unsafe { self.body.take_over(handle) };
        }
        Some(output)
    }

    /// Polls the body here.
    ///
    /// # Safety
    ///
    /// As for [`take`](Self::take).
    unsafe fn poll_nested(&self, slot: &CallSlot<Y, S>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: in a poll of the frame, so on its thread, and in `'g`. (The `Call` has the body
        // on this thread: it has moved here with it, or the body is not `Send`, nor is the `Call`.)
        match unsafe { self.body.node().poll(cx) } {
            Progress::Pending => Poll::Pending,
            // SAFETY: by the contract.
            Progress::Over => unsafe { self.take(slot) }.map_or_else(|| ended(), Poll::Ready),
            Progress::Busy => within(),
        }
    }

    /// Leaves the body to the frame.
    ///
    /// # Safety
    ///
    /// As for [`take`](Self::take).
    #[inline]
    unsafe fn request<T>(&self, slot: &CallSlot<Y, S>) -> Poll<T> {
        // SAFETY: by the contract.
        slot.request(unsafe { self.body.link() });
        Poll::Pending
    }
}

/// There is no output: it has been taken, or the body was unwound.
#[cold]
#[inline(never)]
fn ended() -> ! {
    panic!("a call was polled after it had ended")
}

#[cold]
#[inline(never)]
fn within() -> ! {
    panic!("a call was awaited in the body that it calls")
}

/// The waker that a call is polled with, unless it is the frame's own.
fn waker_of(head: &SlotHead, cx: &Context<'_>) -> Option<Waker> {
    // SAFETY: the parts of a living waker.
    unsafe { head.clone_foreign(slot::parts(cx)) }
}

impl<'g, Y, S, F: Future + 'g> Future for Call<'g, Y, S, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        // SAFETY: `lookup` gives the slot of frame `id`, on its own thread, while that frame is polled.
        // The id and the types are from a `RecursiveCo`, so it is a `CallSlot` of these types.
        let slot = unsafe { &*slot::lookup(cx, this.id).cast::<CallSlot<Y, S>>() };
        // SAFETY: that is the slot.
        unsafe {
            if let Some(output) = this.take(slot) {
                return Poll::Ready(output);
            }
            this.poll_rest(slot, cx)
        }
    }
}

impl<'g, Y, S, F: Future + 'g> Call<'g, Y, S, F> {
    /// A poll, where there is no output.
    ///
    /// # Safety
    ///
    /// As for [`take`](Self::take).
    #[inline]
    unsafe fn poll_rest(&self, slot: &CallSlot<Y, S>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: by the contract; the slot is of the frame that is polled.
        let node = unsafe { self.body.node() };
        if node.is_over() {
            ended();
        }
        if node.is_polled() {
            within();
        }
        let head = slot.head();
        if head.is_plain() && !node.is_nested() && slot.is_polled_with(cx) {
            // SAFETY: by the contract.
            return unsafe { self.request(slot) };
        }
        if head.has(Flags::RAISED) {
            return head.ask_again(waker_of(head, cx));
        }
        // SAFETY: by the contract.
        unsafe {
            if node.is_nested() || !slot.is_polled_with(cx) {
                node.nest();
                return self.poll_nested(slot, cx);
            }
            if slot.is_called() {
                // Asked by something beside the call: both are polled where they are awaited, and
                // in order.
                slot.beside();
                node.nest();
                return head.ask_again(waker_of(head, cx));
            }
            if slot.is_crowded() {
                if let Some(_deeper) = slot.deeper() {
                    return self.poll_nested(slot, cx);
                }
                if head.has(Flags::FULL) {
                    // The frame is resumed again.
                    return head.ask_again(waker_of(head, cx));
                }
            }
            self.request(slot)
        }
    }
}

impl<Y, S, F: Future> Drop for Call<'_, Y, S, F> {
    fn drop(&mut self) {
        let id = self.id;
        // SAFETY: this is the `Call`, and `'g` has not ended.
        unsafe { self.body.drop_by(|body| drop_queue::drop_body(id, body)) };
    }
}

debug!(impl[Y, S, F: Future] self: Call<'_, Y, S, F> { id: self.id, .. });

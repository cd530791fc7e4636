use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::call_slot::CallSlot;
use super::node::{Callee, Handle, Node, Progress};
use super::slot::{self, Flags, SlotHead};
use super::{RecursiveCo, drops};

/// A call: the future that [`RecursiveCo::call`] makes. It owns the called body.
///
/// # Panics
///
/// If it is awaited where its generator is not running, with the caller's location.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'g, Y, S, F: Future> {
    id: NonZeroU64,
    node: Arc<Node<F>>,
    // As in `RecursiveCo`.
    types: PhantomData<(fn(Y) -> S, fn(&'g ()) -> &'g ())>,
}

impl<'g, Y, S, F: Future + 'g> Call<'g, Y, S, F> {
    #[inline]
    pub(crate) fn new(co: RecursiveCo<'g, Y, S>, body: F) -> Self {
        Self {
            id: co.id(),
            node: Arc::new(Node::new(body)),
            types: PhantomData,
        }
    }
}

impl<Y, S, F: Future> Call<'_, Y, S, F> {
    fn take(&self) -> Option<F::Output> {
        // SAFETY: this is the `Call`.
        unsafe { self.node.take() }
    }

    /// Polls the body here.
    fn poll_nested(&self, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: in a poll of the frame, so on its thread, and in `'g`. (The `Call` has the body
        // on this thread: it has moved here with it, or the body is not `Send`, nor is the `Call`.)
        match unsafe { self.node.poll(cx) } {
            Progress::Pending => Poll::Pending,
            Progress::Over => self.take().map_or_else(|| ended(), Poll::Ready),
            Progress::Busy => within(),
        }
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
        if let Some(output) = this.take() {
            return Poll::Ready(output);
        }
        if this.node.is_dead() {
            ended();
        }
        if this.node.is_polling() {
            within();
        }
        let head = slot.head();
        if head.has(Flags::RAISED) {
            return head.ask_again(waker_of(head, cx));
        }
        if this.node.is_nested() || !slot.is_polled_with(cx) {
            this.node.nest();
            return this.poll_nested(cx);
        }
        if slot.is_called() {
            // By something beside it: both are polled where they are awaited, and in order.
            slot.beside();
            this.node.nest();
            return head.ask_again(waker_of(head, cx));
        }
        if slot.is_crowded() {
            if let Some(_deeper) = slot.deeper() {
                return this.poll_nested(cx);
            }
            if head.has(Flags::FULL) {
                // The frame is resumed again.
                return head.ask_again(waker_of(head, cx));
            }
        }
        slot.request(Handle::new(this.node.clone()));
        Poll::Pending
    }
}

impl<Y, S, F: Future> Drop for Call<'_, Y, S, F> {
    fn drop(&mut self) {
        // SAFETY: this is the `Call`; if it is to drop the body, that is dead now, and was idle.
        unsafe {
            if self.node.die() {
                drops::drop_body(self.id, &self.node);
            }
        }
    }
}

impl<Y, S, F: Future> fmt::Debug for Call<'_, Y, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

use std::fmt;
use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use super::Co;
use super::slot::{self, DONE, FRESH, GIVEN, QUEUED, REPLY, Slot, is_unit, next_given};

/// A yield: the future that [`Co::yield_`] makes.
///
/// It holds its value until it is polled, gives it up once, and takes the reply that is meant for
/// it.
///
/// # Panics
///
/// If it is awaited where its generator is not running, with the caller's location.
#[must_use = "a yield does nothing until it is awaited"]
pub struct Yield<Y, S = ()> {
    id: NonZeroU64,
    /// `FRESH`; an even ticket: queued; odd: given; `DONE`. The value is there if and only if it is
    /// even.
    state: u64,
    value: MaybeUninit<Y>,
    // The reply passes through, on the thread that polls.
    reply: PhantomData<fn() -> S>,
    // Nothing points into it: but the engine may come to rely on that a given yield stays put.
    _pinned: PhantomPinned,
}

impl<Y, S> Yield<Y, S> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, value: Y) -> Self {
        Self {
            id: co.id,
            state: FRESH,
            value: MaybeUninit::new(value),
            reply: PhantomData,
            _pinned: PhantomPinned,
        }
    }
}

impl<Y, S> Yield<Y, S> {
    /// One that is over.
    #[inline]
    pub(super) fn done(co: Co<'_, Y, S>) -> Self {
        Self {
            id: co.id,
            state: DONE,
            value: MaybeUninit::uninit(),
            reply: PhantomData,
            _pinned: PhantomPinned,
        }
    }

    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.state == DONE
    }

    #[inline]
    pub(super) fn id(&self) -> NonZeroU64 {
        self.id
    }

    /// Makes one that is over begin anew, with another value.
    #[inline]
    pub(super) fn renew(&mut self, value: Y) {
        self.give_up();
        self.value = MaybeUninit::new(value);
        self.state = FRESH;
    }

    /// Ends it, wherever it is.
    #[inline]
    pub(super) fn give_up(&mut self) {
        let state = mem::replace(&mut self.state, DONE);
        if mem::needs_drop::<Y>() && state & GIVEN == 0 {
            // SAFETY: the value is there while the state is even, which it is not any more.
            unsafe { self.value.assume_init_drop() };
        }
    }

    /// [`Future::poll`], with the slot of frame `id`, on its own thread, while that frame is polled.
    #[inline(always)]
    pub(super) fn poll_at(&mut self, slot: &Slot<Y, S>) -> Poll<S> {
        let key = slot.head.key.get();
        if self.state == slot.head.owner {
            if key & REPLY == 0 {
                return Poll::Pending;
            }
            self.state = DONE;
            slot.head.key.set(key & !REPLY);
            // SAFETY: the key says that there is a reply, which we take away.
            return Poll::Ready(unsafe { (*slot.reply.get()).assume_init_read() });
        }
        let free = !slot.head.full.get() & !slot.head.raised.get();
        if free && (key == self.state || (key == REPLY && self.state == FRESH)) {
            if !is_unit::<S>() && key == REPLY {
                // The reply is another's, who may yet take it, or never will.
                slot.head.given.set(next_given(slot.head.given.get()));
            }
            self.state = slot.head.given.get();
            slot.head.full.set(true);
            // SAFETY: the value was there (the state was even) and is given up with the state; the
            // slot has none.
            unsafe { ptr::copy_nonoverlapping(&raw const self.value, slot.out.get(), 1) };
        } else if self.state & GIVEN == 0 {
            self.state = QUEUED;
            slot.head.asked.set(true);
        } else if self.state != slot.head.given.get() {
            late(self.state);
        }
        Poll::Pending
    }
}

impl<Y, S> Future for Yield<Y, S> {
    type Output = S;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S> {
        // SAFETY: nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: `lookup` gives the slot of frame `id`, which has our types (slot invariant 1), on
        // its own thread (2), while that frame is polled.
        let slot = unsafe { &*slot::lookup(cx, this.id).cast::<Slot<Y, S>>() };
        this.poll_at(slot)
    }
}

#[cold]
#[inline(never)]
fn late(state: u64) -> ! {
    assert!(state != DONE, "a yield was polled after it had its reply");
    panic!("a yield was awaited again after its reply had come and gone");
}

impl<Y, S> Drop for Yield<Y, S> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<Y>() && self.state & GIVEN == 0 {
            // SAFETY: the value is there while the state is even.
            unsafe { self.value.assume_init_drop() };
        }
    }
}

impl<Y, S> fmt::Debug for Yield<Y, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yield")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

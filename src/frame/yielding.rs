use std::fmt;
use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::slot::{self, Flags, Slot};
use super::turns::YieldState;
use super::{Co, cold};

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
    state: YieldState,
    /// There if and only if the state says that it holds one.
    value: MaybeUninit<Y>,
    // The reply passes through, on the thread that polls.
    reply: PhantomData<fn() -> S>,
    // Nothing points into it, but the engine may come to rely on a given yield staying put.
    _pinned: PhantomPinned,
}

impl<Y, S> Yield<Y, S> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, value: Y) -> Self {
        Self {
            id: co.id,
            state: YieldState::FRESH,
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
            state: YieldState::DONE,
            value: MaybeUninit::uninit(),
            reply: PhantomData,
            _pinned: PhantomPinned,
        }
    }

    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.state == YieldState::DONE
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
        self.state = YieldState::FRESH;
    }

    /// Ends it, wherever it is.
    #[inline]
    pub(super) fn give_up(&mut self) {
        let state = mem::replace(&mut self.state, YieldState::DONE);
        if mem::needs_drop::<Y>() && state.holds_value() {
            // SAFETY: the value is there by the state, which says so no longer.
            unsafe { self.value.assume_init_drop() };
        }
    }

    /// [`Future::poll`].
    ///
    /// # Safety
    ///
    /// `slot` is that of frame `id`, which is being polled on this thread; so it has our types (slot
    /// invariant 1).
    #[inline(always)]
    pub(super) unsafe fn poll_at(&mut self, slot: &Slot<Y, S>, cx: &Context<'_>) -> Poll<S> {
        let head = &slot.head;
        let mine = self.state == YieldState::given(head.owner);
        if mine && let Some(reply) = slot.take_reply() {
            self.state = YieldState::DONE;
            return Poll::Ready(reply);
        }
        let waker = head.foreign(cx);
        if self.state == YieldState::FRESH && !head.has(SHUT_TO_FRESH) {
            // SAFETY: a fresh yield has its value; the slot is not full.
            unsafe { self.give(slot) };
        } else if !self.state.holds_value() {
            if !mine && self.state != YieldState::given(head.generation()) {
                late(self.state);
            }
        } else if let Some(ticket) = self.state.ticket()
            && !head.has(SHUT_TO_QUEUED)
            && ticket <= head.turn.get()
        {
            // SAFETY: a queued yield has its value; the slot is not full.
            unsafe { self.give(slot) };
            // SAFETY: the cold box of the frame that is being polled.
            let (others, stale) = unsafe { cold::dequeue(head.cold(), ticket) };
            if !others {
                head.clear(Flags::QUEUE);
            }
            drop(stale);
        } else if self.state == YieldState::FRESH && head.has(Flags::CALLED) {
            // What is called has its turn first, and begins when all are polled once more.
            return head.ask_again(waker);
        } else {
            head.set(Flags::QUEUE);
            self.ask_in_vain(slot, waker);
            return Poll::Pending;
        }
        if let Some(waker) = waker {
            // SAFETY: the cold box of the frame that is being polled.
            let (cold, stale) = unsafe { cold::keep_given(head.cold(), waker) };
            head.set_cold(cold);
            drop(stale);
        }
        Poll::Pending
    }

    /// Gives the value.
    ///
    /// # Safety
    ///
    /// The state says that the value is here, and the slot is not full.
    #[inline]
    unsafe fn give(&mut self, slot: &Slot<Y, S>) {
        if slot.head.has(Flags::REPLY) {
            // The reply is another's, which may yet take it, or never will.
            slot.head.renew();
        }
        self.state = YieldState::given(slot.head.generation());
        // SAFETY: by the contract; from now on the state says that the value is not here.
        unsafe { slot.put(&self.value) };
    }

    /// Queues, or stays queued.
    #[inline]
    fn ask_in_vain(&mut self, slot: &Slot<Y, S>, waker: Option<Waker>) {
        let cold = slot.head.cold();
        // SAFETY: the cold box of the frame that is being polled.
        unsafe {
            if let Some(ticket) = self.state.ticket() {
                drop(cold::requeue(cold, ticket, waker));
            } else {
                let (cold, ticket) = cold::enqueue(cold, waker);
                slot.head.set_cold(cold);
                self.state = YieldState::queued(ticket);
            }
        }
    }
}

/// What keeps a yield from giving its value that was not polled before.
const SHUT_TO_FRESH: Flags = Flags::FULL.with(Flags::RAISED).with(Flags::QUEUE);
/// What keeps one that is queued: the reply goes first, as it may end what the queued one is part of.
const SHUT_TO_QUEUED: Flags = Flags::FULL.with(Flags::RAISED).with(Flags::REPLY);

impl<Y, S> Future for Yield<Y, S> {
    type Output = S;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S> {
        // SAFETY: nothing is moved out that is pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: `lookup` gives the slot of frame `id`, which has our types (slot invariant 1), on
        // its own thread (2), while that frame is polled.
        unsafe {
            let slot = &*slot::lookup(cx, this.id).cast::<Slot<Y, S>>();
            this.poll_at(slot, cx)
        }
    }
}

#[cold]
#[inline(never)]
fn late(state: YieldState) -> ! {
    assert!(
        state != YieldState::DONE,
        "a yield was polled after it had its reply"
    );
    panic!("a yield was awaited again after its reply had come and gone");
}

impl<Y, S> Drop for Yield<Y, S> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<Y>() && self.state.holds_value() {
            // SAFETY: the state says that the value is there, and we are gone.
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

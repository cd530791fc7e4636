use std::fmt;
use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Co;
use super::cold::{self, Cold};
use super::slot::{self, Flags, Slot, WakerParts};
use super::turns::{Ticket, YieldState};

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

    /// [`Future::poll`], by our own waker.
    ///
    /// # Safety
    ///
    /// `slot` is that of frame `id`, which is being polled on this thread; so it has our types (slot
    /// invariant 1).
    #[inline(always)]
    pub(super) unsafe fn poll_near(&mut self, slot: &Slot<Y, S>) -> Poll<S> {
        let head = &slot.head;
        let mine = self.state == YieldState::given(head.owner);
        if mine && let Some(reply) = slot.take_reply() {
            self.state = YieldState::DONE;
            return Poll::Ready(reply);
        }
        let mut gives = self.state == YieldState::FRESH && !head.has(SHUT_TO_FRESH);
        if !gives {
            let waits = mine || self.state == YieldState::given(head.given.get());
            // SAFETY: the cold box of the frame that is being polled.
            let asked = unsafe {
                ask(
                    head.cold(),
                    self.state,
                    head.flags.get(),
                    head.turn.get(),
                    waits,
                )
            };
            head.set_cold(asked.cold);
            head.flags.set(asked.flags);
            self.state = asked.state;
            gives = asked.gives;
        }
        if gives {
            // SAFETY: the state says that the value is here, and the slot is not full.
            unsafe { self.give(slot) };
        }
        Poll::Pending
    }

    /// [`Future::poll`], by the foreign waker with `data` and `vtable`.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn poll_far(
        &mut self,
        (data, vtable): WakerParts,
        at: &'static Location<'static>,
    ) -> Poll<S> {
        // SAFETY: `find` gives the slot of frame `id`, which has our types (slot invariant 1), on this thread
        // (2), while that frame is polled.
        let slot = unsafe { &*slot::find(self.id, at).cast::<Slot<Y, S>>() };
        let head = &slot.head;
        if self.state == YieldState::given(head.owner)
            && let Some(reply) = slot.take_reply()
        {
            self.state = YieldState::DONE;
            return Poll::Ready(reply);
        }
        // First, as it runs others' code.
        // SAFETY: by the contract.
        let waker = unsafe { head.clone_foreign(data, vtable) };
        // SAFETY: the slot is this yield's, as above.
        let polled = unsafe { self.poll_near(slot) };
        let kept = match waker {
            Some(waker) if head.has(Flags::ASKED) && self.state == YieldState::FRESH => {
                waker.wake();
                None
            }
            // SAFETY: the cold box of the frame that is being polled.
            Some(waker) => Some(unsafe { cold::keep_waker(head.cold(), self.state, waker) }),
            None => None,
        };
        if let Some((cold, stale)) = kept {
            head.set_cold(cold);
            drop(stale);
        }
        polled
    }

    /// Gives the value.
    ///
    /// # Safety
    ///
    /// The state says that the value is here, and the slot is not full.
    #[inline(always)]
    unsafe fn give(&mut self, slot: &Slot<Y, S>) {
        if slot.head.has(Flags::REPLY) {
            // The reply is another's, which may yet take it, or never will.
            slot.head.renew();
        }
        self.state = YieldState::given(slot.head.given.get());
        // SAFETY: by the contract; from now on the state says that the value is not here.
        unsafe { slot.put(&self.value) };
    }
}

/// What a yield that cannot simply give its value does instead.
struct Asked {
    cold: *mut Cold,
    state: YieldState,
    flags: Flags,
    /// It gives the value now.
    gives: bool,
}

/// A yield is polled that is not fresh, or finds the slot shut. `waits`: it has given its value, and a reply
/// may come. It is told values, and not the slot ([`slot::lookup`]).
///
/// # Safety
///
/// `cold` is null, or the cold box of the frame that is being polled; its head gets the one that is returned.
#[cold]
#[inline(never)]
unsafe fn ask(
    cold: *mut Cold,
    state: YieldState,
    flags: Flags,
    turn: Ticket,
    waits: bool,
) -> Asked {
    let mut asked = Asked {
        cold,
        state,
        flags,
        gives: false,
    };
    if !state.holds_value() {
        if !waits {
            late(state);
        }
    } else if let Some(ticket) = state.ticket() {
        asked.gives = !flags.any(SHUT_TO_QUEUED) && ticket <= turn;
        // SAFETY: by the contract; the box is there since the yield was queued.
        let queued = unsafe { cold::requeue(cold, ticket, asked.gives) };
        asked.flags = flags.without(Flags::QUEUE);
        if queued {
            asked.flags = asked.flags.with(Flags::QUEUE);
        }
    } else if flags.any(Flags::CALLED) {
        // What is called has its turn first, and begins when all are polled once more.
        asked.flags = flags.with(Flags::ASKED);
    } else {
        // SAFETY: by the contract.
        let (cold, ticket) = unsafe { cold::enqueue(cold) };
        asked.cold = cold;
        asked.flags = flags.with(Flags::QUEUE);
        asked.state = YieldState::queued(ticket);
    }
    asked
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
        let parts = slot::parts(cx);
        // SAFETY: the data of a waker of ours. `near` gives the slot of frame `id`, which has our types (slot
        // invariant 1), on its own thread (2), while that frame is polled.
        unsafe {
            if slot::is_ours(parts.1) {
                this.poll_near(&*slot::near(parts.0, this.id).cast::<Slot<Y, S>>())
            } else {
                this.poll_far(parts, Location::caller())
            }
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

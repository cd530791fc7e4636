use std::fmt;
use std::future::Future;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::num::NonZeroU64;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll};

use super::Co;
use super::cold::{self, Cold};
use super::slot::{self, Flags, Slot, SlotHead, WakerParts};
use super::turns::{Generation, YieldState};

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
    /// invariant 1). If the yield is polled by a foreign waker, [`keep_waker`] has been called.
    #[inline(always)]
    pub(super) unsafe fn poll_at(&mut self, slot: &Slot<Y, S>) -> Poll<S> {
        let head = &slot.head;
        let flags = head.flags.get();
        if self.state == YieldState::FRESH {
            if flags == Flags::NONE {
                self.state = YieldState::given(Generation::FIRST);
                head.flags.set(Flags::FULL);
                // SAFETY: the value was here, and is not by the new state; the slot was not full.
                unsafe { slot.put(&self.value) };
                return Poll::Pending;
            }
        } else if flags == Flags::REPLIED && self.state == YieldState::given(Generation::FIRST) {
            self.state = YieldState::DONE;
            head.flags.set(Flags::NONE);
            // SAFETY: there was a reply (slot invariant 5), and is none any longer.
            return Poll::Ready(unsafe { slot.read_reply() });
        }
        // Not the usual case.
        // SAFETY: the cold box of the frame that is being polled.
        let asked = unsafe { ask(head.cold(), self.state, flags) };
        head.set_cold(asked.cold);
        self.state = asked.state;
        head.flags.set(asked.flags);
        match asked.act {
            Act::Wait => Poll::Pending,
            // SAFETY: there was a reply (slot invariant 5), and is none by the new flags.
            Act::Take => Poll::Ready(unsafe { slot.read_reply() }),
            Act::Give => {
                // SAFETY: the value was here, and is not by the new state; the slot was not full.
                unsafe { slot.put(&self.value) };
                Poll::Pending
            }
        }
    }
}

/// What a yield does.
enum Act {
    Wait,
    /// Gives its value.
    Give,
    /// Takes the reply.
    Take,
}

/// The same, and what is so afterwards.
struct Asked {
    cold: *mut Cold,
    state: YieldState,
    flags: Flags,
    act: Act,
}

/// A yield is polled that neither is fresh and finds the slot open, nor has its reply: not in the usual way. It
/// is told values, and not the slot ([`slot::near`]).
///
/// # Safety
///
/// `cold` is null, or the cold box of the frame that is being polled, and there if `flags` has `LATER`.
/// The frame's head gets the one that is returned.
#[cold]
#[inline(never)]
unsafe fn ask(cold: *mut Cold, state: YieldState, flags: Flags) -> Asked {
    let mut asked = Asked {
        cold,
        state,
        flags,
        act: Act::Wait,
    };
    // SAFETY: by the contract.
    let (owner, given) = unsafe { cold::generations(cold, flags) };
    if state == YieldState::given(owner) {
        if flags.any(Flags::REPLIED) {
            asked.state = YieldState::DONE;
            asked.flags = flags.without(Flags::REPLIED);
            asked.act = Act::Take;
        }
        return asked;
    }
    if !state.holds_value() {
        if state != YieldState::given(given) {
            late(state);
        }
        return asked;
    }
    let shut = flags.any(SHUT);
    if let Some(ticket) = state.ticket() {
        // SAFETY: by the contract; the box is there since the yield was queued.
        if !unsafe { cold::ask_again(cold, ticket, !shut) } {
            asked.flags = flags.with(Flags::QUEUED);
            return asked;
        }
    } else if shut || flags.any(Flags::QUEUED) {
        asked.flags = flags.with(Flags::QUEUED);
        if !flags.any(Flags::CALLED) {
            // SAFETY: by the contract.
            let (cold, ticket) = unsafe { cold::enqueue(cold) };
            asked.cold = cold;
            asked.state = YieldState::queued(ticket);
        }
        // Else: what is called has its turn first, and begins when all are polled once more.
        return asked;
    }
    asked.state = YieldState::given(given);
    asked.flags = asked.flags.with(Flags::FULL);
    asked.act = Act::Give;
    asked
}

/// A poll of a yield of frame `id` in that state, by a waker with `parts` that is not the frame's: the state
/// afterwards, and what came of it. It is told values, and not the yield ([`slot::near`]).
///
/// # Safety
///
/// `value` is there if the state says so, and is not if the new one does. The parts are a living waker's.
#[cold]
#[inline(never)]
pub(super) unsafe fn poll_far<Y, S>(
    id: NonZeroU64,
    state: YieldState,
    value: MaybeUninit<Y>,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> (YieldState, Poll<S>) {
    // SAFETY: slots in the chain are valid, and this one is of this thread, and of frame `id`, which has our types
    // (slot invariant 1).
    let slot = unsafe { &*slot::find(id, parts, at).cast::<Slot<Y, S>>() };
    // SAFETY: by the contract.
    unsafe { keep_waker(&slot.head, state, parts) };
    let mut copy = ManuallyDrop::new(Yield::<Y, S> {
        id,
        state,
        value,
        reply: PhantomData,
        _pinned: PhantomPinned,
    });
    // SAFETY: the frame is being polled on this thread, and the waker is kept.
    let polled = unsafe { copy.poll_at(slot) };
    (copy.state, polled)
}

/// Keeps the waker with `parts`, by which a yield in that state is polled, for what it is about to do: give its
/// value, or wait for its turn or its reply. Nothing of others runs between that and what it does.
///
/// # Safety
///
/// They are a living waker's.
unsafe fn keep_waker(head: &SlotHead, state: YieldState, parts: WakerParts) {
    if state == YieldState::given(head.generations().0) && head.has(Flags::REPLIED) {
        return;
    }
    // First, as it runs others' code.
    // SAFETY: by the contract.
    let Some(waker) = (unsafe { head.clone_foreign(parts) }) else {
        return;
    };
    if state == YieldState::FRESH && head.has(Flags::CALLED) {
        return waker.wake();
    }
    let gives = state == YieldState::FRESH && !head.has(SHUT.with(Flags::QUEUED));
    let queues = state.holds_value() && !gives;
    if !state.holds_value() && state != YieldState::given(head.generations().1) {
        // It is over, or was left behind: nothing wakes it.
        return;
    }
    // SAFETY: the cold box of the frame that is being polled.
    head.set_cold(unsafe { cold::keep_waker(head.cold(), queues, state.ticket(), waker) });
}

/// What keeps a yield from giving its value. A reply or an exception goes first: it may end what the yield is part of, and
/// a combinator may have stopped before it polled who it is for.
const SHUT: Flags = Flags::FULL
    .with(Flags::RAISED)
    .with(Flags::REPLIED)
    .with(Flags::THROWN);

impl<Y, S> Future for Yield<Y, S> {
    type Output = S;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S> {
        // SAFETY: nothing is moved out that is pinned.
        let this = unsafe { self.get_unchecked_mut() };
        let slot = slot::near(cx, this.id);
        // SAFETY: the slot of frame `id`, which has our types (slot invariant 1), on its own thread (2), while
        // that frame is polled.
        unsafe { this.poll_in(slot.map(|slot| &*slot.cast::<Slot<Y, S>>())) }
    }
}

impl<Y, S> Yield<Y, S> {
    /// [`Future::poll`], where the slot has been looked up: if it is not [`near`](slot::near), with a waker's parts.
    ///
    /// # Safety
    ///
    /// It is that of frame `id`, which is being polled on this thread.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn poll_in(&mut self, slot: Result<&Slot<Y, S>, WakerParts>) -> Poll<S> {
        let parts = match slot {
            // SAFETY: by the contract; the waker is ours.
            Ok(slot) => return unsafe { self.poll_at(slot) },
            Err(parts) => parts,
        };
        let at = Location::caller();
        // SAFETY: the new state says whether the value is here still. A living waker's parts.
        let (state, polled) = unsafe {
            let value = ptr::read(&raw const self.value);
            poll_far::<Y, S>(self.id, self.state, value, parts, at)
        };
        self.state = state;
        polled
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

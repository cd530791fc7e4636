use std::fmt;
use std::future::Future;
use std::hint;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::panic::Location;
use std::pin::Pin;
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
        // Fresh first: the optimiser sees that a yield which is made in this poll is.
        let gives = if self.state == YieldState::FRESH {
            !flags.any(SHUT) && !head.queued.get()
        } else if self.state == YieldState::given(head.owner) {
            if !head.replied.get() {
                return Poll::Pending;
            }
            self.state = YieldState::DONE;
            head.replied.set(false);
            // SAFETY: there was a reply (slot invariant 5), and is none any longer.
            return Poll::Ready(unsafe { slot.read_reply() });
        } else {
            false
        };
        if !gives {
            // SAFETY: the cold box of the frame that is being polled.
            let (cold, asked) = unsafe {
                ask(
                    head.cold(),
                    self.state,
                    flags,
                    head.replied.get(),
                    head.given.get(),
                )
            };
            head.set_cold(cold);
            if asked != Asked::GIVES {
                self.state = asked.0;
                if asked.0.holds_value() {
                    head.queued.set(true);
                }
                return Poll::Pending;
            }
        }
        if head.replied.get() {
            hint::cold_path();
            // The reply is another's, which may yet take it, or never will.
            head.renew();
        }
        self.state = YieldState::given(head.given.get());
        head.flags.set(flags.with(Flags::FULL));
        // SAFETY: the value was here, and is not by the new state; the slot was not full.
        unsafe { slot.put(&self.value) };
        Poll::Pending
    }
}

/// What a yield does that cannot simply give its value: it waits in this state, or [`GIVES`](Self::GIVES).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asked(YieldState);

impl Asked {
    /// It gives its value after all.
    const GIVES: Self = Self(YieldState::DONE);
}

/// A yield is polled that is not fresh, or finds the slot shut. It is told values, and not the slot
/// ([`slot::lookup`]).
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
    replied: bool,
    given: Generation,
) -> (*mut Cold, Asked) {
    if !state.holds_value() {
        if state != YieldState::given(given) {
            late(state);
        }
        return (cold, Asked(state));
    }
    if let Some(ticket) = state.ticket() {
        // The reply goes first, as it may end what the queued one is part of.
        let open = !flags.any(SHUT) && !replied;
        // SAFETY: by the contract; the box is there since the yield was queued.
        let is_turn = unsafe { cold::ask_again(cold, ticket, open) };
        let asked = if is_turn { Asked::GIVES } else { Asked(state) };
        return (cold, asked);
    }
    if flags.any(Flags::CALLED) {
        // What is called has its turn first, and begins when all are polled once more.
        return (cold, Asked(state));
    }
    // SAFETY: by the contract.
    let (cold, ticket) = unsafe { cold::enqueue(cold) };
    (cold, Asked(YieldState::queued(ticket)))
}

/// The slot of a yield that is polled by the foreign waker with `parts`, in that state. Keeps the waker for
/// what the yield is about to do: give its value, or wait for its turn or its reply. Nothing of others runs
/// between that and what it does.
///
/// # Safety
///
/// They are a living waker's.
#[cold]
#[inline(never)]
pub(super) unsafe fn keep_waker(
    id: NonZeroU64,
    state: YieldState,
    (data, vtable): WakerParts,
    at: &'static Location<'static>,
) -> *const SlotHead {
    let slot = slot::find(id, at);
    // SAFETY: slots in the chain are valid, and this one is of this thread.
    let head = unsafe { &*slot };
    if state == YieldState::given(head.owner) && head.replied.get() {
        return slot;
    }
    // First, as it runs others' code.
    // SAFETY: by the contract.
    let Some(waker) = (unsafe { head.clone_foreign(data, vtable) }) else {
        return slot;
    };
    if state == YieldState::FRESH && head.has(Flags::CALLED) {
        waker.wake();
        return slot;
    }
    let gives = state == YieldState::FRESH && !head.has(SHUT) && !head.queued.get();
    let queues = state.holds_value() && !gives;
    if !state.holds_value() && state != YieldState::given(head.given.get()) {
        // It is over, or was left behind: nothing wakes it.
        return slot;
    }
    // SAFETY: the cold box of the frame that is being polled.
    head.set_cold(unsafe { cold::keep_waker(head.cold(), queues, state.ticket(), waker) });
    slot
}

/// What keeps a yield from giving its value.
const SHUT: Flags = Flags::FULL.with(Flags::RAISED);

impl<Y, S> Future for Yield<Y, S> {
    type Output = S;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S> {
        // SAFETY: nothing is moved out that is pinned.
        let this = unsafe { self.get_unchecked_mut() };
        let slot = this.slot(cx);
        // SAFETY: the slot of frame `id`, which has our types (slot invariant 1), on its own thread (2), while
        // that frame is polled.
        unsafe { this.poll_at(&*slot.cast::<Slot<Y, S>>()) }
    }
}

impl<Y, S> Yield<Y, S> {
    #[inline(always)]
    #[track_caller]
    fn slot(&self, cx: &Context<'_>) -> *const SlotHead {
        let parts = slot::parts(cx);
        // SAFETY: the data of a waker of ours; or a living waker's parts.
        unsafe {
            if slot::is_ours(parts.1) {
                slot::near(parts.0, self.id)
            } else {
                keep_waker(self.id, self.state, parts, Location::caller())
            }
        }
    }

    /// [`Future::poll`], where the slot has been looked up with `cx`.
    ///
    /// # Safety
    ///
    /// It is that of frame `id`, which is being polled on this thread.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn poll_in(&mut self, slot: &Slot<Y, S>, cx: &Context<'_>) -> Poll<S> {
        let parts = slot::parts(cx);
        if !slot::is_ours(parts.1) {
            // SAFETY: a living waker's parts.
            unsafe { keep_waker(self.id, self.state, parts, Location::caller()) };
        }
        // SAFETY: by the contract.
        unsafe { self.poll_at(slot) }
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

use core::future::Future;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{self, MaybeUninit};
use core::num::NonZeroU64;
use core::panic::Location;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll};

use super::co::Co;
use super::cold_data::{self, ColdData};
use super::flags::Flags;
use super::slot::{self, Slot, SlotHead, WakerParts};
use super::thread::Stays;
use super::yield_state::{WordKind, YieldState, YieldWord};
use crate::debug::debug;

/// A yield: the future that [`Co::yield_`] makes.
///
/// It holds its value until it is polled, gives it up once, and takes the reply that is meant for
/// it.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location).
#[must_use = "a yield does nothing until it is awaited"]
pub struct Yield<Y, S = ()> {
    word: YieldWord,
    /// There if and only if the word says that the state is here.
    state: MaybeUninit<YieldState>,
    /// There if and only if the state says that it holds one.
    value: MaybeUninit<Y>,
    // The reply passes through, on the thread that polls.
    reply: PhantomData<(fn() -> S, Stays)>,
    // Nothing points into it, but the engine may come to rely on a given yield staying put.
    _pinned: PhantomPinned,
}

impl<Y, S> Yield<Y, S> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, value: Y) -> Self {
        Self {
            word: YieldWord::fresh(co.id),
            state: MaybeUninit::uninit(),
            value: MaybeUninit::new(value),
            reply: PhantomData,
            _pinned: PhantomPinned,
        }
    }
}

impl<Y, S> Yield<Y, S> {
    /// A yield that is over.
    #[inline]
    pub(super) fn done(co: Co<'_, Y, S>) -> Self {
        Self {
            word: YieldWord::done(co.id),
            state: MaybeUninit::uninit(),
            value: MaybeUninit::uninit(),
            reply: PhantomData,
            _pinned: PhantomPinned,
        }
    }

    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.state() == YieldState::DONE
    }

    #[inline]
    pub(super) fn id(&self) -> NonZeroU64 {
        self.word.id()
    }

    #[inline(always)]
    fn state(&self) -> YieldState {
        // SAFETY: it is there if the word says so.
        unsafe { self.word.state(self.state) }
    }

    #[inline(always)]
    fn set_state(&mut self, asked: &Asked) {
        self.word = self.word.with(asked.kind);
        self.state.write(asked.state);
    }

    /// Makes a yield that is over begin anew, with another value.
    #[inline]
    pub(super) fn renew(&mut self, value: Y) {
        self.give_up();
        self.value = MaybeUninit::new(value);
        self.word = YieldWord::fresh(self.id());
    }

    /// Ends the yield, in whatever state it is.
    #[inline]
    pub(super) fn give_up(&mut self) {
        let state = self.state();
        self.word = YieldWord::done(self.id());
        if mem::needs_drop::<Y>() && state.holds_value() {
            // SAFETY: the value is there by the state, which says so no longer.
            unsafe { self.value.assume_init_drop() };
        }
    }

    /// A poll that goes the usual way, if the slot [admits](SlotHead::admits) it: a fresh yield gives its value, one
    /// that has given its value takes the reply.
    ///
    /// # Safety
    ///
    /// The slot belongs to a poll under way on this thread.
    #[inline(always)]
    unsafe fn poll_usually(&mut self, slot: *const SlotHead) -> Option<Poll<S>> {
        // SAFETY: by the contract.
        let head = unsafe { &*slot };
        let word = self.word;
        if !head.admits(word) {
            return None;
        }
        // SAFETY: it admits only yields of its own frame, which has our types (slot invariants 1 and 6).
        let slot = unsafe { &*slot.cast::<Slot<Y, S>>() };
        Some(if word.is_given() {
            self.word = word.takes();
            head.take();
            // SAFETY: there was a reply (slot invariants 5 and 6), and now there is none.
            Poll::Ready(unsafe { slot.read_reply() })
        } else {
            self.word = word.gives();
            head.give();
            // SAFETY: the value was here, and by the new state is not; the slot was not full.
            unsafe { slot.put(&self.value) };
            Poll::Pending
        })
    }

    /// [`Future::poll`].
    ///
    /// # Safety
    ///
    /// `slot` is that of frame `id`, which is being polled on this thread; so it has our types (slot
    /// invariant 1). If the yield is polled by a foreign waker, [`keep_waker`] has been called.
    #[inline(always)]
    pub(super) unsafe fn poll_at(&mut self, slot: &Slot<Y, S>) -> Poll<S> {
        // SAFETY: by the contract.
        if let Some(polled) = unsafe { self.poll_usually(ptr::from_ref(slot).cast()) } {
            return polled;
        }
        // SAFETY: by the contract.
        unsafe { self.poll_rarely(slot) }
    }

    /// [`poll_at`](Self::poll_at), not in the usual case.
    ///
    /// # Safety
    ///
    /// The same.
    #[inline(always)]
    unsafe fn poll_rarely(&mut self, slot: &Slot<Y, S>) -> Poll<S> {
        // SAFETY: by the contract.
        let asked = unsafe { ask_in(&slot.head, self.word, self.state) };
        self.set_state(&asked);
        match asked.act {
            Act::Wait | Act::Queue => Poll::Pending,
            // SAFETY: there was a reply (slot invariant 5), and by the new flags there is none.
            Act::Take => Poll::Ready(unsafe { slot.read_reply() }),
            Act::Give => {
                // SAFETY: the value was here, and by the new state is not; the slot was not full.
                unsafe { slot.put(&self.value) };
                Poll::Pending
            }
        }
    }
}

/// What a yield does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Wait,
    /// Waits in the queue from now on.
    Queue,
    /// Gives its value.
    Give,
    /// Takes the reply.
    Take,
}

/// What a yield does, and the state and flags afterwards. In two words, which come back in
/// registers.
struct Asked {
    state: YieldState,
    flags: Flags,
    kind: WordKind,
    act: Act,
}

/// [`ask`], with the slot, which is left as the answer says.
///
/// # Safety
///
/// Its frame is being polled on this thread, and the yield is of that; `state` is there if the word says so.
#[inline(always)]
unsafe fn ask_in(head: &SlotHead, word: YieldWord, state: MaybeUninit<YieldState>) -> Asked {
    // SAFETY: by the contract; the cold box of the frame that is being polled.
    let mut asked = unsafe { ask(head.cold(), word, state, head.flags()) };
    if asked.act == Act::Queue {
        // SAFETY: as above.
        let (cold, ticket) = unsafe { cold_data::enqueue(head.cold()) };
        head.set_cold(cold);
        asked.state = YieldState::queued(ticket);
    }
    head.set_rare_flags(asked.flags);
    asked
}

/// A yield is polled that is neither a fresh one that finds the slot open, nor one whose reply is there: so not in
/// the usual way. This takes values, and not the slot ([`slot::near`]).
///
/// # Safety
///
/// `cold` is null, or the cold box of the frame that is being polled, and there if `flags` has `LATER`. `state` is
/// there if the word says so.
#[cold]
#[inline(never)]
unsafe fn ask(
    cold: *mut ColdData,
    word: YieldWord,
    state: MaybeUninit<YieldState>,
    flags: Flags,
) -> Asked {
    // SAFETY: by the contract.
    let (state, flags, act) = unsafe { decide(cold, word.state(state), flags) };
    let kind = if act == Act::Queue {
        WordKind::OTHER
    } else {
        WordKind::of(state)
    };
    Asked {
        state,
        flags,
        kind,
        act,
    }
}

/// The state and the flags afterwards, and what the yield does.
///
/// # Safety
///
/// As for [`ask`].
unsafe fn decide(cold: *mut ColdData, state: YieldState, flags: Flags) -> (YieldState, Flags, Act) {
    // SAFETY: by the contract.
    let (owner, given) = unsafe { cold_data::generations(cold, flags) };
    if state == YieldState::given(owner) {
        if flags.any(Flags::REPLIED) {
            return (YieldState::DONE, flags.without(Flags::REPLIED), Act::Take);
        }
        return (state, flags, Act::Wait);
    }
    if !state.holds_value() {
        if state != YieldState::given(given) {
            late(state);
        }
        return (state, flags, Act::Wait);
    }
    let shut = flags.any(SHUT);
    if let Some(ticket) = state.ticket() {
        // SAFETY: by the contract; the box has been there since the yield was queued.
        if !unsafe { cold_data::ask_again(cold, ticket, !shut) } {
            return (state, flags.with(Flags::QUEUED), Act::Wait);
        }
    } else if shut || flags.any(Flags::QUEUED) {
        // The called body has its turn first, and begins when all are polled once more.
        let act = if flags.any(Flags::CALLED) {
            Act::Wait
        } else {
            Act::Queue
        };
        return (state, flags.with(Flags::QUEUED), act);
    }
    (YieldState::given(given), flags.with(Flags::FULL), Act::Give)
}

/// A poll by a waker with `parts` that is not the frame's. This takes values, and not the yield ([`slot::near`]). The
/// value has been given if it was to be given; the reply is still to be taken.
///
/// # Safety
///
/// State and value are there if the word says so; the value is not, if the new state does not. The parts are a living
/// waker's.
#[cold]
#[inline(never)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the yield reads the values where they are"
)]
unsafe fn ask_far<Y, S>(
    word: YieldWord,
    state: MaybeUninit<YieldState>,
    value: MaybeUninit<Y>,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> Asked {
    // SAFETY: slots that are found are valid and of this thread, and this one is of the yield's frame, which has our
    // types (slot invariant 1); the waker is kept. The value that is put was here.
    unsafe {
        let slot = &*slot::find(word.id(), parts, at).cast::<Slot<Y, S>>();
        keep_waker(&slot.head, word.state(state), parts);
        let asked = ask_in(&slot.head, word, state);
        if asked.act == Act::Give {
            slot.put(&value);
        }
        asked
    }
}

/// Keeps the waker with `parts`, by which a yield in that state is polled, for what it is about to do: give its
/// value, or wait for its turn or its reply. No foreign code runs between this and what the yield does.
///
/// # Safety
///
/// They are a living waker's.
unsafe fn keep_waker(head: &SlotHead, state: YieldState, parts: WakerParts) {
    if state == YieldState::given(head.generations().0) && head.has(Flags::REPLIED) {
        return;
    }
    // This comes first, as it runs foreign code.
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
        // The yield is over, or was left behind: nothing wakes it.
        return;
    }
    // SAFETY: the cold box of the frame that is being polled.
    head.set_cold(unsafe { cold_data::keep_waker(head.cold(), queues, state.ticket(), waker) });
}

/// What keeps a yield from giving its value. A reply or an exception goes first: it may end what the yield is part
/// of, and a combinator may have stopped before it polled what that is for.
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
        // SAFETY: nothing that is pinned is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        let parts = slot::parts(cx);
        if slot::is_near(parts, this.id()) {
            // SAFETY: it is being polled with, on this thread.
            if let Some(polled) = unsafe { this.poll_usually(parts.0.cast()) } {
                return polled;
            }
        }
        match slot::near(cx, this.id()) {
            // SAFETY: the slot of frame `id`, which has our types (slot invariant 1), on its own thread (2), while
            // that frame is polled.
            Ok(slot) => unsafe { this.poll_rarely(&*slot.cast::<Slot<Y, S>>()) },
            // SAFETY: a living waker's.
            Err(parts) => unsafe { this.poll_far(parts) },
        }
    }
}

impl<Y, S> Yield<Y, S> {
    /// [`Future::poll`], where the slot has been looked up: if it is not [`near`](slot::near), with a waker's parts.
    ///
    /// # Safety
    ///
    /// It is that of frame `id`, which is being polled on this thread; they are a living waker's.
    #[inline(always)]
    #[track_caller]
    pub(super) unsafe fn poll_in(&mut self, slot: Result<&Slot<Y, S>, WakerParts>) -> Poll<S> {
        match slot {
            // SAFETY: by the contract; the waker is ours.
            Ok(slot) => unsafe { self.poll_at(slot) },
            // SAFETY: by the contract.
            Err(parts) => unsafe { self.poll_far(parts) },
        }
    }

    /// A poll by a waker with `parts` that is not the frame's.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    #[inline(always)]
    #[track_caller]
    unsafe fn poll_far(&mut self, parts: WakerParts) -> Poll<S> {
        let at = Location::caller();
        // SAFETY: by the contract. The new state says whether the value is still here.
        let asked = unsafe {
            let value = ptr::read(&raw const self.value);
            ask_far::<Y, S>(self.word, self.state, value, parts, at)
        };
        self.set_state(&asked);
        if asked.act == Act::Take {
            // SAFETY: by the contract; there was a reply, and by the slot's flags there is none.
            return Poll::Ready(unsafe { take_far::<Y, S>(self.id(), parts, at) });
        }
        Poll::Pending
    }
}

/// The reply in the slot of frame `id`, which is far.
///
/// # Safety
///
/// It is there, and is not used again. The parts are a living waker's; the types are the frame's.
#[cold]
#[inline(never)]
unsafe fn take_far<Y, S>(id: NonZeroU64, parts: WakerParts, at: &'static Location<'static>) -> S {
    // SAFETY: by the contract.
    unsafe { (*slot::find(id, parts, at).cast::<Slot<Y, S>>()).read_reply() }
}

#[cold]
#[inline(never)]
fn late(state: YieldState) -> ! {
    assert!(
        state != YieldState::DONE,
        "a yield was polled after it had its reply"
    );
    panic!("a yield was polled after it had ended");
}

impl<Y, S> Drop for Yield<Y, S> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<Y>() && self.state().holds_value() {
            // SAFETY: the state says that the value is there, and this yield is gone.
            unsafe { self.value.assume_init_drop() };
        }
    }
}

debug!(impl[Y, S] self: Yield<Y, S> { id: self.id(), state: self.state(), .. });

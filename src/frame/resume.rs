//! A frame and the one function that resumes it.
//!
//! How to keep it free is in docs/architecture.md. In short:
//!
//! 1. Slot, waker and context are locals of [`Frame::step`]. No call that is not inlined is handed
//!    the address of the slot or of the frame, unless it is sure to be made.
//! 2. The body is polled in one place. `step` is inlined into its callers, so that a program that
//!    calls one of them has one site, and the body's poll is inlined there whatever its size.
//! 3. Where there are several sites, the optimiser weighs the size of the body's poll. That the loop
//!    around the poll hardly ever goes round is not told to it (the other way round, by
//!    `cold_path`): it then takes the site for a hot one, and inlines more.
//! 4. Nothing is stored before the poll that a panic would have to take back: the guard's drop
//!    writes the state, and is inlined into the unwind path.
//! 5. What is rare goes through functions that are told values, and the address of the cold box.

use std::cell::UnsafeCell;
use std::fmt;
use std::future::Future;
use std::hint;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, RawWaker, Waker};

use super::head::{
    self, AWAITING, CARE, CLOSED, CONTINUE, CREATED, Cold, Head, NEXT, Op, POISONED, SEND, START,
    Status,
};
use super::kept::Kept;
use super::slot::{self, GIVEN, OPEN, REFUSED, REPLY, Slot, TURN, is_unit, next_given};
use super::{Co, Exception, thread};

/// A generator in place: the body and its state, without an allocation.
///
/// [`generator`](crate::generator()) makes it. Pin it to use it ([`std::pin::pin!`], [`Box::pin`]),
/// or give it a type with a name ([`boxed`](Self::boxed)). It is `Send` if the body and what it
/// returns are.
///
/// A frame that is dropped drops its body, as any Rust value: destructors run, scopes do not see it.
/// (The forms that close when they are dropped: [`BoxGen`](crate::BoxGen),
/// [`Generator::closing`](crate::Generator::closing).)
///
/// The type parameters are the lifetime of the generator, what it yields, what it is sent, and the
/// body.
pub struct Frame<'g, Y, S, F: Future> {
    head: Head,
    // `fn(S) -> Y`: takes an `S`, gives a `Y`, holds neither between resumes. `&'g ()`: lives in 'g.
    // The outcome: the cold box may keep it.
    types: PhantomData<(fn(S) -> Y, &'g (), Result<F::Output, Exception>)>,
    /// Alive unless the status is `CLOSED`. Pinned with the frame. In a cell, because a suspended body
    /// may borrow from itself, mutably, while somebody looks at the frame through a shared reference.
    body: UnsafeCell<ManuallyDrop<F>>,
}

// SAFETY: a shared frame gives no access to its body, nor to what it kept.
unsafe impl<Y, S, F: Future + Sync> Sync for Frame<'_, Y, S, F> where F::Output: Sync {}

// Only the body is pinned with the frame.
impl<Y, S, F: Future + Unpin> Unpin for Frame<'_, Y, S, F> {}

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Raw<Y, R> {
    Yielded(Y),
    Complete(R),
    /// The body awaits something foreign.
    Pending,
    /// The same, and the input was not used: it is the caller's again.
    Unused,
    /// The body raised; the exception is left in the frame.
    Raised,
    /// The state does not admit the operation: the input is the caller's again.
    Refused,
}

/// Where the context of a step comes from.
pub(super) trait Drive {
    /// The waker of an async caller; null if there is none.
    fn caller(&self) -> *const Waker;

    /// The context of an async caller that the body gets; without one it gets a context of ours.
    fn context(self) -> Option<*mut Context<'static>>;
}

/// A sync step: the body gets a context of ours.
pub(super) struct Synchronous;

/// An async step that lends the body a context of ours: its waker wakes the caller's, and a clone of it
/// is a clone of the caller's. To the optimiser it is a sync step.
pub(super) struct Lending<'a>(pub(super) &'a Waker);

/// An async step: the body gets the caller's context, unchanged.
pub(super) struct Asynchronous<'a, 'b>(pub(super) &'a mut Context<'b>);

impl Drive for Synchronous {
    #[inline(always)]
    fn caller(&self) -> *const Waker {
        ptr::null()
    }

    #[inline(always)]
    fn context(self) -> Option<*mut Context<'static>> {
        None
    }
}

impl Drive for Lending<'_> {
    #[inline(always)]
    fn caller(&self) -> *const Waker {
        self.0
    }

    #[inline(always)]
    fn context(self) -> Option<*mut Context<'static>> {
        None
    }
}

impl Drive for Asynchronous<'_, '_> {
    #[inline(always)]
    fn caller(&self) -> *const Waker {
        self.0.waker()
    }

    #[inline(always)]
    fn context(self) -> Option<*mut Context<'static>> {
        Some(ptr::from_mut(self.0).cast())
    }
}

impl<'g, Y, S, F: Future> Frame<'g, Y, S, F> {
    #[inline]
    pub(crate) fn new(body: impl FnOnce(Co<'g, Y, S>) -> F) -> Self {
        let id = thread::fresh_id();
        Self {
            head: Head::new(id),
            types: PhantomData,
            body: UnsafeCell::new(ManuallyDrop::new(body(Co {
                id,
                types: PhantomData,
            }))),
        }
    }

    /// Resumes the body: the only place that polls it.
    ///
    /// # Safety
    ///
    /// `input` is initialised if `op` is `NEXT` or `SEND`. It is used up, unless the step ends with
    /// `Unused` or `Refused`.
    #[inline(always)]
    pub(super) unsafe fn step<D: Drive>(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        drive: D,
    ) -> Raw<Y, F::Output> {
        // SAFETY: the body is only polled in place and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        let head = &raw mut this.head;
        // SAFETY: `head` points into `this`, which nobody else uses during the poll.
        let status = unsafe { (*head).status };
        let (key, given) = if status >= op {
            (REPLY, GIVEN)
        } else if op == START && status == CREATED {
            (OPEN, GIVEN)
        } else {
            // SAFETY: as above.
            let keys = enter(unsafe { (*head).cold }, op, status);
            if keys.0 == REFUSED {
                return Raw::Refused;
            }
            keys
        };

        // Replies of a unit type are all alike: no yield is left behind for want of its own.
        let given = if is_unit::<S>() { GIVEN } else { given };

        let caller = drive.caller();
        let theirs = drive.context();
        // SAFETY: as above.
        let slot = Slot::<Y, S>::new(unsafe { (*head).id }, head, caller, key, given, input);
        let guard = Guard { slot: &slot };

        // SAFETY: the functions of our vtable do what `RawWakerVTable` asks for; a waker with it is
        // only lent, during this call, in which the slot lives.
        let waker = ManuallyDrop::new(unsafe {
            Waker::from_raw(RawWaker::new((&raw const slot).cast(), &slot::VTABLE))
        });
        let mut ours = Context::from_waker(&waker);
        let cloned;
        let mut outer;
        let cx: *mut Context<'static> = match theirs {
            None => (&raw mut ours).cast(),
            Some(cx) => {
                slot.head.linked.set(true);
                // SAFETY: the slot is on this thread's stack, and is unlinked below or by the guard.
                unsafe { thread::link((&raw const slot).cast()) };
                // SAFETY: the caller's waker is valid for this call.
                if ptr::eq(unsafe { (*caller).vtable() }, &raw const slot::VTABLE) {
                    // We run inside a resume of another frame. Its waker would lead our yields
                    // to its slot; a clone is foreign to both, and puts its slot into the chain.
                    // SAFETY: as above.
                    cloned = unsafe { (*caller).clone() };
                    outer = Context::from_waker(&cloned);
                    (&raw mut outer).cast()
                } else {
                    cx
                }
            }
        };

        let mut again = true;
        let polled = loop {
            // SAFETY: the body is alive (`enter` and the comparison above refuse `CLOSED`) and is
            // pinned with the frame; `cx` points to one of three contexts that live until the end.
            let polled = unsafe { Pin::new_unchecked(&mut **this.body.get_mut()).poll(&mut *cx) };
            let stalled = polled.is_pending()
                & slot.head.asked.get()
                & !slot.head.full.get()
                & !slot.head.raised.get()
                & again;
            if !stalled {
                hint::cold_path();
                break polled;
            }
            again = false;
            slot.head.asked.set(false);
            let replied = slot.head.key.replace(TURN) & REPLY != 0;
            if !is_unit::<S>() && replied {
                slot.head.given.set(next_given(slot.head.given.get()));
                // SAFETY: the key said that there is a reply, and does not any more.
                unsafe { slot.drop_reply() };
            }
            wake_all(slot.head.cold());
        };
        mem::forget(guard);
        // `given` tells that no reply was left behind. (One of a unit type is nothing: there is one
        // even at the start.)
        if polled.is_pending()
            & slot.head.full.get()
            & !slot.head.raised.get()
            & !slot.head.asked.get()
            & !slot.head.linked.get()
            & (is_unit::<S>() || slot.head.given.get() == GIVEN)
        {
            this.head.status = slot.head.scope.get();
            // SAFETY: the slot is full, so there is a value (slot invariant 4).
            return Raw::Yielded(unsafe { slot.out.into_inner().assume_init() });
        }
        this.settle(&slot, polled)
    }

    /// The rarer ends of a step.
    #[inline(always)]
    fn settle(&mut self, slot: &Slot<Y, S>, polled: Poll<F::Output>) -> Raw<Y, F::Output> {
        slot.head.unlink();
        let (given, raised) = (slot.head.full.get(), slot.head.raised.get());
        let replied = slot.head.key.get() & REPLY != 0;
        if polled.is_ready() || raised {
            self.finish();
            // SAFETY: the slot says what is there (slot invariants 4 and 5), and is not used again.
            unsafe { slot.discard(given, replied) };
            return match polled {
                Poll::Ready(value) if !raised => Raw::Complete(value),
                _ => Raw::Raised,
            };
        }
        if given {
            // The state first: destructors and wakers, which come last, may panic.
            let state = slot.head.given.get();
            if state != GIVEN {
                self.head.cold = remember(self.head.cold, state);
            }
            self.head.status = slot.head.scope.get() | care(self.head.cold, slot.head.asked.get());
            // SAFETY: as above.
            let value = unsafe { (*slot.out.get()).assume_init_read() };
            // SAFETY: as above.
            unsafe { slot.discard(false, replied) };
            wake_all(self.head.cold);
            return Raw::Yielded(value);
        }
        self.head.status = slot.head.awaiting.get() | AWAITING;
        if replied {
            self.head.cold = owe(self.head.cold);
            return Raw::Unused;
        }
        Raw::Pending
    }

    /// Drops the body.
    #[inline]
    pub(super) fn finish(&mut self) {
        let status = mem::replace(&mut self.head.status, CLOSED);
        if status != CLOSED {
            // SAFETY: the body is alive unless the status is `CLOSED`, which it is from now on.
            unsafe { ManuallyDrop::drop(self.body.get_mut()) };
        }
    }

    /// The head and the body, for who polls it in a way of its own ([`super::run`]): while it is alive,
    /// which the status says.
    pub(super) fn split(self: Pin<&mut Self>) -> (*mut Head, Pin<&mut F>) {
        // SAFETY: the body is pinned with the frame.
        unsafe {
            let this = self.get_unchecked_mut();
            let head = &raw mut this.head;
            (head, Pin::new_unchecked(&mut **this.body.get_mut()))
        }
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// The head, and the drop of the body, for the parts of the protocol that do not poll.
    pub(super) fn parts(self: Pin<&mut Self>) -> &mut Self {
        // SAFETY: callers in this folder do not move the body.
        unsafe { self.get_unchecked_mut() }
    }

    pub(super) fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// Keeps how the body ended.
    pub(super) fn keep(&mut self, outcome: Result<F::Output, Exception>) {
        self.head.cold().kept = Some(Kept::new(outcome));
    }

    /// How the body ended, if it was kept.
    pub(super) fn take_kept(&mut self) -> Option<Result<F::Output, Exception>> {
        if self.head.cold.is_null() {
            return None;
        }
        let kept = self.head.cold().kept.take()?;
        // SAFETY: only `keep` puts one there.
        Some(unsafe { kept.into_inner() })
    }
}

impl<Y, S> Slot<Y, S> {
    /// Drops what is left in the slot.
    ///
    /// # Safety
    ///
    /// `out` is initialised if `given`, `reply` if `replied`; neither is used again.
    #[inline(always)]
    pub(super) unsafe fn discard(&self, given: bool, replied: bool) {
        // SAFETY: by the contract.
        unsafe {
            if given {
                self.drop_out();
            }
            if replied {
                self.drop_reply();
            }
        }
    }
}

impl<Y, S, F: Future> Drop for Frame<'_, Y, S, F> {
    #[inline]
    fn drop(&mut self) {
        if self.head.status != CLOSED {
            // SAFETY: the body is alive unless the status is `CLOSED`; nobody uses it any more.
            unsafe { ManuallyDrop::drop(self.body.get_mut()) };
        }
    }
}

/// Runs if the body panics: the frame is closed, what is in the slot is dropped, and the slot leaves
/// the thread's chain.
struct Guard<'a, Y, S> {
    slot: &'a Slot<Y, S>,
}

impl<Y, S> Drop for Guard<'_, Y, S> {
    #[inline]
    fn drop(&mut self) {
        let slot = self.slot;
        // SAFETY: the head is valid as long as the slot.
        unsafe { (*slot.head.head).status = POISONED };
        slot.head.unlink();
        if mem::needs_drop::<Y>() || mem::needs_drop::<S>() {
            let replied = slot.head.key.get() & REPLY != 0;
            // SAFETY: as in `settle`.
            unsafe { slot.discard(slot.head.full.get(), replied) };
        }
    }
}

/// Whether `op` is possible, who may go on, and the state of a yield that gives its value.
pub(super) fn keys(head: &Head, op: Op) -> (u64, u64) {
    if head.status >= op {
        (REPLY, GIVEN)
    } else if op == START && head.status == CREATED {
        (OPEN, GIVEN)
    } else {
        enter(head.cold, op, head.status)
    }
}

/// Whether `op` is possible in `status`, where a comparison does not tell: who may go on.
#[cold]
#[inline(never)]
fn enter(cold: *mut Cold, op: Op, status: Status) -> (u64, u64) {
    if head::is_closed(status) || status == CREATED {
        return (REFUSED, GIVEN);
    }
    // SAFETY: null or the cold box of the frame that is being resumed.
    let cold = unsafe { cold.as_mut() };
    let awaiting = head::is_awaiting(status);
    let owed = cold.as_ref().is_some_and(|cold| cold.owed);
    let reply = match op {
        CONTINUE if awaiting => false,
        NEXT => !awaiting || owed,
        SEND if !awaiting || owed => true,
        _ => return (REFUSED, GIVEN),
    };
    let given = cold.map_or(GIVEN, |cold| {
        cold.owed = false;
        if owed && !reply {
            // The caller gave up the reply that it got back.
            cold.given = next_given(cold.given);
        }
        cold.given
    });
    let turn = if awaiting { OPEN } else { TURN };
    (turn | u64::from(reply), given)
}

/// What to add to the status of a frame that gave a value, in a resume that did not end plainly.
#[cold]
#[inline(never)]
fn care(cold: *mut Cold, asked: bool) -> Status {
    // SAFETY: null or the cold box of the frame that is being resumed.
    let orphans = unsafe { cold.as_ref() }.is_some_and(|cold| cold.given != GIVEN);
    if orphans || asked { CARE } else { 0 }
}

#[cold]
#[inline(never)]
fn wake_all(cold: *mut Cold) {
    // SAFETY: null or the cold box of the frame that is being resumed.
    unsafe { head::wake_all(cold) };
}

/// The caller gets its reply back, and may offer it again.
#[cold]
#[inline(never)]
fn owe(cold: *mut Cold) -> *mut Cold {
    let cold = head::ensure(cold);
    // SAFETY: the cold box of the frame that is being resumed.
    unsafe { (*cold).owed = true };
    cold
}

/// A reply was left behind: the state that yields get from now on when they give their value.
#[cold]
#[inline(never)]
fn remember(cold: *mut Cold, given: u64) -> *mut Cold {
    let cold = head::ensure(cold);
    // SAFETY: the cold box of the frame that is being resumed.
    unsafe { (*cold).given = given };
    cold
}

impl<Y, S, F: Future> fmt::Debug for Frame<'_, Y, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("id", &self.head.id)
            .finish_non_exhaustive()
    }
}

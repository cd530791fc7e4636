//! A frame and the one function that resumes it.
//!
//! How to keep it free is in docs/architecture.md. In short:
//!
//! 1. Slot, waker and context are locals of [`Frame::step`]. A call that is not inlined never gets
//!    the address of the slot or of the frame, unless the call is sure to be made.
//! 2. The body is polled in one place, and is inlined there: if a program resumes it at one site, that site is where
//!    `step` is inlined, too; if at several, they share it. So nothing around it is a function that is instantiated
//!    twice for one body: [`super::value_place::other_way`].
//! 3. `cold_path` says that the loop around the poll hardly ever goes round, and what the loop counts is not
//!    initialised before it does. The code that decides whether it does is not inlined, and each end of a step stands
//!    by itself: what a rare path keeps during a call takes a register, which every resume saves and restores.
//! 4. Nothing is stored before the poll that a panic would have to take back: the guard's drop
//!    writes the state, and is inlined into the unwind path.
//! 5. What is rare goes through functions that take values, and the address of the cold box.

use core::cell::UnsafeCell;
use core::future::Future;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, Waker};

use super::admit::{Input, admit};
use super::co::Co;
use super::cold_data;
use super::cold_path::cold_path;
use super::engine::{Engine, Phase};
use super::exception::Exception;
use super::flags::Flags;
use super::frame_head::FrameHead;
use super::ids;
use super::kept_outcome::KeptOutcome;
use super::resumed::Raw;
use super::slot::{self, Slot, is_put};
use super::status::{Op, Status, Target, UnderWay};
use super::thread::Stays;
use super::value_place::{InPlace, InSlot, ValuePlace, other_way};
use crate::debug::debug;

/// A generator in place: the body and its state, without an allocation.
///
/// [`generator`](crate::generator()) makes it. Pin it to use it ([`std::pin::pin!`], [`Box::pin`]),
/// or give it a type with a name ([`boxed`](Self::boxed)). It is `Send` if the body and what it
/// returns are.
///
/// A frame that is dropped drops its body, like any Rust value: destructors run, but scopes do not see it. (The forms
/// that close when they are dropped: [`BoxGen`](crate::BoxGen), [`Generator::closing`](crate::Generator::closing).)
///
/// The type parameters are the lifetime of the generator, what it yields, what it is sent, and the
/// body.
#[must_use = "a generator does nothing until it is resumed"]
pub struct Frame<'g, Y, S, F: Future> {
    head: FrameHead,
    // `fn(S) -> Y`: takes an `S`, gives a `Y`, and holds neither between resumes. `&'g ()`: lives in 'g. The outcome:
    // the cold box may keep it.
    types: PhantomData<(fn(S) -> Y, &'g (), Result<F::Output, Exception>, Stays)>,
    /// Alive unless the status is `CLOSED` or `KEPT`. Pinned with the frame. In a cell, because a suspended body
    /// may borrow from itself, mutably, while other code looks at the frame through a shared reference.
    body: UnsafeCell<ManuallyDrop<F>>,
}

// SAFETY: a shared frame gives no access to its body, nor to what it kept.
#[cfg(feature = "std")]
unsafe impl<Y, S, F: Future + Sync> Sync for Frame<'_, Y, S, F> where F::Output: Sync {}

// Only the body is pinned with the frame. The compiler is not to speak of the body, but to advise to pin the frame.
#[diagnostic::do_not_recommend]
impl<Y, S, F: Future + Unpin> Unpin for Frame<'_, Y, S, F> {}

impl<'g, Y, S, F: Future> Frame<'g, Y, S, F> {
    #[inline]
    pub(crate) fn new(body: impl FnOnce(Co<'g, Y, S>) -> F) -> Self {
        let id = ids::fresh_id();
        let co = Co {
            id,
            types: PhantomData,
        };
        let mut frame = MaybeUninit::<Self>::uninit();
        let place = frame.as_mut_ptr();
        // Written in place: without optimisation, each wrapper around the body would be a copy of it on
        // the stack.
        // SAFETY: `place` is valid for writes, and the cell and `ManuallyDrop` are laid out as the body is
        // (`repr(transparent)`). Both fields that are not of size zero are initialised when it is read;
        // `frame` is not used after that. If `body` panics, there is nothing to drop in a head.
        unsafe {
            ptr::write(&raw mut (*place).head, FrameHead::new(id));
            ptr::write((&raw mut (*place).body).cast::<F>(), body(co));
            ptr::read(place)
        }
    }

    /// Resumes the body: the only place that polls it, except for bodies that never yield ([`super::unyielding`]).
    ///
    /// The body gets a context of ours. Its waker wakes `caller`, and a clone of it is a clone of `caller`. If
    /// `caller` is null, this is a sync step, which has no caller to wake.
    ///
    /// Not `inline(always)`: the optimiser decides whether it is merged into its caller, or is one function for
    /// several.
    ///
    /// # Safety
    ///
    /// `input` is initialised if `op` takes one, and may be forgotten if `op` is `NEXT`. It is used up,
    /// unless the step ends with `Unused` or `Refused`. `caller` is null, or valid.
    #[inline]
    pub(super) unsafe fn step<P: ValuePlace<Y>>(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: *const Waker,
        mut place: P,
    ) -> Raw<P::Given, F::Output> {
        debug_assert!(op != Op::NEXT || !mem::needs_drop::<S>());
        // SAFETY: the body is only polled in place and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: by the contract.
        let input = unsafe { Input::new(input, op) };
        let Some(flags) = admit(&this.head, op) else {
            mem::forget(input);
            return Raw::Refused;
        };
        let input = input.into_inner();
        let head = &raw mut this.head;

        // SAFETY: `head` points into `this`, of which nothing else uses the head during the poll; the caller's waker
        // is valid for this call. There is a reply only where `op` takes an input.
        let slot = unsafe { Slot::<Y, S>::new(head, caller, flags, input, place.pointer()) };
        let guard = Guard { slot: &slot };

        // SAFETY: the functions of our vtable do what `RawWakerVTable` asks for; a waker with it is
        // only lent, during this call, in which the slot lives.
        let waker = ManuallyDrop::new(unsafe {
            Waker::from_raw(RawWaker::new((&raw const slot).cast(), &slot::VTABLE))
        });
        let mut cx = Context::from_waker(&waker);
        let mut polls = MaybeUninit::uninit();
        loop {
            // SAFETY: the body is alive (`admit` refuses `CLOSED`) and is pinned with the frame.
            let body = unsafe { Pin::new_unchecked(&mut **this.body.get_mut()) };
            let polled = body.poll(&mut cx);
            slot.head.hear();
            // The usual end first. (Where the body is inlined, this end is known to apply, further
            // down.)
            if polled.is_pending() && slot.head.is_just_full() {
                mem::forget(guard);
                this.head.status = Status::suspended(slot.head.scope.get());
                // SAFETY: the slot is full, with a value.
                return Raw::Yielded(unsafe { P::take(&slot) });
            }
            // Each end by itself: what was told apart where the body was polled is not asked again.
            if let Poll::Ready(value) = polled {
                cold_path();
                mem::forget(guard);
                return this.over(&slot, value);
            }
            if slot.head.has(Flags::RAISED) {
                cold_path();
                mem::forget(guard);
                return this.raised(&slot);
            }
            if slot.head.has(Flags::FULL) {
                cold_path();
                mem::forget(guard);
                return this.full::<P>(&slot);
            }
            if slot.head.is_to_go_on(&mut polls) {
                continue;
            }
            if !slot.head.has(Flags::ASKED.with(Flags::QUEUED)) || !slot.go_round(&mut polls) {
                cold_path();
                mem::forget(guard);
                return this.awaits(&slot);
            }
        }
    }

    /// The body is over; something in it may have raised.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn over<G>(&mut self, slot: &Slot<Y, S>, value: F::Output) -> Raw<G, F::Output> {
        if slot.head.has(Flags::RAISED) {
            let raised = self.raised(slot);
            drop(value);
            return raised;
        }
        self.close(slot);
        Raw::Complete(value)
    }

    /// An exception has come out of the body.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn raised<G>(&mut self, slot: &Slot<Y, S>) -> Raw<G, F::Output> {
        self.close(slot);
        Raw::Raised
    }

    /// Drops the body, and then what is left, even if a destructor in there panics.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn close(&mut self, slot: &Slot<Y, S>) {
        slot.head.unlink_frame(self.head.id);
        let rest = Rest(slot);
        self.finish_in_place();
        drop(rest);
    }

    /// The body has given a value, but something else has happened as well.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn full<P: ValuePlace<Y>>(&mut self, slot: &Slot<Y, S>) -> Raw<P::Given, F::Output> {
        slot.head.unlink_frame(self.head.id);
        // The state first: destructors, which come last, may panic.
        self.head.status = slot.head.suspended(self.head.cold);
        let rest = Rest(slot);
        drop(slot.take_reply());
        mem::forget(rest);
        // SAFETY: the slot is full, with a value.
        Raw::Yielded(unsafe { P::take(slot) })
    }

    /// The body awaits something foreign.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn awaits<G>(&mut self, slot: &Slot<Y, S>) -> Raw<G, F::Output> {
        slot.head.unlink_frame(self.head.id);
        self.head.status = Status::still_awaiting(
            slot.head.aim(self.head.cold, self.head.status.target()),
            self.head.status,
        );
        if slot.head.has(Flags::REPLIED) {
            // SAFETY: null, or the cold box of this frame.
            self.head.cold = unsafe { cold_data::owe(self.head.cold) };
            return Raw::Unused;
        }
        Raw::Pending
    }

    /// Where a throw goes now. While the body awaits something foreign with no scope of the last poll around it, that
    /// is the newest scope that there may be under a combinator that did not poll it.
    pub(super) fn aim(&self) -> Target {
        let FrameHead { status, cold, .. } = self.head;
        if status.is_awaiting() && status.target().is_none() {
            // SAFETY: null, or the cold box of this frame, which nothing else changes.
            return unsafe { cold_data::newest_scope(cold) };
        }
        status.target()
    }

    /// Drops the body.
    #[inline]
    pub(super) fn finish(self: Pin<&mut Self>) {
        // SAFETY: the body is dropped in place.
        unsafe { self.get_unchecked_mut() }.finish_in_place();
    }

    #[inline]
    fn finish_in_place(&mut self) {
        if !self.head.status.is_bodiless() {
            self.head.status = Status::CLOSED;
            // SAFETY: the body is alive unless the status says so, which it does from now on.
            unsafe { ManuallyDrop::drop(self.body.get_mut()) };
        }
    }

    /// The head and the body, for a caller that polls the body in its own way ([`super::recursive_resume`]), while it
    /// is alive, as the status tells.
    pub(super) fn split(self: Pin<&mut Self>) -> (*mut FrameHead, Pin<&mut F>) {
        // SAFETY: the body is pinned with the frame.
        unsafe {
            let this = self.get_unchecked_mut();
            let head = &raw mut this.head;
            (head, Pin::new_unchecked(&mut **this.body.get_mut()))
        }
    }

    pub(super) fn head(&self) -> &FrameHead {
        &self.head
    }

    /// The head: it is not pinned with the frame.
    pub(super) fn head_mut(self: Pin<&mut Self>) -> &mut FrameHead {
        // SAFETY: the body stays where it is.
        unsafe { &mut self.get_unchecked_mut().head }
    }

    /// Keeps how the body ended.
    pub(super) fn keep(mut self: Pin<&mut Self>, outcome: Result<F::Output, Exception>) {
        let stale = self.as_mut().take_kept();
        let head = self.head_mut();
        match outcome {
            // Nothing needs memory, not even the cold box.
            Ok(value) if Self::IS_UNIT && head.status == Status::CLOSED => {
                mem::forget(value);
                head.status = Status::KEPT;
            }
            outcome => head.cold().kept = Some(KeptOutcome::new(outcome)),
        }
        // Last, as dropping it runs the user's code.
        drop(stale);
    }

    /// Whether what the body returns can be forgotten and made again.
    const IS_UNIT: bool = size_of::<F::Output>() == 0 && !mem::needs_drop::<F::Output>();

    /// How the body ended, if it was kept.
    pub(super) fn take_kept(self: Pin<&mut Self>) -> Option<Result<F::Output, Exception>> {
        let head = self.head_mut();
        if head.status == Status::KEPT {
            head.status = Status::CLOSED;
            // SAFETY: `keep` has forgotten a value of this type, which has no size: here it is again, once.
            return Some(Ok(unsafe { ptr::NonNull::<F::Output>::dangling().read() }));
        }
        if head.cold.is_null() {
            return None;
        }
        let kept = head.cold().kept.take()?;
        // SAFETY: only `keep` puts one there.
        Some(unsafe { kept.into_inner() })
    }
}

impl<Y, S, F: Future> Engine for Frame<'_, Y, S, F> {
    type Yield = Y;
    type Resume = S;
    type Return = F::Output;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn phase(&self) -> Phase {
        let status = self.head().status;
        if status.is_created() {
            Phase::Created
        } else if status.is_closed() {
            Phase::Closed
        } else if status.is_awaiting() {
            Phase::Awaiting
        } else {
            Phase::Suspended
        }
    }

    fn is_guarded(&self) -> bool {
        !self.aim().is_none()
    }

    fn way(&self) -> UnderWay {
        self.head.status.under_way()
    }

    fn mark_sending(self: Pin<&mut Self>) {
        let head = self.head_mut();
        head.status = head.status.sending();
    }

    #[inline(always)]
    unsafe fn step(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: *const Waker,
    ) -> Raw<Y, F::Output> {
        if const { is_put::<Y>() } {
            other_way();
        }
        // SAFETY: by the contract.
        unsafe { Frame::step(self, op, input, caller, InSlot) }
    }

    #[inline(always)]
    unsafe fn step_into(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: *const Waker,
        place: &mut MaybeUninit<Y>,
    ) -> Raw<(), F::Output> {
        if const { !is_put::<Y>() } {
            other_way();
        }
        // SAFETY: by the contract.
        unsafe { Frame::step(self, op, input, caller, InPlace(place)) }
    }

    fn deliver(mut self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception> {
        let target = self.aim();
        if target.is_none() {
            self.finish();
            return Err(exception);
        }
        let head = self.as_mut().head_mut();
        // This comes first, as wakers may panic: nothing has happened then.
        // SAFETY: null, or the cold box of this frame, which nothing else uses now.
        unsafe { cold_data::wake_target(head.cold, target) };
        head.status = Status::still_awaiting(target, head.status.without_sending());
        // SAFETY: as above.
        let (cold, stale) = unsafe { cold_data::throw(head.cold, target, exception) };
        head.cold = cold;
        // The yield that is unwound may live on: no reply will come for it.
        let generation = &mut head.cold().generation;
        *generation = generation.next();
        drop(stale);
        Ok(())
    }

    #[inline(always)]
    fn raised(self: Pin<&mut Self>) -> Option<Exception> {
        // SAFETY: null, or the cold box of this frame, which nothing else uses now.
        unsafe { cold_data::take_raised(self.head_mut().cold) }
    }

    fn undelivered(self: Pin<&mut Self>) -> Option<Exception> {
        // SAFETY: as above.
        unsafe { cold_data::take_untaken(self.head_mut().cold) }
    }

    fn end(self: Pin<&mut Self>) {
        self.finish();
    }

    fn keep(self: Pin<&mut Self>, outcome: Result<F::Output, Exception>) {
        Frame::keep(self, outcome);
    }

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<F::Output, Exception>> {
        Frame::take_kept(self)
    }
}

impl<Y, S, F: Future> Drop for Frame<'_, Y, S, F> {
    #[inline]
    fn drop(&mut self) {
        if !self.head.status.is_bodiless() {
            // SAFETY: the body is alive unless the status says so; nothing uses it from now on.
            unsafe { ManuallyDrop::drop(self.body.get_mut()) };
        }
    }
}

/// Drops what is left in a slot, on unwind too.
struct Rest<'a, Y, S>(&'a Slot<Y, S>);

impl<Y, S> Drop for Rest<'_, Y, S> {
    #[inline]
    fn drop(&mut self) {
        self.0.discard();
    }
}

/// Runs if the body panics: the frame is closed, what is in the slot is dropped, and the slot leaves
/// the thread's chain.
struct Guard<'a, Y, S> {
    slot: &'a Slot<Y, S>,
}

impl<Y, S> Drop for Guard<'_, Y, S> {
    #[inline(always)]
    fn drop(&mut self) {
        let slot = self.slot;
        slot.head.set_status(Status::POISONED);
        slot.head.leave();
        slot.discard();
    }
}

debug!(impl[Y, S, F: Future] self: Frame<'_, Y, S, F> { id: self.head.id, .. });

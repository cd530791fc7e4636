//! The exchange slot: one per resume, on the stack of the resume function.
//!
//! 1. A slot is used only for a future of the frame whose id it has. The id also proves that the
//!    types match: a [`super::Co`] gets the id and the types from the one `Frame` it is made for.
//! 2. A slot is used only on the thread that polls. Our own waker is `Sync`, so a body can have a
//!    yield polled with it on another thread: [`near`] compares the thread's token before it reads
//!    anything that changes.
//! 3. Nothing that outlives the poll holds a pointer to a slot. Our own waker is only lent; cloning it clones the
//!    caller's waker (for a sync caller, which has none, a waker that does nothing), and links the slot. What our
//!    waker does on another thread reads only what never changes: `thread` and `caller`.
//! 4. `out`, or what `place` points to, is initialised if and only if `flags` has `FULL`, and not `CALLED`.
//! 5. `reply` is initialised if and only if `flags` has `REPLIED`. It is there only if the caller sent it: a reply is
//!    never made up, whatever its size is.
//! 6. What the slot [admits](Gate) is a yield of its own frame: only if the flags are `NONE`, a fresh one; only if
//!    they are `REPLIED`, one that has given its value in the first generation. It may admit none although it could:
//!    then a yield goes the rare way.
//!
//! Which yield may give a value, and which takes the reply, is in [`super::yield_queue`].

mod again;
mod flags;
mod gate;
mod waker;

use core::cell::{Cell, UnsafeCell};
use core::mem::{self, MaybeUninit};
use core::num::NonZeroU64;
use core::ptr;
use core::task::{Poll, Waker};

use super::cold_data::{self, ColdData};
use super::frame_head::FrameHead;
use super::status::{Status, Target};
use super::thread::{self, ThreadToken};
use super::value_place::is_put;
use super::yield_queue::{Generation, YieldWord};
pub(super) use flags::Flags;
use gate::Gate;
use waker::outermost;
#[cfg(feature = "aio")]
pub(crate) use waker::outermost_of;
pub(super) use waker::{
    BorrowedWaker, VTABLE, WakerParts, find, is_near, is_of, lookup, near, parts,
};
pub(crate) use waker::{is_driven_by_us, link_all};

/// The part that does not depend on the types.
#[repr(C)]
pub(super) struct SlotHead {
    thread: ThreadToken,
    /// The head of the frame that is being resumed: valid as long as the slot, and used only
    /// through it.
    head: *mut FrameHead,
    /// The waker of an async caller, null in a sync resume. It outlives the resume, and never changes.
    caller: *const Waker,
    /// The scope that has claimed to be the target of a throw at the yield that gave a value in this poll.
    pub(super) scope: Cell<Target>,
    /// The same for a throw while the body awaits something foreign.
    pub(super) awaiting: Cell<Target>,
    /// The flags, and the yield that goes on in the usual way: one comparison tells (invariant 6).
    gate: Cell<Gate>,
    /// Initialised once the slot has been put into the thread's chain.
    link: Cell<MaybeUninit<thread::Link>>,
}

#[repr(C)]
pub(super) struct Slot<Y, S> {
    pub(super) head: SlotHead,
    out: UnsafeCell<MaybeUninit<Y>>,
    /// Where a value goes that [`is_put`]; nothing else uses that place while the slot lives.
    place: *mut MaybeUninit<Y>,
    reply: UnsafeCell<MaybeUninit<S>>,
}

impl<Y, S> Slot<Y, S> {
    /// # Safety
    ///
    /// While the slot lives, `head` is valid and changed only through the slot, and `caller` is null or valid.
    /// `reply` is initialised if `flags` say that there is one; it belongs to the slot from now on. `place` is valid
    /// for a value, if that [`is_put`], and used by nothing else.
    #[inline(always)]
    pub(super) unsafe fn new(
        head: *mut FrameHead,
        caller: *const Waker,
        flags: Flags,
        reply: MaybeUninit<S>,
        place: *mut MaybeUninit<Y>,
    ) -> Self {
        // SAFETY: by the contract.
        let id = unsafe { (*head).id };
        Self {
            head: SlotHead {
                thread: thread::current(),
                head,
                caller,
                scope: Cell::new(Target::NONE),
                awaiting: Cell::new(Target::NONE),
                gate: Cell::new(Gate::of(id, flags)),
                link: Cell::new(MaybeUninit::uninit()),
            },
            out: UnsafeCell::new(MaybeUninit::uninit()),
            place,
            reply: UnsafeCell::new(reply),
        }
    }

    /// Where a value goes.
    #[inline(always)]
    fn place(&self) -> *mut MaybeUninit<Y> {
        if const { is_put::<Y>() } {
            self.place
        } else {
            self.out.get()
        }
    }

    /// Puts a value, for a caller that sets `FULL`.
    ///
    /// # Safety
    ///
    /// There is none. `value` is initialised, and not used again.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn put(&self, value: &MaybeUninit<Y>) {
        // SAFETY: by the contract; nothing else refers to `out` (invariant 2).
        unsafe { ptr::copy_nonoverlapping(value, self.place(), 1) };
    }

    /// Reads the reply, for a caller that clears `REPLIED`.
    ///
    /// # Safety
    ///
    /// There is one, and it is not used again.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn read_reply(&self) -> S {
        // SAFETY: by the contract (invariant 5).
        unsafe { (*self.reply.get()).assume_init_read() }
    }

    /// Takes the value that was put.
    ///
    /// # Safety
    ///
    /// The slot is `FULL`, and not `CALLED`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn take_out(&self) -> Y {
        self.head.forget(Flags::FULL);
        // SAFETY: there was a value (invariant 4), and now there is none.
        unsafe { (*self.place()).assume_init_read() }
    }

    /// Takes the value that was put, into `place`; if it [`is_put`], it is there already.
    ///
    /// # Safety
    ///
    /// As for [`take_out`](Self::take_out); `place` is valid, and the one that the slot has.
    #[inline(always)]
    pub(super) unsafe fn take_into(&self, place: *mut MaybeUninit<Y>) {
        if const { is_put::<Y>() } {
            self.head.forget(Flags::FULL);
        } else {
            // SAFETY: by the contract.
            unsafe { (*place).write(self.take_out()) };
        }
    }

    /// Takes the reply, if there is one.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take_reply(&self) -> Option<S> {
        if !self.head.has(Flags::REPLIED) {
            return None;
        }
        self.head.forget(Flags::REPLIED);
        // SAFETY: there was a reply, and now there is none.
        Some(unsafe { self.read_reply() })
    }

    /// Takes back what was given: a value, which is for the caller to drop, or a call, which is forgotten.
    /// The yield that gave it may live on, but no reply will come for it.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take_back(&self) -> Option<Y> {
        let value = self.take_rest();
        if value.is_some() {
            self.head.renew();
        }
        self.head.admit_anew();
        value
    }

    /// The value that was given, if there is one. A call is forgotten.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take_rest(&self) -> Option<Y> {
        let flags = self.head.flags();
        self.head.forget(Flags::FULL.with(Flags::CALLED));
        if !flags.any(Flags::FULL) || flags.any(Flags::CALLED) {
            return None;
        }
        // SAFETY: there was a value (invariant 4), and now there is none.
        Some(unsafe { (*self.place()).assume_init_read() })
    }

    /// Drops what is left, at the end of a resume.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn discard(&self) {
        if mem::needs_drop::<Y>() || mem::needs_drop::<S>() {
            let reply = self.take_reply();
            drop(self.take_rest());
            drop(reply);
        }
    }
}

impl SlotHead {
    /// The frame's id. It is read from the frame, so that it is not kept in a register meanwhile.
    #[inline(always)]
    pub(super) fn id(&self) -> NonZeroU64 {
        // SAFETY: the head is valid as long as the slot, and its id never changes.
        unsafe { (*self.head).id }
    }

    /// # Safety
    ///
    /// The slot is in the thread's chain.
    pub(super) unsafe fn link(&self) -> thread::Link {
        // SAFETY: it has been set when the slot was put there.
        unsafe { self.link.get().assume_init() }
    }

    pub(super) fn set_link(&self, link: thread::Link) {
        self.link.set(MaybeUninit::new(link));
    }

    /// Whether a value was given, and nothing else happened.
    #[inline(always)]
    pub(super) fn is_just_full(&self) -> bool {
        self.gate.get() == Gate::FULL
    }

    /// Whether a call was made, and nothing else happened.
    #[inline(always)]
    pub(super) fn has_just_called(&self) -> bool {
        self.gate.get() == Gate::CALLED
    }

    /// Whether nothing happened, and there is no reply: a fresh yield may give a value.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.admits(YieldWord::fresh(self.id()))
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn flags(&self) -> Flags {
        self.gate.get().flags()
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn set_flags(&self, flags: Flags) {
        self.gate.set(Gate::of_rarely(self.id(), flags));
    }

    /// A fresh yield gives its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn give(&self) {
        self.gate.set(Gate::FULL);
    }

    /// A body calls another.
    #[inline(always)]
    pub(super) fn call(&self) {
        self.gate.set(Gate::CALLED);
    }

    /// The yield that gave its value takes its reply.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take(&self) {
        self.gate.set(Gate::of(self.id(), Flags::NONE));
    }

    /// Sets `flags`; until [`admit_anew`](Self::admit_anew), or until flags are [cleared](Self::clear), it admits no
    /// yield.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set_rare_flags(&self, flags: Flags) {
        self.gate.set(Gate::shut(flags));
    }

    /// Whether the yield with that word goes on in the usual way.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn admits(&self, word: YieldWord) -> bool {
        self.gate.get().admits(word)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn has(&self, flags: Flags) -> bool {
        self.gate.get().has(flags)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set(&self, flags: Flags) {
        self.set_rare_flags(self.flags().with(flags));
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn clear(&self, flags: Flags) {
        self.set_flags(self.flags().without(flags));
    }

    /// Clears `flags`, where nothing more is polled, or nothing until [`admit_anew`](Self::admit_anew) is called.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn forget(&self, flags: Flags) {
        self.set_rare_flags(self.flags().without(flags));
    }

    /// Admits again what may be admitted.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn admit_anew(&self) {
        self.gate.set(Gate::of(self.id(), self.flags()));
    }

    /// Whether the caller is sync.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_sync(&self) -> bool {
        self.caller.is_null()
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set_status(&self, status: Status) {
        // SAFETY: the head is valid as long as the slot, and nothing else refers to it.
        unsafe { (*self.head).status = status };
    }

    /// Begins a new generation: a yield of this one may live on without a reply to come.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn renew(&self) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        self.set_cold(unsafe { cold_data::renew(self.cold()) });
        self.set(Flags::LATER);
    }

    /// The generations of the yield that the reply is for, and of one that gives its value now.
    pub(super) fn generations(&self) -> (Generation, Generation) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        unsafe { cold_data::generations(self.cold(), self.flags()) }
    }

    /// The frame's rare state, or null. It may be changed as [`super::cold_data`] says.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn cold(&self) -> *mut ColdData {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold }
    }

    /// After a call that may have made the rare state.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set_cold(&self, cold: *mut ColdData) {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold = cold };
    }

    /// Something of ours cannot go on now, and is to be polled once more in this resume. Given with its waker, if
    /// that is a foreign one.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn ask_again<T>(&self, waker: Option<Waker>) -> Poll<T> {
        self.set(Flags::ASKED);
        if let Some(waker) = waker {
            waker.wake();
        }
        Poll::Pending
    }

    /// The status of a frame that has given a value, in a resume that did not end plainly. The rare state is passed
    /// in, as the frame may be borrowed where this is asked.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn suspended(&self, cold: *mut ColdData) -> Status {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if unsafe { cold_data::needs_care(cold) } {
            Status::suspended_with_care(self.scope.get())
        } else {
            Status::suspended(self.scope.get())
        }
    }

    /// Where a throw goes while something foreign is awaited: to the scope that has claimed it in this poll, or to
    /// `before`, if that is still a scope, which a combinator did not poll. The frame's rare state is passed in, as
    /// for [`suspended`](Self::suspended).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn aim(&self, cold: *mut ColdData, before: Target) -> Target {
        let claimed = self.awaiting.get();
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if claimed.is_none() && !before.is_none() && unsafe { cold_data::stands(cold, before) } {
            return before;
        }
        claimed
    }

    /// The same, where the slot is not used again: this is small, so that it is inlined where a body panics.
    #[inline(always)]
    pub(super) fn leave(&self) {
        if self.has(Flags::LINKED) {
            thread::unlink(self.id());
        }
    }

    /// Takes the slot out of the thread's chain, if it is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn unlink(&self) {
        if self.has(Flags::LINKED) {
            self.unlink_frame(self.id());
        }
    }

    /// The same, where the frame is borrowed, so that its id is passed in.
    #[inline(always)]
    pub(super) fn unlink_frame(&self, id: NonZeroU64) {
        if self.has(Flags::LINKED) {
            thread::unlink(id);
            self.forget(Flags::LINKED.with(Flags::CLONED));
        }
    }

    /// A clone of the foreign waker by which something of ours is polled with the waker of `parts`: none if the frame
    /// itself polls that, as it polls its body in any case. Cloning runs foreign code, which may come back here.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    pub(super) unsafe fn clone_foreign(&self, (data, vtable): WakerParts) -> Option<Waker> {
        // Another frame may be in between: then the waker that counts is the one that polls that
        // frame.
        let (data, vtable) = outermost(data, vtable)?;
        // SAFETY: by the contract; it is not dropped here.
        let waker = mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) });
        // SAFETY: the caller's waker outlives the resume.
        let caller = unsafe { self.caller.as_ref() };
        // Frames further out have no waker of their own, either.
        let callers = caller.and_then(|caller| outermost(caller.data(), caller.vtable()));
        let own = callers
            .is_some_and(|(own, own_vtable)| ptr::eq(own, data) && ptr::eq(own_vtable, vtable));
        (!own).then(|| Waker::clone(&waker))
    }

    /// Scope `scope` is pending, and polled with the waker of `parts`: keeps that, if it is a foreign one.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    pub(super) unsafe fn keep_scope(&self, scope: Target, (data, vtable): WakerParts) {
        let Some((data, vtable)) = outermost(data, vtable) else {
            return;
        };
        // SAFETY: by the contract; it is not dropped here.
        let waker = mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) });
        // SAFETY: the cold box of the frame that is being polled.
        if unsafe { cold_data::has_scope(self.cold(), scope, &waker) } {
            return;
        }
        // SAFETY: by the contract.
        let Some(waker) = (unsafe { self.clone_foreign((data, vtable)) }) else {
            return;
        };
        // SAFETY: as above. It is looked up after the clone, which may have made one.
        let (cold, stale, gone) = unsafe { cold_data::keep_scope(self.cold(), scope, waker) };
        self.set_cold(cold);
        drop(stale);
        gone.into_values().for_each(Waker::wake);
    }

    /// Scope `scope` ends: its waker is no longer needed.
    pub(super) fn forget_scope(&self, scope: Target) {
        // SAFETY: null, or the cold box of the frame that is being polled.
        unsafe { cold_data::forget_scope(self.cold(), scope) };
    }
}

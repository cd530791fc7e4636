//! The part of a slot that does not depend on the types of its frame.

use core::cell::Cell;
#[cfg(feature = "std")]
use core::mem::MaybeUninit;
use core::num::NonZeroU64;
use core::task::{Poll, Waker};

use super::gate::Gate;
use crate::frame::cold_data::{self, ColdData};
use crate::frame::flags::Flags;
use crate::frame::frame_head::FrameHead;
use crate::frame::status::{Status, Target};
use crate::frame::thread::{self, ThreadToken};
use crate::frame::yield_state::{Generation, YieldWord};

/// What the thread's chain keeps of a slot in it.
#[cfg(feature = "std")]
#[derive(Clone, Copy)]
pub(super) struct Link {
    /// The frame's. It is not read from the frame: in the rare ends of a step the frame is borrowed as a whole.
    pub(super) id: NonZeroU64,
    /// The slot that was linked before, or null.
    pub(super) next: *const SlotHead,
}

/// The slot, as whatever does not know its types sees it: the first part of a [`Slot`](super::Slot).
#[repr(C)]
pub(in crate::frame) struct SlotHead {
    pub(super) thread: ThreadToken,
    /// The head of the frame that is being resumed: valid as long as the slot, and used only
    /// through it.
    head: *mut FrameHead,
    /// The waker of an async caller, null in a sync resume. It outlives the resume, and never changes.
    pub(super) caller: *const Waker,
    /// The scope that has claimed to be the target of a throw at the yield that gave a value in this poll.
    pub(in crate::frame) scope: Cell<Target>,
    /// The same for a throw while the body awaits something foreign.
    pub(in crate::frame) awaiting: Cell<Target>,
    /// The flags, and the yield that goes on in the usual way: one comparison tells (invariant 6).
    gate: Cell<Gate>,
    /// Initialised once the slot has been put into the thread's chain.
    #[cfg(feature = "std")]
    link: Cell<MaybeUninit<Link>>,
    /// What our waker was told in this poll.
    #[cfg(not(feature = "std"))]
    pub(super) told: thread::Told,
}

impl SlotHead {
    /// # Safety
    ///
    /// While the slot lives, `head` is valid and changed only through the slot, and `caller` is null or valid.
    #[inline(always)]
    pub(super) unsafe fn new(head: *mut FrameHead, caller: *const Waker, flags: Flags) -> Self {
        // SAFETY: by the contract.
        let id = unsafe { (*head).id };
        Self {
            thread: thread::current(),
            head,
            caller,
            scope: Cell::new(Target::NONE),
            awaiting: Cell::new(Target::NONE),
            gate: Cell::new(Gate::of(id, flags)),
            #[cfg(feature = "std")]
            link: Cell::new(MaybeUninit::uninit()),
            #[cfg(not(feature = "std"))]
            told: thread::Told::default(),
        }
    }

    /// The frame's id. It is read from the frame, so that it is not kept in a register meanwhile.
    #[inline(always)]
    pub(in crate::frame) fn id(&self) -> NonZeroU64 {
        // SAFETY: the head is valid as long as the slot, and its id never changes.
        unsafe { (*self.head).id }
    }

    /// Takes up what our waker was told: where there is no std, it only leaves a note ([`crate::frame::without_std`]).
    #[cfg_attr(
        feature = "std",
        expect(
            clippy::unused_self,
            reason = "there the waker has told the slot itself"
        )
    )]
    #[inline(always)]
    pub(in crate::frame) fn hear(&self) {
        #[cfg(not(feature = "std"))]
        {
            let told = self.told.take();
            if told != Flags::NONE {
                self.set(told);
            }
        }
    }

    /// # Safety
    ///
    /// The slot is in the thread's chain.
    #[cfg(feature = "std")]
    pub(super) unsafe fn link(&self) -> Link {
        // SAFETY: it has been set when the slot was put there.
        unsafe { self.link.get().assume_init() }
    }

    #[cfg(feature = "std")]
    pub(super) fn set_link(&self, link: Link) {
        self.link.set(MaybeUninit::new(link));
    }

    /// Whether a value was given, and nothing else happened.
    #[inline(always)]
    pub(in crate::frame) fn is_just_full(&self) -> bool {
        self.gate.get() == Gate::FULL
    }

    /// Whether a call was made, and nothing else happened.
    #[inline(always)]
    pub(in crate::frame) fn has_just_called(&self) -> bool {
        self.gate.get() == Gate::CALLED
    }

    /// Whether nothing happened, and there is no reply: a fresh yield may give a value.
    #[inline(always)]
    pub(in crate::frame) fn is_plain(&self) -> bool {
        self.admits(YieldWord::fresh(self.id()))
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn flags(&self) -> Flags {
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
    pub(in crate::frame) fn give(&self) {
        self.gate.set(Gate::FULL);
    }

    /// A body calls another.
    #[inline(always)]
    pub(in crate::frame) fn call(&self) {
        self.gate.set(Gate::CALLED);
    }

    /// The yield that gave its value takes its reply.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn take(&self) {
        self.gate.set(Gate::of(self.id(), Flags::NONE));
    }

    /// Sets `flags`; until [`admit_anew`](Self::admit_anew), or until flags are [cleared](Self::clear), it admits no
    /// yield.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn set_rare_flags(&self, flags: Flags) {
        self.gate.set(Gate::shut(flags));
    }

    /// Whether the yield with that word goes on in the usual way.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn admits(&self, word: YieldWord) -> bool {
        self.gate.get().admits(word)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn has(&self, flags: Flags) -> bool {
        self.gate.get().has(flags)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn set(&self, flags: Flags) {
        self.set_rare_flags(self.flags().with(flags));
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn clear(&self, flags: Flags) {
        self.set_flags(self.flags().without(flags));
    }

    /// Clears `flags`, where nothing more is polled, or nothing until [`admit_anew`](Self::admit_anew) is called.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn forget(&self, flags: Flags) {
        self.set_rare_flags(self.flags().without(flags));
    }

    /// Admits again what may be admitted.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn admit_anew(&self) {
        self.gate.set(Gate::of(self.id(), self.flags()));
    }

    /// Whether the caller is sync.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn is_sync(&self) -> bool {
        self.caller.is_null()
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn set_status(&self, status: Status) {
        // SAFETY: the head is valid as long as the slot, and nothing else refers to it.
        unsafe { (*self.head).status = status };
    }

    /// Begins a new generation: a yield of this one may live on without a reply to come.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn renew(&self) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        self.set_cold(unsafe { cold_data::renew(self.cold()) });
        self.set(Flags::LATER);
    }

    /// The generations of the yield that the reply is for, and of one that gives its value now.
    pub(in crate::frame) fn generations(&self) -> (Generation, Generation) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        unsafe { cold_data::generations(self.cold(), self.flags()) }
    }

    /// The frame's rare state, or null. It may be changed as [`super::cold_data`] says.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn cold(&self) -> *mut ColdData {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold }
    }

    /// After a call that may have made the rare state.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn set_cold(&self, cold: *mut ColdData) {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold = cold };
    }

    /// Something of ours cannot go on now, and is to be polled once more in this resume. Given with its waker, if
    /// that is a foreign one.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::frame) fn ask_again<T>(&self, waker: Option<Waker>) -> Poll<T> {
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
    pub(in crate::frame) fn suspended(&self, cold: *mut ColdData) -> Status {
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
    pub(in crate::frame) fn aim(&self, cold: *mut ColdData, before: Target) -> Target {
        let claimed = self.awaiting.get();
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if claimed.is_none() && !before.is_none() && unsafe { cold_data::stands(cold, before) } {
            return before;
        }
        claimed
    }
}

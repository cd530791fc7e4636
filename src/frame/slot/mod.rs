//! The exchange slot: one per resume, on the stack of the resume function.
//!
//! 1. A slot is used only for a future of the frame whose id it has. The id also proves that the
//!    types match: a [`super::Co`] gets the id and the types from the one `Frame` it is made for.
//! 2. A slot is used only on the thread that polls. Our own waker is `Sync`, so a body can have a
//!    yield polled with it on another thread: [`near`] compares the thread's token before it reads
//!    anything that changes.
//! 3. Nothing that outlives the poll holds a pointer to a slot. Our own waker is only lent; its
//!    clone is a clone of the caller's waker (a sync caller has none: one that does nothing), and
//!    links the slot. What our waker does on another thread reads only what never changes: `thread` and
//!    `caller`.
//! 4. `out`, or what `place` points to, is initialised if and only if `flags` has `FULL`, and not `CALLED`.
//! 5. `reply` is initialised if and only if `flags` has `REPLIED`. It is there only if the caller sent it:
//!    nobody makes one, of whatever size it is.
//! 6. What the slot `admits` is a yield of its own frame: only if `flags` is `NONE`, a fresh one; only if it is
//!    `REPLIED`, one that has given its value in the first generation. It may admit none though it could: then a yield
//!    goes the rare way.
//!
//! Who may give a value, and who takes the reply, is in [`super::turns`].

mod flags;
mod waker;

use std::cell::{Cell, UnsafeCell};
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::ptr;
use std::task::{Poll, Waker};

use super::admit::Entry;
use super::cold::{self, Cold};
use super::head::Head;
use super::place::is_put;
use super::status::{Status, Target};
use super::thread::{self, ThreadToken};
use super::turns::{Generation, Polls, Round, YieldWord};
pub(super) use flags::Flags;
use waker::outermost;
#[cfg(feature = "aio")]
pub(crate) use waker::outermost_of;
pub(super) use waker::{Lent, VTABLE, WakerParts, find, is_near, is_of, lookup, near, parts};
pub(crate) use waker::{is_driven_by_us, link_all};

/// The part that does not depend on the types.
#[repr(C)]
pub(super) struct SlotHead {
    pub(super) id: NonZeroU64,
    thread: ThreadToken,
    /// Of the frame that is being resumed: valid as long as the slot, and used through it alone.
    head: *mut Head,
    /// The waker of an async caller, null in a sync resume. It outlives the resume, and never changes.
    caller: *const Waker,
    /// The scope that has claimed to be the target of a throw at the yield that gave a value in this poll.
    pub(super) scope: Cell<Target>,
    /// The same for a throw while the body awaits something foreign.
    pub(super) awaiting: Cell<Target>,
    flags: Cell<Flags>,
    /// The yield that goes on in the usual way: one comparison tells (invariant 6).
    admits: Cell<YieldWord>,
    pub(super) next: Cell<*const Self>,
}

#[repr(C)]
pub(super) struct Slot<Y, S> {
    pub(super) head: SlotHead,
    out: UnsafeCell<MaybeUninit<Y>>,
    /// Where a value goes that [`is_put`]; nobody else uses that while the slot lives.
    place: *mut MaybeUninit<Y>,
    reply: UnsafeCell<MaybeUninit<S>>,
}

impl<Y, S> Slot<Y, S> {
    /// # Safety
    ///
    /// While the slot lives, `head` is valid and changed through it alone, and `caller` is null or valid.
    /// `reply` is initialised if `entry` says that there is one; it is the slot's from now on. `place` is valid for a
    /// value, if that [`is_put`], and used by nobody else.
    #[inline(always)]
    pub(super) unsafe fn new(
        head: *mut Head,
        caller: *const Waker,
        entry: Entry,
        reply: MaybeUninit<S>,
        place: *mut MaybeUninit<Y>,
    ) -> Self {
        // SAFETY: by the contract.
        let id = unsafe { (*head).id };
        Self {
            head: SlotHead {
                id,
                thread: thread::current(),
                head,
                caller,
                scope: Cell::new(Target::NONE),
                awaiting: Cell::new(Target::NONE),
                flags: Cell::new(entry.flags),
                admits: Cell::new(admitted(id, entry.flags)),
                next: Cell::new(ptr::null()),
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
        // SAFETY: by the contract; nobody else refers to `out` (invariant 2).
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
        // SAFETY: there was a value (invariant 4), and is none any longer.
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
        // SAFETY: there was a reply, and is none any longer.
        Some(unsafe { self.read_reply() })
    }

    /// Takes back what was given: a value, which is for the caller to drop, or a call, which is forgotten.
    /// The yield that gave it may live on, and has no reply to come.
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
        // SAFETY: there was a value (invariant 4), and is none any longer.
        Some(unsafe { (*self.place()).assume_init_read() })
    }

    /// Nothing was given in a poll, though something asked: whether the body is to be polled once more.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn go_round(&self, polls: &mut Polls) -> bool {
        let head = &self.head;
        if head.has(Flags::THROWN) {
            // Nobody may give before that has been taken.
            return false;
        }
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let Some(next) = (unsafe { cold::go_round(head.cold(), polls.round) }) else {
            return false;
        };
        polls.round = next;
        head.clear(Flags::ASKED);
        if next == Round::Last {
            head.clear(Flags::QUEUED);
        }
        if let Some(reply) = self.take_reply() {
            // Its yield was not polled, and has no other to come.
            head.renew();
            drop(reply);
        }
        true
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

/// What [`SlotHead::admits`] is with these flags.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn admitted(id: NonZeroU64, flags: Flags) -> YieldWord {
    if flags == Flags::NONE {
        YieldWord::fresh(id)
    } else if flags == Flags::REPLIED {
        YieldWord::given(id)
    } else {
        YieldWord::NONE
    }
}

/// [`admitted`], where it is rarely asked: not inlined, so that nothing of it is computed where it is not.
#[cold]
#[inline(never)]
fn admitted_rarely(id: NonZeroU64, flags: Flags) -> YieldWord {
    admitted(id, flags)
}

impl SlotHead {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn flags(&self) -> Flags {
        self.flags.get()
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn set_flags(&self, flags: Flags) {
        self.flags.set(flags);
        self.admits.set(admitted_rarely(self.id, flags));
    }

    /// A fresh yield gives its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn give(&self) {
        self.flags.set(Flags::FULL);
        self.admits.set(YieldWord::NONE);
    }

    /// The yield that gave its value takes its reply.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take(&self) {
        self.flags.set(Flags::NONE);
        self.admits.set(YieldWord::fresh(self.id));
    }

    /// Sets `flags`; until [`admit_anew`](Self::admit_anew), or until flags are [cleared](Self::clear), it admits no yield.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set_rare_flags(&self, flags: Flags) {
        self.flags.set(flags);
        self.admits.set(YieldWord::NONE);
    }

    /// Whether the yield with that word goes on in the usual way.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn admits(&self, word: YieldWord) -> bool {
        self.admits.get() == word
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn has(&self, flags: Flags) -> bool {
        self.flags().any(flags)
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

    /// Clears `flags`, where nobody is polled any more, or not before [`admit_anew`](Self::admit_anew).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn forget(&self, flags: Flags) {
        self.set_rare_flags(self.flags().without(flags));
    }

    /// Admits again what it may.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn admit_anew(&self) {
        self.admits.set(admitted(self.id, self.flags()));
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
        // SAFETY: the head is valid as long as the slot, and nobody else refers to it.
        unsafe { (*self.head).status = status };
    }

    /// Begins a new generation: a yield of this one may live on without a reply to come.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn renew(&self) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        self.set_cold(unsafe { cold::renew(self.cold()) });
        self.set(Flags::LATER);
    }

    /// The generations of the yield that the reply is for, and of one that gives its value now.
    pub(super) fn generations(&self) -> (Generation, Generation) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        unsafe { cold::generations(self.cold(), self.flags()) }
    }

    /// The frame's rare state, or null. It may be changed as [`super::cold`] says.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn cold(&self) -> *mut Cold {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold }
    }

    /// After a call that may have made the rare state.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set_cold(&self, cold: *mut Cold) {
        // SAFETY: as in `set_status`.
        unsafe { (*self.head).cold = cold };
    }

    /// Something of ours cannot go on now, and is to be polled once more in this resume; with its waker, if
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

    /// What was counted in this resume. It is not initialised before the first time.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn counted<'a>(&self, polls: &'a mut MaybeUninit<Polls>) -> &'a mut Polls {
        if !self.has(Flags::COUNTED) {
            polls.write(Polls::NONE);
            self.set_flags(self.flags().with(Flags::COUNTED));
        }
        // SAFETY: the flag says so.
        unsafe { polls.assume_init_mut() }
    }

    /// Another body is polled: it begins without a round.
    pub(super) fn forget_round(&self, polls: &mut MaybeUninit<Polls>) {
        if self.has(Flags::COUNTED) {
            self.counted(polls).round = Round::None;
        }
    }

    /// The body is pending, and has given nothing: whether it is to be polled once more before that means
    /// anything: it was `again` times. A combinator that has polled many stops, and wakes its own waker, to be
    /// polled again: what it has not polled yet may be what the reply, or an exception, is for.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_to_go_on(&self, polls: &mut Polls) -> bool {
        let flags = self.flags();
        if !flags.any(MAY_GO_ON) || polls.again >= most(flags, self.is_sync(), self.cold()) {
            return false;
        }
        polls.again += 1;
        self.clear(Flags::WOKEN);
        true
    }

    /// The status of a frame that has given a value, in a resume that did not end plainly. Its rare state is
    /// told, as the frame may be borrowed where this is asked.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn suspended(&self, cold: *mut Cold) -> Status {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if unsafe { cold::needs_care(cold) } {
            Status::suspended_with_care(self.scope.get())
        } else {
            Status::suspended(self.scope.get())
        }
    }

    /// Where a throw goes while something foreign is awaited: to the scope that has claimed it in this poll, or `before`,
    /// if that is a scope still which a combinator did not poll. The frame's rare state is told, as for
    /// [`suspended`](Self::suspended).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn aim(&self, cold: *mut Cold, before: Target) -> Target {
        let claimed = self.awaiting.get();
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if claimed.is_none() && !before.is_none() && unsafe { cold::stands(cold, before) } {
            return before;
        }
        claimed
    }

    /// Takes the slot out of the thread's chain, if it is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn unlink(&self) {
        if self.has(Flags::LINKED) {
            thread::unlink(self.id);
            self.forget(Flags::LINKED.with(Flags::CLONED));
        }
    }

    /// A clone of the foreign waker by which something of ours is polled with the waker of `parts`: none if the frame
    /// itself polls that, as it polls its body in any case. Cloning is others' code: it may come back here.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    pub(super) unsafe fn clone_foreign(&self, (data, vtable): WakerParts) -> Option<Waker> {
        // Another frame may be between: then it is what polls that one.
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
        if unsafe { cold::has_scope(self.cold(), scope, &waker) } {
            return;
        }
        // SAFETY: by the contract.
        let Some(waker) = (unsafe { self.clone_foreign((data, vtable)) }) else {
            return;
        };
        // SAFETY: as above. It is looked up after the clone, which may have made one.
        let (cold, stale, gone) = unsafe { cold::keep_scope(self.cold(), scope, waker) };
        self.set_cold(cold);
        drop(stale);
        gone.into_values().for_each(Waker::wake);
    }

    /// Scope `scope` ends: its waker is needed no longer.
    pub(super) fn forget_scope(&self, scope: Target) {
        // SAFETY: null, or the cold box of the frame that is being polled.
        unsafe { cold::forget_scope(self.cold(), scope) };
    }
}

/// Without one of these a body that is pending is not polled once more: a future that wakes without having cloned, and
/// nothing of ours, is just not ready.
const MAY_GO_ON: Flags = Flags::THROWN
    .with(Flags::REPLIED)
    .with(Flags::CLONED)
    .with(Flags::QUEUED);

/// How often a body that is pending, and has given nothing, is polled once more in one resume.
// Not inlined: see `resume.rs`, 3.
#[inline(never)]
fn most(flags: Flags, sync: bool, cold: *const Cold) -> u32 {
    let thrown = flags.any(Flags::THROWN);
    let due = thrown || (flags.any(Flags::REPLIED) && !cold.is_null());
    // An async caller that was woken polls again.
    let waits = sync && flags.any(Flags::CLONED.with(Flags::QUEUED));
    if flags.any(Flags::WOKEN) && (due || waits) {
        1 << 14
    } else if sync {
        0
    } else if thrown {
        // The caller's own waker may be what was woken, and that has no flag. The exception is for this resume.
        1 << 10
    } else if due && !flags.any(Flags::QUEUED) {
        1 << 4
    } else {
        0
    }
}

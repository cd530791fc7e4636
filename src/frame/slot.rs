//! The exchange slot: one per resume, on the stack of the resume function.
//!
//! 1. A slot is used only for a future of the frame whose id it has. The id also proves that the
//!    types match: a [`super::Co`] gets the id and the types from the one `Frame` it is made for.
//! 2. A slot is used only on the thread that polls. Our own waker is `Sync`, so a body can have a
//!    yield polled with it on another thread: [`lookup`] compares the thread's token before it reads
//!    anything that changes.
//! 3. Nothing that outlives the poll holds a pointer to a slot. Our own waker is only lent; its
//!    clone is a clone of the caller's waker (a sync caller has none: one that does nothing), and
//!    links the slot. What our waker does on another thread reads only what never changes: `thread` and
//!    `caller`.
//! 4. `out` is initialised if and only if `flags` has `FULL`, and not `CALLED`.
//! 5. `reply` is initialised if and only if `flags` has `REPLIED`. It is there only if the caller sent it:
//!    nobody makes one, of whatever size it is.
//!
//! Who may give a value, and who takes the reply, is in [`super::turns`].

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::panic::Location;
use std::ptr;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use super::admit::Entry;
use super::cold::{self, Cold};
use super::head::Head;
use super::status::{Status, Target};
use super::thread::{self, ThreadToken};
use super::turns::{Generation, Round};

/// What happened in a resume, and how it began. Set and cleared by what is polled, on the thread that
/// polls, and by the resume function. All in one word: one comparison tells that nothing is rare.
///
/// | flag | meaning | set by | cleared by |
/// |---|---|---|---|
/// | `FULL` | nobody may give a value: there is one, or a call | the yield that gives, a call | a scope that takes it back, [`super::run`] |
/// | `CALLED` | it is a call ([`super::call_slot`]) | a call | the same |
/// | `RAISED` | nobody may give a value: an exception is on its way out | a raise | the scope that takes it |
/// | `ASKED` | something asked in vain: poll once more, if nothing is given | a call, a raise | the resume function |
/// | `WOKEN` | our waker was woken while the body was polled | the waker's `wake` | the resume function |
/// | `LINKED` | the slot is in the thread's chain | a clone of our waker, another frame that is resumed inside, a task's resume | unlinking |
/// | `CLONED` | our waker was cloned: something foreign waits | the waker's `clone` | unlinking |
/// | `REPLIED` | there is a reply | the start of a resume | the yield that takes it |
/// | `QUEUED` | only queued yields may give a value | the start of a resume, a yield that queues | who knows that the queue is empty |
/// | `LATER` | the generations are in the cold box; without it both are the first | the start of a resume, [`SlotHead::renew`] | nobody |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u32);

impl Flags {
    pub(super) const NONE: Self = Self(0);
    pub(super) const FULL: Self = Self(1);
    pub(super) const CALLED: Self = Self(1 << 1);
    pub(super) const RAISED: Self = Self(1 << 2);
    pub(super) const ASKED: Self = Self(1 << 3);
    pub(super) const LINKED: Self = Self(1 << 4);
    pub(super) const WOKEN: Self = Self(1 << 5);
    pub(super) const REPLIED: Self = Self(1 << 6);
    pub(super) const QUEUED: Self = Self(1 << 7);
    pub(super) const LATER: Self = Self(1 << 8);
    pub(super) const CLONED: Self = Self(1 << 9);

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// Whether one of `flags` is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn any(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }
}

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
    pub(super) flags: Cell<Flags>,
    pub(super) next: Cell<*const Self>,
}

#[repr(C)]
pub(super) struct Slot<Y, S> {
    pub(super) head: SlotHead,
    out: UnsafeCell<MaybeUninit<Y>>,
    reply: UnsafeCell<MaybeUninit<S>>,
}

impl<Y, S> Slot<Y, S> {
    /// # Safety
    ///
    /// While the slot lives, `head` is valid and changed through it alone, and `caller` is null or valid.
    /// `reply` is initialised if `entry` says that there is one; it is the slot's from now on.
    #[inline(always)]
    pub(super) unsafe fn new(
        head: *mut Head,
        caller: *const Waker,
        entry: Entry,
        reply: MaybeUninit<S>,
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
                next: Cell::new(ptr::null()),
            },
            out: UnsafeCell::new(MaybeUninit::uninit()),
            reply: UnsafeCell::new(reply),
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
        unsafe { ptr::copy_nonoverlapping(value, self.out.get(), 1) };
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
        self.head.clear(Flags::FULL);
        // SAFETY: there was a value (invariant 4), and is none any longer.
        unsafe { (*self.out.get()).assume_init_read() }
    }

    /// Takes the reply, if there is one.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn take_reply(&self) -> Option<S> {
        if !self.head.has(Flags::REPLIED) {
            return None;
        }
        self.head.clear(Flags::REPLIED);
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
        value
    }

    /// The value that was given, if there is one. A call is forgotten.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take_rest(&self) -> Option<Y> {
        let flags = self.head.flags.get();
        self.head.clear(Flags::FULL.with(Flags::CALLED));
        if !flags.any(Flags::FULL) || flags.any(Flags::CALLED) {
            return None;
        }
        // SAFETY: there was a value (invariant 4), and is none any longer.
        Some(unsafe { (*self.out.get()).assume_init_read() })
    }

    /// Nothing was given in a poll, though something asked: whether the body is to be polled once more.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn go_round(&self, round: &mut Round) -> bool {
        let head = &self.head;
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let Some(next) = (unsafe { cold::go_round(head.cold(), *round) }) else {
            return false;
        };
        *round = next;
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

impl SlotHead {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn has(&self, flags: Flags) -> bool {
        self.flags.get().any(flags)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn set(&self, flags: Flags) {
        self.flags.set(self.flags.get().with(flags));
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn clear(&self, flags: Flags) {
        self.flags.set(self.flags.get().without(flags));
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
        unsafe { cold::generations(self.cold(), self.flags.get()) }
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

    /// The body is pending, and has given nothing: whether it is to be polled once more before that means
    /// anything: it was `again` times. A combinator that has polled many stops, and wakes its own waker, to be
    /// polled again: what it has not polled yet may be what the reply, or an exception, is for.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_to_go_on(&self, again: &mut u32) -> bool {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let is_thrown = || unsafe { cold::is_thrown(self.cold()) };
        let due = || !self.cold().is_null() && (self.has(Flags::REPLIED) || is_thrown());
        let goes_on = if self.is_sync() {
            // A future that wakes without having cloned, and nothing of ours, is just not ready.
            self.has(Flags::WOKEN) && (self.has(Flags::CLONED.with(Flags::QUEUED)) || due())
        } else {
            // It is the caller's waker that is woken. The caller polls again, but the reply is for this resume.
            due()
        };
        let most = if self.is_sync() { 1 << 14 } else { 16 };
        if !goes_on || *again == most {
            return false;
        }
        *again += 1;
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

    /// Takes the slot out of the thread's chain, if it is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn unlink(&self) {
        if self.has(Flags::LINKED) {
            thread::unlink(self.id);
            self.clear(Flags::LINKED.with(Flags::CLONED));
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

/// What the waker of `cx` is made of. Calls that are not inlined are told this, and not `cx`: the optimiser can
/// then see what it is.
#[inline(always)]
pub(super) fn parts(cx: &Context<'_>) -> WakerParts {
    (cx.waker().data(), cx.waker().vtable())
}

/// Whether a waker with `vtable` is ours.
#[inline(always)]
pub(super) fn is_ours(vtable: &'static RawWakerVTable) -> bool {
    ptr::eq(vtable, &raw const VTABLE)
}

/// Whether `cx` is the one that is lent from `slot`: not some combinator's, and not another frame's.
pub(super) fn is_of(cx: &Context<'_>, slot: &SlotHead) -> bool {
    let (data, vtable) = parts(cx);
    is_ours(vtable) && ptr::addr_eq(data, slot)
}

/// The vtable of our own waker, by which [`near`] knows it. Its data is the slot.
pub(super) static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, ignore, wake, ignore);

/// Nobody owns a waker of ours, to wake it by value or to drop it.
unsafe fn ignore(_: *const ()) {}

/// Wakes whoever resumes the frame, which may be another frame. A sync caller needs no waking: the body is polled
/// once more.
unsafe fn wake(data: *const ()) {
    let slot = data.cast::<SlotHead>();
    // SAFETY: as in `clone`; the caller's waker outlives the resume.
    unsafe {
        if (*slot).thread == thread::current() {
            (*slot).set(Flags::WOKEN);
        }
        if let Some(caller) = (*slot).caller.as_ref() {
            caller.wake_by_ref();
        }
    }
}

/// A combinator wants a waker of its own: from now on yields may come through that one, so the slot
/// goes into the thread's chain. The clone is the caller's waker: a sync caller has none.
#[cold]
unsafe fn clone(data: *const ()) -> RawWaker {
    let slot = data.cast::<SlotHead>();
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; `caller` never changes.
    let caller = unsafe {
        link(data, Flags::CLONED);
        (*slot).caller.as_ref()
    };
    // The caller's may be ours, too: that of a frame further out.
    let waker = mem::ManuallyDrop::new(caller.unwrap_or(Waker::noop()).clone());
    RawWaker::new(waker.data(), waker.vtable())
}

/// Puts the frames that `cx` comes from into the chain, for what is then polled with another waker.
pub(crate) fn link_all(cx: &Context<'_>) {
    let (mut data, mut vtable) = parts(cx);
    while is_ours(vtable) {
        // SAFETY: the data of a waker of ours, whose caller's waker outlives the resume.
        let caller = unsafe {
            link(data, Flags::NONE);
            (*data.cast::<SlotHead>()).caller.as_ref()
        };
        let Some(caller) = caller else { return };
        (data, vtable) = (caller.data(), caller.vtable());
    }
}

/// Whether `cx` comes from a sync resume of ours, be it by way of streams: what is driven in it is driven
/// synchronously, too.
#[inline]
pub(crate) fn is_driven_by_us(cx: &Context<'_>) -> bool {
    let (data, vtable) = parts(cx);
    outermost(data, vtable).is_none()
}

/// The waker at the end of the callers of the one with `data` and `vtable`; `None` if that is a sync one.
///
/// The first step is inlined, so that the optimiser sees a sync resume end here.
#[inline(always)]
fn outermost(data: *const (), vtable: &'static RawWakerVTable) -> Option<WakerParts> {
    if !ptr::eq(vtable, &raw const VTABLE) {
        return Some((data, vtable));
    }
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with, whose caller's
    // waker outlives the resume.
    let caller = unsafe { (*data.cast::<SlotHead>()).caller.as_ref() }?;
    outermost_from(caller)
}

/// `outermost`, told a caller's waker.
#[cold]
#[inline(never)]
fn outermost_from(waker: &Waker) -> Option<WakerParts> {
    outermost(waker.data(), waker.vtable())
}

/// The waker at the end of the callers of `waker`, as far as they are known: what a frame lends leads to its caller's.
#[cfg(feature = "aio")]
#[inline]
pub(crate) fn outermost_of(waker: &Waker) -> &Waker {
    let mut waker = waker;
    while is_ours(waker.vtable()) {
        // SAFETY: the data of a waker of ours is a slot that is being polled with; `caller` never changes, and
        // outlives the resume, as that outlives `waker`, which is lent from it.
        match unsafe { (*waker.data().cast::<SlotHead>()).caller.as_ref() } {
            Some(caller) => waker = caller,
            None => break,
        }
    }
    waker
}

pub(super) type WakerParts = (*const (), &'static RawWakerVTable);

/// A waker that belongs to somebody else.
pub(super) struct Lent<'a> {
    waker: mem::ManuallyDrop<Waker>,
    owner: PhantomData<&'a Waker>,
}

impl Lent<'_> {
    /// The waker that `cx` has, or, if that is ours, its caller's: `None` if the caller is sync.
    ///
    /// What is driven with it in a context of its own sees the same waker, but not the address of
    /// `cx`: a sync resume in which everything is inlined then still knows that nobody else does.
    #[inline(always)]
    pub(super) fn foreign<'a>(cx: &'a Context<'_>) -> Option<Lent<'a>> {
        let (data, vtable) = parts(cx);
        let (data, vtable) = outermost(data, vtable)?;
        Some(Lent {
            // SAFETY: `data` and `vtable` are a waker's that lives as long as `'a` (a caller's outlives
            // the resume), and is not dropped here.
            waker: mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) }),
            owner: PhantomData,
        })
    }

    /// The waker of `cx`; `None` if `cx` comes from a sync resume. What is driven with a context of its own sees
    /// the same waker, and through that what is outside.
    #[inline(always)]
    pub(super) fn of<'a>(cx: &'a Context<'_>) -> Option<Lent<'a>> {
        let (data, vtable) = parts(cx);
        outermost(data, vtable)?;
        Some(Lent {
            // SAFETY: `data` and `vtable` are a waker's that lives as long as `'a`, and is not dropped here.
            waker: mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) }),
            owner: PhantomData,
        })
    }

    #[inline(always)]
    pub(super) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

/// The slot of frame `id`, if `cx` is lent from it. If not, that may be in the thread's chain, where [`find`] looks; then
/// what comes back is the first waker on the way out that is not the one of this poll's own frame.
///
/// Calls that are not inlined are not handed the slot, and give none back that could be taken for it: either would cost
/// ten times what the look-up does.
///
/// # Panics
///
/// If `cx` comes from a sync resume of another frame: nothing outside that is found through it.
#[inline(always)]
#[track_caller]
pub(super) fn near(cx: &Context<'_>, id: NonZeroU64) -> Result<*const SlotHead, WakerParts> {
    let (data, vtable) = parts(cx);
    if !is_ours(vtable) {
        return Err((data, vtable));
    }
    let slot = data.cast::<SlotHead>();
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; what is read never changes. The
    // caller's waker outlives that.
    unsafe {
        if (*slot).id == id && (*slot).thread == thread::current() {
            return Ok(slot);
        }
        let Some(caller) = (*slot).caller.as_ref() else {
            not_running(Location::caller())
        };
        Err((caller.data(), caller.vtable()))
    }
}

/// The slot of frame `id`, which must be running on this thread.
///
/// # Panics
///
/// If it is not, with the caller's location.
#[track_caller]
pub(super) fn lookup(cx: &Context<'_>, id: NonZeroU64) -> *const SlotHead {
    let at = Location::caller();
    near(cx, id).unwrap_or_else(|_| find(id, at))
}

/// The far path: the future is polled with a waker that is not the frame's, so the slot is in the
/// thread's chain.
///
/// # Panics
///
/// If it is not, with the place `at`.
#[cold]
#[inline(never)]
pub(super) fn find(id: NonZeroU64, at: &'static Location<'static>) -> *const SlotHead {
    thread::find(id).unwrap_or_else(|| not_running(at))
}

/// The caller of a resume is another frame, if its waker is one of ours: puts the slot of that into the chain, for
/// what is polled in here and belongs to it.
///
/// # Safety
///
/// `caller` is valid.
#[inline(always)]
pub(super) unsafe fn link_caller(caller: *const Waker) {
    // SAFETY: by the contract.
    let vtable = unsafe { (*caller).vtable() };
    if is_ours(vtable) {
        // SAFETY: the data of a waker of ours.
        unsafe { link((*caller).data(), Flags::NONE) };
    }
}

/// Puts a slot into the thread's chain, and sets `flags`.
///
/// # Safety
///
/// `data` is the data of a waker of ours.
#[cold]
#[inline(never)]
unsafe fn link(data: *const (), flags: Flags) {
    let slot = data.cast::<SlotHead>();
    // SAFETY: a slot that is being polled with. `thread` never changes; the rest is read only if this is the
    // slot's thread (invariant 2).
    unsafe {
        if (*slot).thread != thread::current() {
            return;
        }
        if !(*slot).has(Flags::LINKED) {
            thread::link(slot);
        }
        (*slot).set(flags.with(Flags::LINKED));
    }
}

#[cold]
#[inline(never)]
fn not_running(at: &'static Location<'static>) -> ! {
    panic!(
        "a yield or a scope was awaited at {at} where its generator is not running, or is polled with a waker that \
         does not come from it"
    )
}

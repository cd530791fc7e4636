//! The exchange slot: one per resume, on the stack of the resume function.
//!
//! 1. A slot is used only for a future of the frame whose id it has. The id also proves that the
//!    types match: a [`super::Co`] gets the id and the types from the one `Frame` it is made for.
//! 2. A slot is used only on the thread that polls. Our own waker is `Sync`, so a body can have a
//!    yield polled with it on another thread: [`lookup`] compares the thread's token before it reads
//!    anything that changes.
//! 3. Nothing that outlives the poll holds a pointer to a slot. Our own waker is only lent; its
//!    clone is a clone of the caller's waker (a sync caller has none: one that does nothing), and
//!    links the slot. What our waker does on another thread reads only what never changes.
//! 4. `out` is initialised if and only if `full`, unless `key` has `BLOCKED`.
//! 5. `reply` is initialised if and only if `key` has `REPLY`.
//!
//! Yields that are awaited at the same time (`join!`, `select!`, `FuturesUnordered`) keep order by
//! their states alone, without a list:
//!
//! 6. A yield that finds the slot full, or not its turn, becomes `QUEUED`. In a resume that follows
//!    one in which a yield asked in vain, only queued yields may put a value, and only when the
//!    reply has been taken: a fresh one does not overtake a queued one. With the fixed order in
//!    which `join!` polls, that takes turns.
//! 7. If a poll gave nothing though a yield asked, the frame polls once more, for queued yields: who
//!    had the turn may have been dropped, or have been polled before the reply was taken.
//! 8. A yield takes only the reply whose `owner` it is. If a reply is left behind (its yield was not
//!    polled in that resume), yields get another state when they are given from then on
//!    ([`next_given`]): the one left behind panics when it is polled, and takes no other's reply.
//!    Replies of a unit type are all alike, and nothing of this is done for them.

use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::num::NonZeroU64;
use std::panic::Location;
use std::ptr;
use std::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::head::{Cold, Head, SUSPENDED, Status};
use super::thread::{self, ThreadToken};

/// The part that does not depend on the types.
#[repr(C)]
pub(super) struct SlotHead {
    pub(super) id: NonZeroU64,
    pub(super) thread: ThreadToken,
    pub(super) head: *mut Head,
    /// The waker of an async caller, null in a sync resume. It outlives the resume, and never changes.
    pub(super) caller: *const Waker,
    /// Who has claimed to be the target of a throw at the yield that gave a value in this poll:
    /// `SUSPENDED` (nobody), or the token of a scope.
    pub(super) scope: Cell<Status>,
    /// The same for a throw while the body awaits something foreign.
    pub(super) awaiting: Cell<Status>,
    /// Who may put a value (`OPEN` or `TURN`), and whether there is a reply (`REPLY`).
    pub(super) key: Cell<u64>,
    /// There is a value: nobody may put another.
    pub(super) full: Cell<bool>,
    /// The body has raised: nobody may put a value until a scope takes the exception.
    pub(super) raised: Cell<bool>,
    /// The state of the yield that the reply is for.
    pub(super) owner: u64,
    /// The state of a yield that gives its value now.
    pub(super) given: Cell<u64>,
    /// A yield asked in vain to put its value: it is queued.
    pub(super) asked: Cell<bool>,
    /// In this thread's chain.
    pub(super) linked: Cell<bool>,
    pub(super) next: Cell<*const Self>,
}

/// State of a yield: not polled yet. Odd states have given their value.
pub(super) const FRESH: u64 = 0;
/// State of a yield that gave its value, in a frame that never left a reply behind.
pub(super) const GIVEN: u64 = 1;
/// State of a yield that asked in vain.
pub(super) const QUEUED: u64 = 2;
/// State of a yield that has its reply.
pub(super) const DONE: u64 = 3;

/// Key: fresh yields may put a value.
pub(super) const OPEN: u64 = FRESH;
/// Key: queued yields may put a value.
pub(super) const TURN: u64 = QUEUED;
/// Added to a key: there is a reply.
pub(super) const REPLY: u64 = 1;
/// Added to a key: the slot is full with a call, not with a value ([`super::call_slot`]).
pub(super) const BLOCKED: u64 = 1 << 62;
/// No key: the frame cannot be resumed like that.
pub(super) const REFUSED: u64 = u64::MAX;

/// Whether one value of this type is as good as another, and as none.
#[inline(always)]
pub(super) const fn is_unit<S>() -> bool {
    size_of::<S>() == 0 && !mem::needs_drop::<S>()
}

/// The state of yields that give their value after a reply was left behind: one that no yield of
/// this frame has had (`GIVEN` and every fourth number after it).
#[inline(always)]
pub(super) const fn next_given(given: u64) -> u64 {
    given + 4
}

#[repr(C)]
pub(super) struct Slot<Y, S> {
    pub(super) head: SlotHead,
    pub(super) out: UnsafeCell<MaybeUninit<Y>>,
    pub(super) reply: UnsafeCell<MaybeUninit<S>>,
}

impl<Y, S> Slot<Y, S> {
    #[inline(always)]
    pub(super) fn new(
        id: NonZeroU64,
        head: *mut Head,
        caller: *const Waker,
        key: u64,
        given: u64,
        reply: MaybeUninit<S>,
    ) -> Self {
        Self {
            head: SlotHead {
                id,
                thread: thread::current(),
                head,
                caller,
                scope: Cell::new(SUSPENDED),
                awaiting: Cell::new(SUSPENDED),
                key: Cell::new(key),
                owner: given,
                given: Cell::new(given),
                asked: Cell::new(false),
                full: Cell::new(false),
                raised: Cell::new(false),
                linked: Cell::new(false),
                next: Cell::new(ptr::null()),
            },
            out: UnsafeCell::new(MaybeUninit::uninit()),
            reply: UnsafeCell::new(reply),
        }
    }

    /// Drops the value that was put. `full` must be changed by the caller.
    ///
    /// # Safety
    ///
    /// `out` is initialised, and will not be used again until it is put anew.
    #[inline(always)]
    pub(super) unsafe fn drop_out(&self) {
        if mem::needs_drop::<Y>() {
            // SAFETY: initialised by the contract; nobody else refers to it (invariant 2).
            unsafe { (*self.out.get()).assume_init_drop() };
        }
    }

    /// Drops the reply that nobody took.
    ///
    /// # Safety
    ///
    /// `reply` is initialised, and will not be used again.
    #[inline(always)]
    pub(super) unsafe fn drop_reply(&self) {
        if mem::needs_drop::<S>() {
            // SAFETY: initialised by the contract; nobody else refers to it (invariant 2).
            unsafe { (*self.reply.get()).assume_init_drop() };
        }
    }
}

impl SlotHead {
    /// The frame's rare state, or null.
    #[inline(always)]
    pub(super) fn cold(&self) -> *mut Cold {
        // SAFETY: the frame is being polled, so its head is valid; nothing else refers to it.
        unsafe { (*self.head).cold }
    }

    /// Takes the slot out of the thread's chain, if it is there.
    #[inline(always)]
    pub(super) fn unlink(&self) {
        if self.linked.get() {
            thread::unlink(self.id);
        }
    }
}

/// The vtable of our own waker, by which [`lookup`] knows it. Its data is the slot.
pub(super) static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, ignore, wake, ignore);

/// Nobody owns a waker of ours, to wake it by value or to drop it.
unsafe fn ignore(_: *const ()) {}

/// Wakes who resumes the frame, which may be another frame; a sync caller needs no waking.
unsafe fn wake(data: *const ()) {
    // SAFETY: as in `clone`; the caller's waker outlives the resume.
    if let Some(caller) = unsafe { (*data.cast::<SlotHead>()).caller.as_ref() } {
        caller.wake_by_ref();
    }
}

/// A combinator wants a waker of its own: from now on yields may come through that one, so the slot
/// goes into the thread's chain. The clone is the caller's waker: a sync caller has none.
#[cold]
unsafe fn clone(data: *const ()) -> RawWaker {
    let slot = data.cast::<SlotHead>();
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with. `thread` and
    // `caller` never change; the rest is read only if this is the slot's thread (invariant 2).
    let caller = unsafe {
        if (*slot).thread == thread::current() && !(*slot).linked.replace(true) {
            thread::link(slot);
        }
        (*slot).caller.as_ref()
    };
    // The caller's may be ours, too: that of a frame further out.
    let waker = mem::ManuallyDrop::new(caller.unwrap_or(Waker::noop()).clone());
    RawWaker::new(waker.data(), waker.vtable())
}

/// Whether `cx` comes from a sync resume of ours, be it by way of streams: what is driven in it is driven
/// synchronously, too.
#[inline]
pub(crate) fn is_driven_by_us(cx: &Context<'_>) -> bool {
    outermost(cx.waker().data(), cx.waker().vtable()).is_none()
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

type WakerParts = (*const (), &'static RawWakerVTable);

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
        let (data, vtable) = outermost(cx.waker().data(), cx.waker().vtable())?;
        Some(Lent {
            // SAFETY: `data` and `vtable` are a waker's that lives as long as `'a` (a caller's outlives
            // the resume), and is not dropped here.
            waker: mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) }),
            owner: PhantomData,
        })
    }

    #[inline(always)]
    pub(super) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

/// The slot of frame `id`, which must be running on this thread.
///
/// # Panics
///
/// If it is not, with the caller's location.
#[inline(always)]
#[track_caller]
pub(super) fn lookup(cx: &Context<'_>, id: NonZeroU64) -> *const SlotHead {
    let (data, vtable) = (cx.waker().data(), cx.waker().vtable());
    if ptr::eq(vtable, &raw const VTABLE) {
        let slot = data.cast::<SlotHead>();
        // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; `id` and
        // `thread` never change.
        if unsafe { (*slot).id == id && (*slot).thread == thread::current() } {
            return slot;
        }
        // Diverges, and is told nothing: a call that could return, or that was handed the slot,
        // would cost ten times what the look-up does.
        not_running(Location::caller())
    }
    find(id, data, vtable, Location::caller())
}

/// The far path: the future was polled with a waker that is not ours, so the slot is in the
/// thread's chain. Keeps the waker, if it is not the one that the frame was resumed with.
#[cold]
#[inline(never)]
fn find(
    id: NonZeroU64,
    data: *const (),
    vtable: &'static RawWakerVTable,
    at: &'static Location<'static>,
) -> *const SlotHead {
    let Some(slot) = thread::find(id) else {
        not_running(at)
    };
    // SAFETY: `data` and `vtable` are a living waker's, which is not dropped here.
    let waker = mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) });
    // SAFETY: slots in the chain are valid; `head` is the head of a frame that is being polled; the
    // caller's waker outlives the resume.
    unsafe {
        let caller = (*slot).caller;
        if caller.is_null() || !(*caller).will_wake(&waker) {
            // Cloning it is somebody else's code: nothing is borrowed meanwhile.
            if !(*(*slot).head).cold().has_waker(&waker) {
                let kept = (*waker).clone();
                (*(*slot).head).cold().wakers.push(kept);
            }
        }
    }
    slot
}

#[cold]
#[inline(never)]
fn not_running(at: &'static Location<'static>) -> ! {
    panic!("a yield or a scope was awaited at {at} where its generator is not running")
}

//! Our waker, which leads to the slot, and how a future finds its slot through it.

use core::marker::PhantomData;
use core::mem;
use core::num::NonZeroU64;
use core::panic::Location;
use core::ptr;
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

use super::{Flags, SlotHead};
use crate::frame::thread;

/// What the waker of `cx` is made of. Calls that are not inlined are passed this, and not `cx`, so that the optimiser
/// can see what `cx` is.
#[inline(always)]
pub(in crate::frame) fn parts(cx: &Context<'_>) -> WakerParts {
    (cx.waker().data(), cx.waker().vtable())
}

/// Whether a waker with `vtable` is ours.
#[inline(always)]
pub(in crate::frame) fn is_ours(vtable: &'static RawWakerVTable) -> bool {
    ptr::eq(vtable, &raw const VTABLE)
}

/// Whether `cx` is the one that is lent from `slot`: not some combinator's, and not another frame's.
pub(in crate::frame) fn is_of(cx: &Context<'_>, slot: &SlotHead) -> bool {
    let (data, vtable) = parts(cx);
    is_ours(vtable) && ptr::addr_eq(data, slot)
}

/// The vtable of our own waker, by which [`near`] knows it. Its data is the slot.
pub(in crate::frame) static VTABLE: RawWakerVTable =
    RawWakerVTable::new(clone, ignore, wake, ignore);

/// A waker of ours is never owned, so it is never woken by value, nor dropped.
unsafe fn ignore(_: *const ()) {}

/// Wakes whatever resumes the frame, which may be another frame. A sync caller needs no waking: the body is polled
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
    // The caller's waker may be ours, too: that of a frame further out.
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

/// Whether `cx` comes from a sync resume of ours, even if by way of streams: what is driven inside is then driven
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
pub(super) fn outermost(data: *const (), vtable: &'static RawWakerVTable) -> Option<WakerParts> {
    if !ptr::eq(vtable, &raw const VTABLE) {
        return Some((data, vtable));
    }
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with, whose caller's
    // waker outlives the resume.
    let caller = unsafe { (*data.cast::<SlotHead>()).caller.as_ref() }?;
    outermost_from(caller)
}

/// [`outermost`], for a caller's waker.
#[cold]
#[inline(never)]
fn outermost_from(waker: &Waker) -> Option<WakerParts> {
    outermost(waker.data(), waker.vtable())
}

/// The waker at the end of the callers of `waker`, as far as they are known: a waker that a frame lends leads to that
/// of its caller.
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

pub(in crate::frame) type WakerParts = (*const (), &'static RawWakerVTable);

/// A waker that belongs to other code.
pub(in crate::frame) struct BorrowedWaker<'a> {
    waker: mem::ManuallyDrop<Waker>,
    owner: PhantomData<&'a Waker>,
}

impl BorrowedWaker<'_> {
    /// The waker that `cx` has, or, if that is ours, its caller's: `None` if the caller is sync.
    ///
    /// What is driven with it in a context of its own sees the same waker, but not the address of
    /// `cx`: in a sync resume in which everything is inlined, the optimiser then still knows that
    /// nothing else sees that address.
    #[inline(always)]
    pub(in crate::frame) fn foreign<'a>(cx: &'a Context<'_>) -> Option<BorrowedWaker<'a>> {
        let (data, vtable) = parts(cx);
        let (data, vtable) = outermost(data, vtable)?;
        Some(BorrowedWaker {
            // SAFETY: `data` and `vtable` are a waker's that lives as long as `'a` (a caller's outlives
            // the resume), and is not dropped here.
            waker: mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) }),
            owner: PhantomData,
        })
    }

    /// The waker of `cx`; `None` if `cx` comes from a sync resume. What is driven with a context of its own sees
    /// the same waker, and through that what is outside.
    #[inline(always)]
    pub(in crate::frame) fn of<'a>(cx: &'a Context<'_>) -> Option<BorrowedWaker<'a>> {
        let (data, vtable) = parts(cx);
        outermost(data, vtable)?;
        Some(BorrowedWaker {
            // SAFETY: `data` and `vtable` are a waker's that lives as long as `'a`, and is not dropped here.
            waker: mem::ManuallyDrop::new(unsafe { Waker::new(data, vtable) }),
            owner: PhantomData,
        })
    }

    #[inline(always)]
    pub(in crate::frame) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

/// Whether the data of `cx`'s waker is a slot, and one of this thread.
#[inline(always)]
pub(in crate::frame) fn is_near((data, vtable): WakerParts) -> bool {
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; `thread` never changes.
    is_ours(vtable) && unsafe { (*data.cast::<SlotHead>()).thread } == thread::current()
}

/// The slot of frame `id`, if `cx` is lent from it. If not, the slot may be in the thread's chain, where [`find`]
/// looks; what comes back then is the first waker on the way out that is not that of this poll's own frame.
///
/// Calls that are not inlined are not handed the slot, and return nothing that could be taken for it: either would
/// cost ten times as much as the look-up.
///
/// # Panics
///
/// If `cx` comes from a sync resume of another frame: nothing outside that is found through it.
#[inline(always)]
#[track_caller]
pub(in crate::frame) fn near(
    cx: &Context<'_>,
    id: NonZeroU64,
) -> Result<*const SlotHead, WakerParts> {
    let (data, vtable) = parts(cx);
    if !is_ours(vtable) {
        return Err((data, vtable));
    }
    let slot = data.cast::<SlotHead>();
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; what is read never changes. The
    // caller's waker outlives that.
    unsafe {
        if (*slot).thread == thread::current() && (*slot).id() == id {
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
/// If it is not running there, with the caller's location.
#[inline(always)]
#[track_caller]
pub(in crate::frame) fn lookup(cx: &Context<'_>, id: NonZeroU64) -> *const SlotHead {
    match near(cx, id) {
        Ok(slot) => slot,
        // SAFETY: a living waker's parts.
        Err(parts) => unsafe { find(id, parts, Location::caller()) },
    }
}

/// The far path: the future is polled with a waker that is not the frame's, but has the parts that [`near`] gave. If
/// those do not belong to a frame of ours whose callers lead to the slot, the slot is in the thread's chain.
///
/// # Safety
///
/// The parts are a living waker's.
///
/// # Panics
///
/// If the slot is not found, with the place `at`.
#[cold]
#[inline(never)]
pub(in crate::frame) unsafe fn find(
    id: NonZeroU64,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> *const SlotHead {
    let (mut data, mut vtable) = parts;
    while is_ours(vtable) {
        let slot = data.cast::<SlotHead>();
        // SAFETY: as in `near`.
        let caller = unsafe {
            if (*slot).thread == thread::current() && (*slot).id() == id {
                return slot;
            }
            (*slot).caller.as_ref()
        };
        let Some(caller) = caller else { break };
        (data, vtable) = (caller.data(), caller.vtable());
    }
    thread::find(id).unwrap_or_else(|| not_running(at))
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

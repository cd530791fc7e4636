//! Our waker, whose data is the slot; and wakers that are not ours.

use core::marker::PhantomData;
use core::mem;
use core::ptr;
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

#[cfg(feature = "std")]
use super::chain;
use super::slot_head::SlotHead;
use crate::frame::cold_data;
#[cfg(feature = "std")]
use crate::frame::flags::Flags;
use crate::frame::status::Target;
#[cfg(feature = "std")]
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

/// The vtable of our own waker, by which [`near`](super::near) knows it. Its data is the slot.
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
        #[cfg(not(feature = "std"))]
        (*slot).told.wake();
        #[cfg(feature = "std")]
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
        #[cfg(not(feature = "std"))]
        (*slot).told.clone_waker();
        #[cfg(feature = "std")]
        link(data, Flags::CLONED);
        (*slot).caller.as_ref()
    };
    // The caller's waker may be ours, too: that of a frame further out.
    let waker = mem::ManuallyDrop::new(caller.unwrap_or(Waker::noop()).clone());
    RawWaker::new(waker.data(), waker.vtable())
}

/// Puts the frames that `cx` comes from into the chain, for what is then polled with another waker.
#[cfg(feature = "std")]
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

/// There is no chain.
#[cfg(not(feature = "std"))]
pub(crate) fn link_all(_: &Context<'_>) {}

/// Whether a generator that `cx` comes from has yielded a value in this poll.
#[cfg(feature = "aio")]
#[inline]
pub(crate) fn has_yielded(cx: &Context<'_>) -> bool {
    let (data, vtable) = parts(cx);
    is_ours(vtable) && has_yielded_rarely(data)
}

/// The same, for the slot at `data`, and those that it comes from.
#[cfg(feature = "aio")]
#[cold]
#[inline(never)]
fn has_yielded_rarely(mut data: *const ()) -> bool {
    loop {
        let slot = data.cast::<SlotHead>();
        // SAFETY: the data of a waker of ours is a slot that is being polled with; `thread` and `caller` never change,
        // and the rest is for its own thread. The caller's waker outlives the resume.
        let caller = unsafe {
            if (*slot).thread == thread::current() && (*slot).has(Flags::FULL) {
                return true;
            }
            (*slot).caller.as_ref()
        };
        match caller {
            Some(caller) if is_ours(caller.vtable()) => data = caller.data(),
            _ => return false,
        }
    }
}

/// Whether `cx` comes from a sync resume of ours, even if by way of streams: what is driven inside is then driven
/// synchronously, too.
#[cfg(feature = "std")]
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

/// Puts a slot into the thread's chain, and sets `flags`.
///
/// # Safety
///
/// `data` is the data of a waker of ours.
#[cfg(feature = "std")]
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
            chain::link(slot);
        }
        (*slot).set(flags.with(Flags::LINKED));
    }
}

impl SlotHead {
    /// A clone of the foreign waker by which something of ours is polled with the waker of `parts`: none if the frame
    /// itself polls that, as it polls its body in any case. Cloning runs foreign code, which may come back here.
    ///
    /// # Safety
    ///
    /// They are a living waker's.
    pub(in crate::frame) unsafe fn clone_foreign(
        &self,
        (data, vtable): WakerParts,
    ) -> Option<Waker> {
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
    pub(in crate::frame) unsafe fn keep_scope(&self, scope: Target, (data, vtable): WakerParts) {
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
    pub(in crate::frame) fn forget_scope(&self, scope: Target) {
        // SAFETY: null, or the cold box of the frame that is being polled.
        unsafe { cold_data::forget_scope(self.cold(), scope) };
    }
}

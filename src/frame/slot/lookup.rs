//! How a future finds the slot of its frame, through the waker that it is polled with.

use core::num::NonZeroU64;
use core::panic::Location;
use core::task::Context;

use super::chain;
#[cfg(feature = "aio")]
use super::on_demand;
use super::slot_head::SlotHead;
use super::waker::{WakerParts, is_ours, parts};
use crate::frame::thread;

/// Whether the data of `cx`'s waker is a slot, and one of this thread: without std that is known only of one with that
/// id ([`crate::frame::without_std`]).
#[inline(always)]
pub(in crate::frame) fn is_near((data, vtable): WakerParts, id: NonZeroU64) -> bool {
    let slot = data.cast::<SlotHead>();
    // SAFETY: `data` of a waker with our vtable is a slot that is being polled with; what is read never changes.
    is_ours(vtable)
        && unsafe {
            (*slot).thread == thread::current() && (cfg!(feature = "std") || (*slot).id() == id)
        }
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
    linked_or_made(id).unwrap_or_else(|| not_running(at))
}

/// The slot of frame `id` on this thread: one in the chain, or one that is made now ([`on_demand`]).
fn linked_or_made(id: NonZeroU64) -> Option<*const SlotHead> {
    let linked = chain::find(id);
    #[cfg(feature = "aio")]
    let linked = linked.or_else(|| on_demand::make(id));
    linked
}

#[cold]
#[inline(never)]
fn not_running(at: &'static Location<'static>) -> ! {
    const MORE: &str = if cfg!(feature = "std") {
        ""
    } else {
        " (without cogen's feature `std`, a combinator must not poll it with a waker of its own)"
    };
    panic!(
        "a yield or a scope was awaited at {at} where its generator is not running, or is polled with a waker that \
         does not come from it{MORE}: use the `co` of the body that is running (it is the closure's argument), or drive an \
         inner generator by `anext` or as a stream"
    )
}

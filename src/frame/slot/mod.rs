//! The exchange slot: one per resume, on the stack of the resume function.
//!
//! 1. A slot is used only for a future of the frame whose id it has. The id also proves that the
//!    types match: a [`super::Co`] gets the id and the types from the one `Frame` it is made for.
//! 2. A slot is used only on the thread that polls. Our own waker is `Sync`, so a body can have a
//!    yield polled with it on another thread: [`near`] compares the thread's token before it reads
//!    anything that changes. (Without std there is no token: [`super::without_std`].)
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

#[cfg(feature = "std")]
mod chain;
mod gate;
mod lookup;
#[cfg(not(feature = "std"))]
mod no_chain;
#[cfg(feature = "aio")]
mod on_demand;
mod repoll;
mod slot_head;
mod values;
mod waker;

#[cfg(not(feature = "std"))]
use no_chain as chain;

pub(super) use lookup::{find, is_near, lookup, near};
#[cfg(feature = "aio")]
pub(super) use on_demand::SlotOnDemand;
pub(super) use slot_head::SlotHead;
pub(super) use values::{Slot, is_put};
#[cfg(feature = "std")]
pub(crate) use waker::is_driven_by_us;
pub(crate) use waker::link_all;
pub(super) use waker::{BorrowedWaker, VTABLE, WakerParts, is_of, parts};
#[cfg(feature = "aio")]
pub(crate) use waker::{has_yielded, outermost_of};

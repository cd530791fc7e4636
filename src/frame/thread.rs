//! What the engine keeps per thread: fresh ids, the thread's token, and the chain of running frames
//! that a foreign waker can reach.
//!
//! 1. An id is handed out once in the life of the process. A thread takes ids in blocks of
//!    [`BLOCK`], so that an id costs no atomic operation.
//! 2. A [`ThreadToken`] is the address of a thread-local: two living threads never share one. It is
//!    compared only with tokens of living threads (a slot lives while its thread polls).
//! 3. The chain links slots on this thread's stack. A linked slot is unlinked before its stack
//!    frame ends, on unwind too ([`super::frame`]).

use core::cell::Cell;
use core::num::NonZeroU64;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

use super::slot::SlotHead;
use super::status::ID_END;

/// Ids are multiples of this: the bits below are free for a state beside an id, in one word.
pub(super) const STEP: u64 = 4;

/// What a thread takes from the process at once, of which every [`STEP`]th number is an id.
pub(super) const BLOCK: u64 = if cfg!(miri) { 1 << 12 } else { 1 << 18 };

/// The first id of the next block. It starts above 0, so that no id is one of the small numbers
/// that [`super::frame_head`] uses for states.
static NEXT_BLOCK: AtomicU64 = AtomicU64::new(BLOCK);

/// What the thread's chain keeps of a slot in it.
#[derive(Clone, Copy)]
pub(super) struct Link {
    /// The frame's. It is not read there: in the rare ends of a step the frame is borrowed as a whole.
    pub(super) id: NonZeroU64,
    /// The slot that was linked before, or null.
    pub(super) next: *const SlotHead,
}

struct Thread {
    /// The next id; a multiple of [`BLOCK`] means that the block is used up.
    next_id: Cell<u64>,
    /// The slot that was linked last, or null.
    chain: Cell<*const SlotHead>,
    /// What [`unique`] gives, or 0.
    unique: Cell<u64>,
}

thread_local! {
    static THREAD: Thread = const {
        Thread { next_id: Cell::new(0), chain: Cell::new(ptr::null()), unique: Cell::new(0) }
    };
}

/// Identifies a living thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct ThreadToken(*const ());

/// The token of the calling thread.
#[inline]
pub(super) fn current() -> ThreadToken {
    THREAD.with(|thread| ThreadToken(ptr::from_ref(thread).cast()))
}

/// A number of the calling thread that no other thread ever has: unlike the token, it may be kept.
#[inline]
pub(super) fn unique() -> u64 {
    let unique = THREAD.with(|thread| thread.unique.get());
    if unique == 0 { first_unique() } else { unique }
}

#[cold]
#[inline(never)]
fn first_unique() -> u64 {
    let id = fresh_id().get();
    THREAD.with(|thread| thread.unique.set(id));
    id
}

/// A number that was never used before: it identifies a frame or a scope.
#[inline]
pub(super) fn fresh_id() -> NonZeroU64 {
    THREAD.with(|thread| {
        let mut id = thread.next_id.get();
        if id % BLOCK == 0 {
            id = take_block();
        }
        thread.next_id.set(id + STEP);
        // SAFETY: so is the first id, and the others are steps from it.
        unsafe { core::hint::assert_unchecked(id % STEP == 0) };
        // SAFETY: a block starts above 0 and counts up; `take_block` sees to it that there are enough.
        unsafe { NonZeroU64::new_unchecked(id) }
    })
}

/// The first usable id of a block of this thread's own.
#[cold]
#[inline(never)]
fn take_block() -> u64 {
    let block = NEXT_BLOCK.fetch_add(BLOCK, Ordering::Relaxed);
    assert!(block < ID_END, "all frame ids have been used");
    block + STEP
}

/// Puts a slot into this thread's chain.
///
/// # Safety
///
/// `slot` points to a slot on this thread's stack, is not linked, and stays valid until it is.
pub(super) unsafe fn link(slot: *const SlotHead) {
    THREAD.with(|thread| {
        let next = thread.chain.replace(slot);
        // SAFETY: `slot` is valid by the contract.
        unsafe {
            let id = (*slot).id();
            (*slot).set_link(Link { id, next });
        }
    });
}

/// Takes the slot of frame `id` out of this thread's chain, if it is there.
///
/// This goes by id, not by address: a call that is handed the slot's address would keep the
/// optimiser from holding the slot in registers, even where the call never happens.
#[cold]
#[inline(never)]
pub(super) fn unlink(id: NonZeroU64) {
    THREAD.with(|thread| {
        let (mut before, mut slot) = (ptr::null::<SlotHead>(), thread.chain.get());
        while !slot.is_null() {
            // SAFETY: linked slots are valid (invariant 3), and so is the one before, if there is one.
            unsafe {
                let link = (*slot).link();
                if link.id == id {
                    match before.as_ref() {
                        None => thread.chain.set(link.next),
                        Some(before) => before.set_link(Link {
                            id: before.link().id,
                            next: link.next,
                        }),
                    }
                    return;
                }
                (before, slot) = (slot, link.next);
            }
        }
    });
}

/// The slot of frame `id` on this thread: a linked one, or one that is made now ([`super::unyielding`]).
pub(super) fn find(id: NonZeroU64) -> Option<*const SlotHead> {
    let linked = find_linked(id);
    #[cfg(feature = "aio")]
    let linked = linked.or_else(|| super::unyielding::make(id));
    linked
}

fn find_linked(id: NonZeroU64) -> Option<*const SlotHead> {
    THREAD.with(|thread| {
        let mut slot = thread.chain.get();
        while !slot.is_null() {
            // SAFETY: linked slots are valid (invariant 3).
            unsafe {
                let link = (*slot).link();
                if link.id == id {
                    return Some(slot);
                }
                slot = link.next;
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, STEP, current, fresh_id};
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_across_blocks_and_threads() {
        let take = || {
            (0..BLOCK / STEP + 10)
                .map(|_| fresh_id())
                .collect::<Vec<_>>()
        };
        let other = std::thread::spawn(take);
        let mut ids = take();
        ids.extend(other.join().unwrap());
        let distinct: HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn living_threads_have_different_tokens() {
        let here = current().0.addr();
        assert_eq!(here, current().0.addr());
        std::thread::scope(|s| {
            s.spawn(move || assert_ne!(current().0.addr(), here));
        });
    }
}

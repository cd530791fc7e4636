//! Fresh ids, for frames and scopes.
//!
//! 1. An id is handed out once in the life of the process. A thread takes ids in blocks of
//!    [`BLOCK`], so that an id costs no atomic operation.
//! 2. An id is a multiple of [`STEP`], at least [`BLOCK`], and below [`END`]: what is stored in the same word as an id
//!    uses the numbers that are left.

use core::cell::Cell;
use core::num::NonZeroU64;
use core::sync::atomic::{AtomicU64, Ordering};

/// Ids are multiples of this: the bits below are free for a state beside an id, in one word.
pub(super) const STEP: u64 = 4;

/// What a thread takes from the process at once, of which every [`STEP`]th number is an id.
pub(super) const BLOCK: u64 = if cfg!(miri) { 1 << 12 } else { 1 << 18 };

/// Ids are below this.
const END: u64 = 1 << 61;

/// The first id of the next block. It starts above 0, so that no id is one of the small numbers
/// that [`super::status`] and [`super::flags`] use.
static NEXT_BLOCK: AtomicU64 = AtomicU64::new(BLOCK);

thread_local! {
    /// The next id; a multiple of [`BLOCK`] means that the block is used up.
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// A number that was never used before: it identifies a frame or a scope.
#[inline]
pub(super) fn fresh_id() -> NonZeroU64 {
    NEXT.with(|next| {
        let mut id = next.get();
        if id % BLOCK == 0 {
            id = take_block();
        }
        next.set(id + STEP);
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
    assert!(block < END, "all frame ids have been used");
    block + STEP
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, STEP, fresh_id};
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
}

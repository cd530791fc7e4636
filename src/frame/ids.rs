//! Fresh ids, for frames and scopes.
//!
//! 1. An id is handed out once in the life of the process. A thread takes ids in blocks of
//!    [`BLOCK`], so that an id costs no atomic operation. (Without std each id costs one.)
//! 2. An id is a multiple of [`STEP`], at least [`BLOCK`], and below [`END`]: what is stored in the same word as an id
//!    uses the numbers that are left.

#[cfg(feature = "std")]
use core::cell::Cell;
use core::num::NonZeroU64;

use super::id_counter::Counter;

/// Ids are multiples of this: the bits below are free for a state beside an id, in one word.
pub(super) const STEP: u64 = 4;

/// What a thread takes from the process at once, of which every [`STEP`]th number is an id.
pub(super) const BLOCK: u64 = if cfg!(miri) { 1 << 12 } else { 1 << 18 };

/// Ids are below this.
const END: u64 = 1 << 61;

/// Counts blocks, or ids where there is no std.
static COUNTER: Counter = Counter::new();

#[cfg(feature = "std")]
thread_local! {
    /// The next id; a multiple of [`BLOCK`] means that the block is used up.
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// A number that was never used before: it identifies a frame or a scope.
#[cfg(feature = "std")]
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
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn take_block() -> u64 {
    // The first block starts above 0, so that no id is one of the small numbers that `status` and `flags` use.
    count(BLOCK) + STEP
}

/// The same, without std.
#[cfg(not(feature = "std"))]
pub(super) fn fresh_id() -> NonZeroU64 {
    // SAFETY: it is at least `BLOCK`.
    unsafe { NonZeroU64::new_unchecked(count(STEP)) }
}

/// A number that was never given before: `BLOCK`, and so on in steps of `step`.
fn count(step: u64) -> u64 {
    let number = COUNTER.next();
    assert!(
        number < (END - BLOCK) / step,
        "all frame ids have been used"
    );
    BLOCK + number * step
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

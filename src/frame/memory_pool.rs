//! The memory of called bodies, and of tasks: what one gives back, the next one on the same thread
//! takes.
//!
//! 1. A block of a class has the size of that class, and is aligned to [`ALIGN`], no matter what allocated it.
//! 2. A block in a list is not in use; its first word points to the next block.
//! 3. The blocks in the lists have `kept` bytes, and [`MOST`] at most.

use core::cell::Cell;
use core::ptr::{self, NonNull};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

const ALIGN: usize = 16;
/// The sizes of neighbouring classes differ by this. They are a word larger than its multiples: that is what the
/// usual allocators hand out without waste.
const STEP: usize = 16;
const WORD: usize = size_of::<usize>();
const CLASSES: usize = 32;
/// How much a thread keeps: ten thousand levels of a small body.
const MOST: usize = 1 << 20;
/// Miri finds a use after free only if memory is given back.
const POOLED: bool = !cfg!(miri);

struct Block {
    next: *mut Block,
}

struct Pool {
    /// The first block of each class.
    lists: [Cell<*mut Block>; CLASSES],
    kept: Cell<usize>,
}

thread_local! {
    static POOL: Pool = const { Pool::new() };
}

/// Memory for a value of `layout`, to be given to [`free`].
#[inline]
pub(crate) fn allocate(layout: Layout) -> NonNull<u8> {
    let Some(class) = class_of(layout) else {
        return fresh(layout);
    };
    let kept = POOL.try_with(|pool| pool.take(class)).ok().flatten();
    kept.unwrap_or_else(|| fresh(layout_of(class)))
}

/// Gives memory back.
///
/// # Safety
///
/// It is from [`allocate`], with the same layout, and not used again.
#[inline]
pub(crate) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
    let Some(class) = class_of(layout) else {
        // SAFETY: by the contract; what has no class was allocated with its own layout.
        return unsafe { dealloc(memory.as_ptr(), layout) };
    };
    // SAFETY: by the contract it is a block of this class, and free.
    let kept = POOL.try_with(|pool| unsafe { pool.keep(memory, class) });
    if !kept.unwrap_or(false) {
        // SAFETY: as above, and in no list.
        unsafe { dealloc(memory.as_ptr(), layout_of(class)) };
    }
}

#[inline]
fn class_of(layout: Layout) -> Option<usize> {
    let class = (layout.size() + WORD - 1) / STEP;
    (POOLED && layout.size() > 0 && class < CLASSES && layout.align() <= ALIGN).then_some(class)
}

#[inline]
const fn bytes_of(class: usize) -> usize {
    class * STEP + WORD
}

#[inline]
fn layout_of(class: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and the size is small.
    unsafe { Layout::from_size_align_unchecked(bytes_of(class), ALIGN) }
}

#[cold]
#[inline(never)]
fn fresh(layout: Layout) -> NonNull<u8> {
    assert!(layout.size() > 0, "only memory of some size is pooled");
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}

impl Pool {
    const fn new() -> Self {
        Self {
            lists: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            kept: Cell::new(0),
        }
    }

    #[inline]
    fn take(&self, class: usize) -> Option<NonNull<u8>> {
        let list = &self.lists[class];
        let block = NonNull::new(list.get())?;
        // SAFETY: a block in a list has a next one (invariant 2).
        list.set(unsafe { block.read() }.next);
        self.kept.set(self.kept.get() - bytes_of(class));
        Some(block.cast())
    }

    /// Keeps a block; `false` if enough are kept already.
    ///
    /// # Safety
    ///
    /// It is of that class (invariant 1), and free.
    #[inline]
    unsafe fn keep(&self, memory: NonNull<u8>, class: usize) -> bool {
        let kept = self.kept.get() + bytes_of(class);
        if kept > MOST {
            return false;
        }
        let (list, block) = (&self.lists[class], memory.cast::<Block>());
        // SAFETY: it is large enough, aligned, and not in use.
        unsafe { block.write(Block { next: list.get() }) };
        list.set(block.as_ptr());
        self.kept.set(kept);
        true
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for class in 0..CLASSES {
            while let Some(block) = self.take(class) {
                // SAFETY: a block of this class (invariant 1), which is in no list now.
                unsafe { dealloc(block.as_ptr(), layout_of(class)) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, Layout, MOST, Pool, STEP, bytes_of, class_of, fresh, layout_of};

    #[test]
    #[cfg_attr(miri, ignore = "nothing is pooled")]
    fn a_block_has_room_for_what_is_of_its_class() {
        for size in 1..bytes_of(CLASSES - 1) {
            let layout = Layout::from_size_align(size, 8).unwrap();
            let class = class_of(layout).unwrap_or_else(|| panic!("{size} bytes have a class"));
            assert!((size..size + STEP).contains(&bytes_of(class)), "{size}");
        }
        let larger = Layout::from_size_align(bytes_of(CLASSES - 1) + 1, 8).unwrap();
        assert_eq!(class_of(larger), None);
    }

    #[test]
    fn a_block_is_given_again_and_what_is_too_much_is_not_kept() {
        let (pool, class) = (Pool::new(), 31);
        let enough = MOST / bytes_of(class);
        let blocks: Vec<_> = (0..=enough).map(|_| fresh(layout_of(class))).collect();
        // SAFETY: blocks of that class, which are not in use.
        let keep = |block| unsafe { pool.keep(block, class) };
        assert!(blocks[..enough].iter().all(|block| keep(*block)));
        assert!(!keep(blocks[enough]));
        // SAFETY: from `fresh`, and in no list.
        unsafe { std::alloc::dealloc(blocks[enough].as_ptr(), layout_of(class)) };

        assert_eq!(pool.take(class), Some(blocks[enough - 1]));
        assert_eq!(pool.take(class - 1), None);
        assert!(keep(blocks[enough - 1]), "there is room again");
        assert_eq!(pool.kept.get(), enough * bytes_of(class));
    }
}

//! The memory of called bodies, from the allocator.

use alloc::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use core::ptr::NonNull;

/// Memory for a value of `layout`, to be given to [`free`].
#[inline]
pub(in crate::frame) fn allocate(layout: Layout) -> NonNull<u8> {
    assert!(layout.size() > 0, "only memory of some size is allocated");
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc(layout) };
    NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Gives memory back.
///
/// # Safety
///
/// It is from [`allocate`], with the same layout, and not used again.
#[inline]
pub(in crate::frame) unsafe fn free(memory: NonNull<u8>, layout: Layout) {
    // SAFETY: by the contract.
    unsafe { dealloc(memory.as_ptr(), layout) };
}

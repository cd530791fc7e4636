//! Where the value that a step gives goes: a value of a word or less comes back, a larger one is put where the caller
//! says, so that it is moved only once.

use core::mem::MaybeUninit;
use core::ptr;

use super::slot::Slot;

/// One of the two ways.
pub(super) trait ValuePlace<Y> {
    /// What comes back.
    type Given;

    fn pointer(&mut self) -> *mut MaybeUninit<Y>;

    /// # Safety
    ///
    /// The slot is `FULL`, and not `CALLED`.
    unsafe fn take<S>(slot: &Slot<Y, S>) -> Self::Given;
}

/// A value that comes back.
pub(super) struct InSlot;

/// A value that is put.
pub(super) struct InPlace<'a, Y>(pub(super) &'a mut MaybeUninit<Y>);

impl<Y> ValuePlace<Y> for InSlot {
    type Given = Y;

    #[inline(always)]
    fn pointer(&mut self) -> *mut MaybeUninit<Y> {
        ptr::null_mut()
    }

    #[inline(always)]
    unsafe fn take<S>(slot: &Slot<Y, S>) -> Y {
        // SAFETY: by the contract.
        unsafe { slot.take_out() }
    }
}

impl<Y> ValuePlace<Y> for InPlace<'_, Y> {
    type Given = ();

    #[inline(always)]
    fn pointer(&mut self) -> *mut MaybeUninit<Y> {
        self.0
    }

    /// It belongs to the caller from now on.
    #[inline(always)]
    unsafe fn take<S>(_slot: &Slot<Y, S>) {}
}

/// A vtable has both ways. The body is polled only in the one that is used: if both polled it, it would be inlined
/// into neither.
#[cold]
#[inline(never)]
pub(super) fn other_way() -> ! {
    unreachable!("a step is asked for in the way that the size of the value calls for")
}

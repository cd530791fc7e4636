use alloc::boxed::Box;
use core::ptr::NonNull;

/// One boxed value whose type only the owner knows. It lives in the cold box of a frame, which does
/// not know what its body returns, so that a frame that kept nothing has only one thing to look at
/// when it is dropped.
pub(super) struct KeptOutcome {
    value: NonNull<()>,
    drop: unsafe fn(NonNull<()>),
}

// SAFETY: the owner is the `Frame` whose body's output this is; it has a marker field by which it is
// `Send` only if the output is.
unsafe impl Send for KeptOutcome {}

impl KeptOutcome {
    pub(super) fn new<T>(value: T) -> Self {
        // SAFETY: made from a box of the same type in `new`, and called once, by `Drop`.
        unsafe fn drop_box<T>(value: NonNull<()>) {
            // SAFETY: by the contract.
            drop(unsafe { Box::from_raw(value.cast::<T>().as_ptr()) });
        }
        Self {
            value: NonNull::from(Box::leak(Box::new(value))).cast(),
            drop: drop_box::<T>,
        }
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// It was made by `new::<T>`.
    pub(super) unsafe fn into_inner<T>(self) -> T {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: `new::<T>` leaked a box of a `T`; `self` is gone.
        *unsafe { Box::from_raw(this.value.cast::<T>().as_ptr()) }
    }
}

impl Drop for KeptOutcome {
    fn drop(&mut self) {
        // SAFETY: `drop` goes with `value`, which has not been taken.
        unsafe { (self.drop)(self.value) };
    }
}

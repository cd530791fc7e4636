//! What a frame keeps between resumes, beside its body.

use core::num::NonZeroU64;
use core::ptr;

use super::cold_data::{self, ColdData};
use super::status::Status;

pub(super) struct FrameHead {
    pub(super) id: NonZeroU64,
    pub(super) status: Status,
    /// Null, or owned: nothing else has this address between resumes.
    pub(super) cold: *mut ColdData,
}

// SAFETY: `cold` is owned, and a `ColdData` is `Send` (asserted in its file).
unsafe impl Send for FrameHead {}
// SAFETY: a shared `FrameHead` gives no access to `cold`.
unsafe impl Sync for FrameHead {}

impl FrameHead {
    #[inline]
    pub(super) fn new(id: NonZeroU64) -> Self {
        Self {
            id,
            status: Status::CREATED,
            cold: ptr::null_mut(),
        }
    }

    /// The rare state, allocated if need be.
    pub(super) fn cold(&mut self) -> &mut ColdData {
        self.cold = cold_data::ensure(self.cold);
        // SAFETY: `ensure` gave an owned, valid box, and nothing else uses the head now.
        unsafe { &mut *self.cold }
    }
}

impl Drop for FrameHead {
    #[inline]
    fn drop(&mut self) {
        if !self.cold.is_null() {
            // SAFETY: the box is ours, and this head is gone.
            unsafe { cold_data::drop_cold(self.cold) };
        }
    }
}

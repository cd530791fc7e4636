//! Without std there is no chain of slots: one is found through our own waker only.

use core::num::NonZeroU64;

use super::slot_head::SlotHead;

pub(super) fn find(_: NonZeroU64) -> Option<*const SlotHead> {
    None
}

#[expect(clippy::unused_self, reason = "with std it may be in the chain")]
impl SlotHead {
    #[inline(always)]
    pub(in crate::frame) fn unlink(&self) {}

    #[inline(always)]
    pub(in crate::frame) fn unlink_frame(&self, _: NonZeroU64) {}

    #[inline(always)]
    pub(in crate::frame) fn leave(&self) {}
}

//! The drop of a called body.

use core::ptr::NonNull;
use core::sync::atomic::Ordering;

use super::node::{AnyNode, NodeHead, OWNED, abandon, free};

/// A body whose `Call` has been dropped, and which is no longer polled.
pub(in crate::frame) struct Doomed(pub(super) AnyNode);

impl Doomed {
    /// Drops the body.
    ///
    /// # Safety
    ///
    /// In `'g`, on the thread where it was doomed, once.
    pub(in crate::frame) unsafe fn drop_body(&self) {
        let _leave = Leave(self);
        // SAFETY: it was doomed by its `Call`, which had it.
        unsafe { self.0.as_ref().clear() };
    }

    /// The node is no longer needed.
    ///
    /// # Safety
    ///
    /// There is nothing in it, and it is not used afterwards.
    #[cold]
    pub(super) unsafe fn leave(&self) {
        let head: NonNull<NodeHead> = self.0.cast();
        // SAFETY: it is there until then; and this has it, or has just left it to the handles.
        unsafe {
            if head.as_ref().state.load(Ordering::Acquire) == OWNED || abandon(head) {
                free(self.0);
            }
        }
    }
}

/// On unwind too.
struct Leave<'a>(&'a Doomed);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // SAFETY: what was in it is gone (invariant 6).
        unsafe { self.0.leave() };
    }
}

//! The frame's side of a node.

use core::sync::atomic::Ordering;
use core::task::Context;

use super::doomed::Doomed;
use super::node::{ABANDONED, AnyNode, Holds, NodeHead, OWNED, Progress, Way};

/// A handle of a node, in a frame.
pub(in crate::frame) struct Handle(pub(super) AnyNode);

// SAFETY: it may be dropped anywhere (invariants 2 to 4); everything else is unsafe to use.
unsafe impl Send for Handle {}
// SAFETY: what it gives access to by a shared reference is unsafe to use.
unsafe impl Sync for Handle {}

impl Handle {
    fn head(&self) -> &NodeHead {
        // SAFETY: the head comes first in a node (`repr(C)`), which is there as long as its handles.
        unsafe { self.0.cast().as_ref() }
    }

    /// # Safety
    ///
    /// This is the thread of invariant 2, and `'g` has not ended.
    #[inline]
    pub(in crate::frame) unsafe fn poll(&self, cx: &mut Context<'_>) -> Progress {
        // SAFETY: by the contract.
        unsafe { self.0.as_ref().poll(cx) }
    }

    /// Drops the body, if it is not being polled.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    pub(in crate::frame) unsafe fn kill(&self) {
        let head = self.head();
        if head.holds.get() == Holds::Running {
            // SAFETY: by the contract; it is not being polled.
            unsafe { self.0.as_ref().clear() };
        }
    }

    /// The frame is not to poll the body directly: something beside it wants to be polled, too.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    pub(in crate::frame) unsafe fn nest(&self) {
        self.head().way.set(Way::Nested);
    }

    /// There was a sign of something beside the call, which may have ended since: the second time
    /// counts.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    pub(in crate::frame) unsafe fn doubt(&self) {
        let way = &self.head().way;
        way.set(match way.get() {
            Way::Direct => Way::Doubted,
            Way::Doubted | Way::Nested => Way::Nested,
        });
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let head = self.head();
        let rest = head.handles.get() - 1;
        head.handles.set(rest);
        if rest > 0 || head.state.swap(OWNED, Ordering::AcqRel) != ABANDONED {
            // The node may have been freed by now.
            return;
        }
        let doomed = Doomed(self.0);
        // SAFETY: there is neither a `Call` nor a handle. If there is something in it, it is `Send` (invariant 4); the
        // frame is there, so `'g` has not ended.
        unsafe { doomed.drop_body() };
    }
}

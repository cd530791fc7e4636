//! The `Call`'s side of a node.

use alloc::boxed::Box;
use core::alloc::Layout;
use core::future::Future;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

use super::doomed::Doomed;
use super::handle::Handle;
use super::node::{Holds, LINKED, Node, OWNED, abandon, any};
use crate::frame::{memory_pool, thread};

/// What the `Call` holds.
pub(in crate::frame) struct Owner<F: Future> {
    node: NonNull<Node<F>>,
    owns: PhantomData<Box<Node<F>>>,
}

// SAFETY: the body and the output are used by one thread at a time (invariant 4), and are `Send`.
unsafe impl<F: Future + Send> Send for Owner<F> where F::Output: Send {}
// SAFETY: a shared reference gives access to nothing.
unsafe impl<F: Future + Send> Sync for Owner<F> where F::Output: Send {}

impl<F: Future> Owner<F> {
    #[inline]
    pub(in crate::frame) fn new(body: F) -> Self {
        let node = memory_pool::allocate(Layout::new::<Node<F>>()).cast();
        // SAFETY: it has that layout.
        unsafe { node.write(Node::new(body)) };
        Self {
            node,
            owns: PhantomData,
        }
    }

    /// # Safety
    ///
    /// As for [`Callee::poll`], for as long as it is used.
    #[inline]
    pub(in crate::frame) unsafe fn node(&self) -> &Node<F> {
        // SAFETY: it is there until this is dropped.
        unsafe { self.node.as_ref() }
    }

    /// A handle for the frame in which this is polled.
    ///
    /// # Safety
    ///
    /// As for [`node`](Self::node); `F: 'g`.
    #[inline]
    pub(in crate::frame) unsafe fn link<'g>(&self) -> Handle
    where
        F: 'g,
    {
        // SAFETY: by the contract.
        let head = &unsafe { self.node() }.head;
        let handles = head.handles.get();
        head.handles.set(handles + 1);
        if handles == 0 {
            head.thread.set(thread::unique());
            head.state.store(LINKED, Ordering::Relaxed);
        }
        Handle(any(self.node))
    }

    /// The output, if it is there.
    ///
    /// # Safety
    ///
    /// As for [`node`](Self::node).
    #[inline]
    pub(in crate::frame) unsafe fn take(&self) -> Option<F::Output> {
        // SAFETY: by the contract.
        let node = unsafe { self.node() };
        if node.head.holds.get() != Holds::Output {
            return None;
        }
        node.head.holds.set(Holds::Nothing);
        // SAFETY: it was there, and counts as gone now.
        Some(unsafe { ManuallyDrop::take(&mut (*node.body.get()).output) })
    }

    /// Whether `handle` is one of this node.
    #[inline]
    pub(in crate::frame) fn is_of(&self, handle: &Handle) -> bool {
        ptr::addr_eq(self.node.as_ptr(), handle.0.as_ptr())
    }

    /// Ends a handle of this node.
    ///
    /// # Safety
    ///
    /// This is a poll of the `Call`, in a poll of its frame.
    #[inline]
    pub(in crate::frame) unsafe fn take_over(&self, handle: Handle) {
        debug_assert!(self.is_of(&handle));
        mem::forget(handle);
        // SAFETY: by the contract.
        let head = &unsafe { self.node() }.head;
        let rest = head.handles.get() - 1;
        head.handles.set(rest);
        if rest == 0 {
            head.state.store(OWNED, Ordering::Relaxed);
        }
    }

    /// The `Call` is dropped: what is in its node is dropped now, by `drop_body` if it is a body, or by the frame.
    ///
    /// # Safety
    ///
    /// It is called once, and this is not used again. `drop_body` calls [`Doomed::drop_body`] in `'g`, on this thread.
    #[inline]
    pub(in crate::frame) unsafe fn drop_by(&self, drop_body: impl FnOnce(Doomed)) {
        let node = self.node;
        // SAFETY: it is there until the side that comes last frees it.
        let head = unsafe { &node.as_ref().head };
        if head.state.load(Ordering::Acquire) != OWNED {
            let here = head.thread.get() == thread::unique();
            // On another thread the node belongs to the frame, and what is being polled is dropped
            // at the end of that poll.
            if !here || head.holds.get() == Holds::Polled {
                // SAFETY: it is not used afterwards, unless the last handle has just ended.
                if !unsafe { abandon(node.cast()) } {
                    return;
                }
                head.state.store(OWNED, Ordering::Relaxed);
            }
        }
        match head.holds.get() {
            // SAFETY: there is nothing in it, and it is not used afterwards.
            Holds::Nothing => unsafe {
                if head.state.load(Ordering::Relaxed) == OWNED {
                    memory_pool::free(node.cast(), Layout::new::<Node<F>>());
                } else {
                    Doomed(any(node)).leave();
                }
            },
            Holds::Running => {
                head.holds.set(Holds::Doomed);
                drop_body(Doomed(any(node)));
            }
            // SAFETY: it is ours.
            Holds::Output | Holds::Doomed | Holds::Polled => unsafe {
                Doomed(any(node)).drop_body();
            },
        }
    }
}

//! The node: memory for a called body, or what the body has returned.

use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::future::Future;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, Ordering};
use core::task::{Context, Poll};

use crate::frame::memory_pool;

pub(super) const OWNED: u8 = 0;
pub(super) const LINKED: u8 = 1;
pub(super) const ABANDONED: u8 = 2;

/// How a body is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the frame.
    Direct,
    /// The frame, but there was once a sign of something beside the call.
    Doubted,
    /// By its `Call`, where that is polled.
    Nested,
}

/// What is in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The body.
    Running,
    /// The body, which is being polled.
    Polled,
    /// The body, whose `Call` is being dropped: it is not polled again, and waits to be dropped
    /// ([`crate::frame::drop_queue`]).
    Doomed,
    /// What the body has returned, for its `Call` to take.
    Output,
    Nothing,
}

/// The part that does not depend on the body's type.
pub(super) struct NodeHead {
    pub(super) state: AtomicU8,
    pub(super) holds: Cell<Holds>,
    pub(super) way: Cell<Way>,
    pub(super) handles: Cell<u32>,
    /// The handles' thread.
    pub(super) thread: Cell<u64>,
}

#[repr(C)]
pub(in crate::frame) struct Node<F: Future> {
    pub(super) head: NodeHead,
    pub(super) body: UnsafeCell<Body<F>>,
}

/// Dropped by hand (invariant 6).
pub(super) union Body<F: Future> {
    pub(super) running: ManuallyDrop<F>,
    pub(super) output: ManuallyDrop<F::Output>,
}

/// How a poll of a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frame) enum Progress {
    Pending,
    /// Its `Call` has the output, or is gone.
    Over,
    /// It is being polled already.
    Busy,
}

/// A node of any type.
pub(in crate::frame) trait Callee {
    /// # Safety
    ///
    /// The caller may use the node (invariant 4), and `'g` has not ended.
    unsafe fn poll(&self, cx: &mut Context<'_>) -> Progress;

    /// Drops what is there.
    ///
    /// # Safety
    ///
    /// As for `poll`, and it is not being polled.
    unsafe fn clear(&self);
}

/// A [`Callee`] that is referred to without its lifetime.
pub(super) type AnyNode = NonNull<dyn Callee>;

/// Forgets the lifetime of a node: it is only used in `'g`.
pub(super) fn any<'g, F: Future + 'g>(node: NonNull<Node<F>>) -> AnyNode {
    let node: NonNull<dyn Callee + 'g> = node;
    // SAFETY: only the lifetime changes.
    unsafe { core::mem::transmute::<NonNull<dyn Callee + 'g>, AnyNode>(node) }
}

/// The `Call` is gone. Returns whether there is no handle: then the caller has the node. Otherwise the node may have
/// been freed by now.
///
/// # Safety
///
/// It is the head of a node, whose `Call` has not been there before.
pub(super) unsafe fn abandon(head: NonNull<NodeHead>) -> bool {
    // SAFETY: it is there until then.
    unsafe { (*head.as_ptr()).state.swap(ABANDONED, Ordering::AcqRel) == OWNED }
}

/// Frees the memory of a node.
///
/// # Safety
///
/// There is nothing in the node, and nothing uses it.
pub(super) unsafe fn free(node: AnyNode) {
    // SAFETY: it is there.
    let layout = Layout::for_value(unsafe { node.as_ref() });
    // SAFETY: every node is from the pool, with its own layout.
    unsafe { memory_pool::free(node.cast(), layout) };
}

impl NodeHead {
    #[inline]
    fn is_abandoned(&self) -> bool {
        self.state.load(Ordering::Acquire) == ABANDONED
    }
}

impl<F: Future> Node<F> {
    #[inline]
    pub(super) fn new(body: F) -> Self {
        Self {
            head: NodeHead {
                state: AtomicU8::new(OWNED),
                holds: Cell::new(Holds::Running),
                way: Cell::new(Way::Direct),
                handles: Cell::new(0),
                thread: Cell::new(0),
            },
            body: UnsafeCell::new(Body {
                running: ManuallyDrop::new(body),
            }),
        }
    }

    /// The body is no longer there.
    #[inline]
    pub(in crate::frame) fn is_over(&self) -> bool {
        !matches!(self.head.holds.get(), Holds::Running | Holds::Polled)
    }

    #[inline]
    pub(in crate::frame) fn is_polled(&self) -> bool {
        self.head.holds.get() == Holds::Polled
    }

    #[inline]
    pub(in crate::frame) fn is_nested(&self) -> bool {
        self.head.way.get() == Way::Nested
    }

    #[inline]
    pub(in crate::frame) fn nest(&self) {
        self.head.way.set(Way::Nested);
    }

    /// A poll, where there is more to do than poll a body.
    ///
    /// # Safety
    ///
    /// As for [`Callee::poll`].
    #[cold]
    unsafe fn poll_rarely(&self) -> Progress {
        if self.is_polled() {
            return Progress::Busy;
        }
        if self.head.is_abandoned() {
            // SAFETY: its `Call` has left it to the handles.
            unsafe { self.clear() };
        }
        Progress::Over
    }

    /// Puts the output in the place of the body.
    ///
    /// # Safety
    ///
    /// The caller polls the body.
    unsafe fn complete(&self, output: F::Output) {
        // SAFETY: by the contract; it has just been polled for the last time.
        unsafe { self.clear() };
        // SAFETY: nothing is there, and nothing else uses it.
        unsafe { (*self.body.get()).output = ManuallyDrop::new(output) };
        self.head.holds.set(Holds::Output);
    }
}

/// Ends a poll, also by a panic.
struct Polling<'a, F: Future>(&'a Node<F>);

impl<F: Future> Drop for Polling<'_, F> {
    #[inline]
    fn drop(&mut self) {
        let head = &self.0.head;
        if head.holds.get() == Holds::Polled {
            head.holds.set(Holds::Running);
        }
        if head.is_abandoned() {
            // SAFETY: its `Call` has left it to the handles, by one of which it is polled.
            unsafe { self.0.clear() };
        }
    }
}

impl<F: Future> Callee for Node<F> {
    unsafe fn poll(&self, cx: &mut Context<'_>) -> Progress {
        if self.head.holds.get() != Holds::Running || self.head.is_abandoned() {
            // SAFETY: by the contract.
            return unsafe { self.poll_rarely() };
        }
        self.head.holds.set(Holds::Polled);
        let polling = Polling(self);
        // SAFETY: it is there, and ours. It is pinned: it stays in the node until it is dropped.
        let running = unsafe { Pin::new_unchecked(&mut *(*self.body.get()).running) };
        let Poll::Ready(output) = running.poll(cx) else {
            return Progress::Pending;
        };
        // SAFETY: we poll it.
        unsafe { self.complete(output) };
        drop(polling);
        Progress::Over
    }

    unsafe fn clear(&self) {
        let body = self.body.get();
        // SAFETY: by the contract; what is dropped is there, and counts as gone from now on.
        unsafe {
            match self.head.holds.replace(Holds::Nothing) {
                Holds::Running | Holds::Polled | Holds::Doomed => {
                    ManuallyDrop::drop(&mut (*body).running);
                }
                Holds::Output => ManuallyDrop::drop(&mut (*body).output),
                Holds::Nothing => {}
            }
        }
    }
}

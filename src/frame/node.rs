//! A called body, with two sorts of owners: the future [`Call`](super::Call), and the frame that polls it.
//!
//! 1. `F: 'g`: whoever resumes the frame, which lives in `'g`, may poll the body; even if the `Call` has
//!    been leaked, or moved out of the body that made it.
//! 2. Only the `Call` drops the body or its output, or who has claimed the node for that; a handle never
//!    does. So a handle may be dropped anywhere, at any time.
//! 3. `state` says who may touch `holds` and `body`:
//!
//!    | state | meaning | set by |
//!    |---|---|---|
//!    | `IDLE` | the body is there; whoever changes the state may touch it | [`Node::new`], the end of a poll |
//!    | `POLLING` | it is being polled, by who set this | [`Callee::poll`] |
//!    | `DONE` | the output is there; only the `Call` touches it | the end of a poll |
//!    | `DEAD` | nothing is there, or who set this is dropping it | [`Node::die`], [`Node::take`], [`Callee::kill`] |
//!
//!    If it becomes `DEAD` while the body is polled, who polls drops it.
//! 4. A node is polled through a handle only on the thread on which the frame got the handle: a body that
//!    is not `Send` may have been called.

use std::cell::UnsafeCell;
use std::future::Future;
use std::mem::{self, ManuallyDrop};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

const IDLE: u8 = 0;
const POLLING: u8 = 1;
const DONE: u8 = 2;
const DEAD: u8 = 3;

/// The frame polls it directly.
const DIRECT: u8 = 0;
/// The same, and there was once a sign of something beside the call.
const DOUBTED: u8 = 1;
/// Its `Call` polls it, where that is polled.
const NESTED: u8 = 2;

pub(super) struct Node<F: Future> {
    state: AtomicU8,
    /// Who polls it: `DIRECT`, `DOUBTED` or `NESTED`.
    way: AtomicU8,
    /// What `body` has.
    holds: UnsafeCell<Holds>,
    body: UnsafeCell<Body<F>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Running,
    Output,
    Nothing,
}

/// Dropped by hand (invariant 2).
union Body<F: Future> {
    running: ManuallyDrop<F>,
    output: ManuallyDrop<F::Output>,
}

// SAFETY: the body and the output are used by one thread at a time (invariant 3), and are `Send`.
unsafe impl<F: Future + Send> Send for Node<F> where F::Output: Send {}
// SAFETY: a shared node gives access to what it holds only to who has claimed it (invariant 3).
unsafe impl<F: Future + Send> Sync for Node<F> where F::Output: Send {}

/// How a poll of a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Pending,
    /// Its `Call` has the output, or it is dead.
    Over,
    /// It is being polled already.
    Busy,
}

/// A node of any type.
pub(super) trait Callee {
    /// # Safety
    ///
    /// This is the thread of invariant 4, and `'g` has not ended.
    unsafe fn poll(&self, cx: &mut Context<'_>) -> Progress;

    /// Drops the body, unless somebody else has claimed it.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    unsafe fn kill(&self);

    /// Drops the body of a node that is dead.
    ///
    /// # Safety
    ///
    /// As for `poll`, and the caller has made it `DEAD` when it was `IDLE`.
    unsafe fn drop_body(&self);

    /// The frame is not to poll it directly: something beside it wants to be polled, too.
    fn nest(&self);

    /// There was a sign of something beside it, which may have ended since: the second time counts.
    fn doubt(&self);
}

/// A handle of a node, in a frame.
pub(super) struct Handle(Arc<dyn Callee>);

// SAFETY: it may be dropped anywhere (invariant 2). It is polled on one thread only (invariant 4).
unsafe impl Send for Handle {}
// SAFETY: what it gives access to by a shared reference is unsafe to use, or atomic.
unsafe impl Sync for Handle {}

impl std::ops::Deref for Handle {
    type Target = dyn Callee;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Handle {
    pub(super) fn new<'g, F: Future + 'g>(node: Arc<Node<F>>) -> Self {
        let handle: Arc<dyn Callee + 'g> = node;
        // SAFETY: only the lifetime changes. The unsafe methods ask for it; dropping the handle drops
        // nothing of the type (invariant 2), and the safe methods touch `way` only.
        Self(unsafe { mem::transmute::<Arc<dyn Callee + 'g>, Arc<dyn Callee>>(handle) })
    }
}

/// What the `Call` does.
impl<F: Future> Node<F> {
    pub(super) fn new(body: F) -> Self {
        Self {
            state: AtomicU8::new(IDLE),
            way: AtomicU8::new(DIRECT),
            holds: UnsafeCell::new(Holds::Running),
            body: UnsafeCell::new(Body {
                running: ManuallyDrop::new(body),
            }),
        }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state.load(Ordering::Relaxed) == DEAD
    }

    pub(super) fn is_polling(&self) -> bool {
        self.state.load(Ordering::Relaxed) == POLLING
    }

    pub(super) fn is_nested(&self) -> bool {
        self.way.load(Ordering::Relaxed) == NESTED
    }

    /// The output, if it is there. The node is dead then.
    ///
    /// # Safety
    ///
    /// The caller is the `Call`.
    pub(super) unsafe fn take(&self) -> Option<F::Output> {
        if self.state.load(Ordering::Acquire) != DONE {
            return None;
        }
        self.state.store(DEAD, Ordering::Relaxed);
        // SAFETY: only the `Call` touches a node that is done (invariant 3). The output is there, and
        // is not any more.
        unsafe {
            if self.holds.get().replace(Holds::Nothing) != Holds::Output {
                return None;
            }
            Some(ManuallyDrop::take(&mut (*self.body.get()).output))
        }
    }

    /// Makes it dead, and drops the output. Whether the caller is to drop the body.
    ///
    /// # Safety
    ///
    /// The caller is the `Call`, and is being dropped.
    pub(super) unsafe fn die(&self) -> bool {
        if self.is_dead() {
            // It stays dead, and the `Call` itself or who polls has seen to what is in it.
            return false;
        }
        match self.state.swap(DEAD, Ordering::AcqRel) {
            IDLE => true,
            DONE => {
                // SAFETY: claimed just now; only the output is there.
                unsafe { self.clear() };
                false
            }
            _ => false,
        }
    }

    fn claim(&self, next: u8) -> Result<u8, u8> {
        self.state
            .compare_exchange(IDLE, next, Ordering::Acquire, Ordering::Acquire)
    }

    /// Ends a poll. `false`: it has become dead.
    fn release(&self, next: u8) -> bool {
        self.state
            .compare_exchange(POLLING, next, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Drops what is in the node.
    ///
    /// # Safety
    ///
    /// The caller has claimed the node, and makes or has made it `DEAD`, or puts something there.
    unsafe fn clear(&self) {
        let (holds, body) = (self.holds.get(), self.body.get());
        // SAFETY: claimed, so nobody else touches it. What is dropped is not there any more, even if
        // its destructor panics.
        unsafe {
            match holds.replace(Holds::Nothing) {
                Holds::Running => ManuallyDrop::drop(&mut (*body).running),
                Holds::Output => ManuallyDrop::drop(&mut (*body).output),
                Holds::Nothing => {}
            }
        }
    }

    /// Puts the output in the place of the body.
    ///
    /// # Safety
    ///
    /// The caller polls the body.
    unsafe fn complete(&self, output: F::Output) {
        // SAFETY: claimed; drops the body.
        unsafe { self.clear() };
        // SAFETY: claimed; nothing is there.
        unsafe {
            (*self.body.get()).output = ManuallyDrop::new(output);
            self.holds.get().write(Holds::Output);
        }
    }
}

/// Ends a poll, also by a panic: the body is dropped by the `Call`.
struct Unclaim<'a, F: Future>(&'a Node<F>);

impl<F: Future> Drop for Unclaim<'_, F> {
    fn drop(&mut self) {
        let node = self.0;
        if !node.release(IDLE) {
            // SAFETY: it became dead while it was claimed by us.
            unsafe { node.clear() };
        }
    }
}

impl<F: Future> Callee for Node<F> {
    unsafe fn poll(&self, cx: &mut Context<'_>) -> Progress {
        match self.claim(POLLING) {
            Err(POLLING) => return Progress::Busy,
            Err(_) => return Progress::Over,
            Ok(_) => {}
        }
        let unclaim = Unclaim(self);
        // SAFETY: claimed.
        if unsafe { self.holds.get().read() } != Holds::Running {
            // Its destructor has panicked.
            return Progress::Over;
        }
        // SAFETY: claimed, and there. It is pinned: it stays in the node until it is dropped.
        let running = unsafe { Pin::new_unchecked(&mut *(*self.body.get()).running) };
        let Poll::Ready(output) = running.poll(cx) else {
            return Progress::Pending;
        };
        // SAFETY: claimed.
        unsafe { self.complete(output) };
        mem::forget(unclaim);
        if !self.release(DONE) {
            // SAFETY: it became dead while it was claimed by us.
            unsafe { self.clear() };
        }
        Progress::Over
    }

    unsafe fn kill(&self) {
        if self.claim(DEAD).is_ok() {
            // SAFETY: claimed just now.
            unsafe { self.clear() };
        }
    }

    unsafe fn drop_body(&self) {
        // SAFETY: by the contract.
        unsafe { self.clear() };
    }

    fn nest(&self) {
        self.way.store(NESTED, Ordering::Relaxed);
    }

    fn doubt(&self) {
        let doubted = self.way.load(Ordering::Relaxed) != DIRECT;
        let way = if doubted { NESTED } else { DOUBTED };
        self.way.store(way, Ordering::Relaxed);
    }
}

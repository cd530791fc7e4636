//! A queue between two threads, of which the one that takes can also wait by a waker.
//!
//! 1. The sender puts an item in at once, and waits afterwards while there is more than the capacity: what is in work
//!    beside the queue is that one item.
//! 2. The receiver takes several items at a time, so that the two seldom meet at the lock. What it has taken and not used
//!    yet (`lent`) counts as if it were still there, if it takes no more than the capacity; it does not if it takes
//!    everything, as it does not tell when it has used that.
//! 3. No item is dropped, and no waker called, while the queue is locked.
//! 4. The receiver leaves its waker, and looks once more afterwards. The sender looks for a waker after it has put
//!    something in. So one of them sees what the other did.

use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::generator::panicked;

/// Where a receiver waits; several queues may share it.
#[derive(Default)]
pub(super) struct Signal {
    /// A waker is there. Set by `leave`, cleared by the wake that takes it.
    is_left: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Signal {
    /// Leaves a waker, in place of the one before. The receiver has to look once more then.
    pub(super) fn leave(&self, waker: &Waker) {
        let waker = waker.clone();
        let before = lock(&self.waker).replace(waker);
        self.is_left.store(true, Ordering::SeqCst);
        drop(before);
    }

    /// There is something to take.
    #[inline]
    pub(super) fn wake(&self) {
        if self.is_left.load(Ordering::SeqCst) && self.is_left.swap(false, Ordering::SeqCst) {
            let waker = lock(&self.waker).take();
            if let Some(waker) = waker {
                // It is somebody else's, and the caller has more to do.
                let wake = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
                if let Err(payload) = wake {
                    panicked("a waker that a pipeline called", payload);
                }
            }
        }
    }
}

/// What the receiver finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Some,
    Nothing,
    /// The sender has ended, and everything is taken.
    Ended,
}

/// Where the sender is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// In code of its own.
    Away,
    /// It waits for room.
    Waits,
    Ended,
}

pub(super) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    room: Condvar,
    /// Whether there may be something to take, for a look without the lock.
    filled: AtomicBool,
    capacity: usize,
}

struct Inner<T> {
    items: VecDeque<T>,
    lent: usize,
    sender: Sender,
    /// The receiver takes no more.
    closed: bool,
}

impl<T> Inner<T> {
    fn is_over(&self, capacity: usize) -> bool {
        !self.closed && self.items.len() + self.lent > capacity
    }
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                items: VecDeque::new(),
                lent: 0,
                sender: Sender::Away,
                closed: false,
            }),
            room: Condvar::new(),
            filled: AtomicBool::new(false),
            capacity,
        }
    }

    /// Puts an item in, which comes back if nothing is taken any more. Tells whether there is more than the capacity.
    #[inline]
    pub(super) fn put(&self, item: T, signal: &Signal) -> Result<bool, T> {
        let mut inner = lock(&self.inner);
        if inner.closed {
            return Err(item);
        }
        inner.items.push_back(item);
        let is_over = inner.is_over(self.capacity);
        self.filled.store(true, Ordering::Relaxed);
        drop(inner);
        signal.wake();
        Ok(is_over)
    }

    /// Waits for room. Whether more is taken.
    #[cold]
    pub(super) fn wait(&self) -> bool {
        let mut inner = lock(&self.inner);
        inner.sender = Sender::Waits;
        while inner.is_over(self.capacity) {
            inner = self
                .room
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        inner.sender = Sender::Away;
        !inner.closed
    }

    /// The sender puts no more in.
    pub(super) fn end(&self, signal: &Signal) {
        lock(&self.inner).sender = Sender::Ended;
        self.filled.store(true, Ordering::Relaxed);
        signal.wake();
    }

    /// Whether there may be something to take; what was put in before a [`Signal::leave`] on this thread is seen only by `take`.
    #[inline]
    pub(super) fn may_have(&self) -> bool {
        self.filled.load(Ordering::Relaxed)
    }

    /// Takes what there is.
    pub(super) fn take_all(&self, into: &mut VecDeque<T>) -> Taken {
        self.take(into, usize::MAX)
    }

    /// Takes what there is, of which the receiver uses one at once, but no more than `most`.
    pub(super) fn take(&self, into: &mut VecDeque<T>, most: usize) -> Taken {
        debug_assert!(into.is_empty());
        let mut inner = lock(&self.inner);
        let count = inner.items.len().min(most);
        if count == inner.items.len() {
            mem::swap(&mut inner.items, into);
        } else {
            into.extend(inner.items.drain(..count));
        }
        inner.lent = match most {
            usize::MAX => 0,
            _ => count.saturating_sub(1),
        };
        let wakes = inner.sender == Sender::Waits && !inner.is_over(self.capacity);
        let taken = match inner.sender {
            _ if count > 0 => Taken::Some,
            Sender::Ended => Taken::Ended,
            Sender::Away | Sender::Waits => Taken::Nothing,
        };
        self.filled.store(
            !inner.items.is_empty() || inner.sender == Sender::Ended,
            Ordering::Relaxed,
        );
        drop(inner);
        if wakes {
            self.room.notify_one();
        }
        taken
    }

    /// Takes no more. Gives back what is left, and where the sender is.
    pub(super) fn close(&self) -> (VecDeque<T>, Sender) {
        let mut inner = lock(&self.inner);
        inner.closed = true;
        let left = mem::take(&mut inner.items);
        let sender = inner.sender;
        drop(inner);
        self.room.notify_one();
        (left, sender)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

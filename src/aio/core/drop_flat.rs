//! Drops values that may hold more of their kind (a task that holds a task, a promise whose value is a
//! promise), without a native stack frame for each.
//!
//! 1. A value that is dropped within [`NATIVE`] other drops waits until the outermost one has ended: the
//!    value is `'static`, so it borrows nothing from those around it.
//! 2. Nothing is left waiting when the outermost drop ends, on unwind too.
//! 3. Nothing is borrowed while something is dropped: that is somebody else's code. If a value that waited
//!    panics, nobody can catch it: the panic is reported.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::mem::ManuallyDrop;

use super::report;

/// This many nested drops are Rust's own, in Rust's order.
const NATIVE: u32 = 16;

/// Never dropped, so that it exists as long as the thread does. Nothing is left in it.
type Waiting = ManuallyDrop<VecDeque<Box<dyn Any>>>;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether something waits: saves a look.
    static WAITS: Cell<bool> = const { Cell::new(false) };
    static WAITING: Cell<Waiting> = const { Cell::new(ManuallyDrop::new(VecDeque::new())) };
}

/// Drops `value`, now or when the outermost of the drops around this one ends.
#[inline]
pub(in crate::aio) fn drop_flat<T: 'static>(value: T) {
    let depth = DEPTH.get();
    if depth >= NATIVE {
        return wait(Box::new(value));
    }
    DEPTH.set(depth + 1);
    let _left = Left(depth);
    drop(value);
}

#[cold]
fn wait(value: Box<dyn Any>) {
    let mut waiting = WAITING.take();
    waiting.push_back(value);
    WAITING.set(waiting);
    WAITS.set(true);
}

/// Ends a drop that was within this many others.
struct Left(u32);

impl Drop for Left {
    #[inline]
    fn drop(&mut self) {
        if self.0 == 0 && WAITS.get() {
            drain();
        }
        DEPTH.set(self.0);
    }
}

#[cold]
fn drain() {
    loop {
        let mut waiting = WAITING.take();
        let Some(next) = waiting.pop_front() else {
            WAITS.set(false);
            // The empty queue's memory, if it had any, is not kept.
            return drop(ManuallyDrop::into_inner(waiting));
        };
        WAITING.set(waiting);
        report::guarded(|| drop(next));
    }
}

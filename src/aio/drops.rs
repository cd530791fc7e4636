//! Drops what may hold more of its kind (a task that holds a task, a promise whose value is a promise),
//! without a native stack frame for each.
//!
//! 1. What is dropped within [`NATIVE`] others waits until the outermost one has been dropped: it is
//!    `'static`, so it borrows nothing from those around it.
//! 2. Nothing waits when the outermost drop ends, on unwind too.
//! 3. Nothing is borrowed while something is dropped: that is somebody else's code. What waited panics
//!    for nobody: its panic is reported.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::mem::ManuallyDrop;

use super::report;

/// So many drops in one another are Rust's own, in Rust's order.
const NATIVE: u32 = 16;

/// Never dropped, so that it is there as long as the thread. Nothing is left in it.
type Waiting = ManuallyDrop<VecDeque<Box<dyn Any>>>;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Something waits: saves a look.
    static WAITS: Cell<bool> = const { Cell::new(false) };
    static WAITING: Cell<Waiting> = const { Cell::new(ManuallyDrop::new(VecDeque::new())) };
}

/// Drops `value`, now or when the outermost of the drops around this one ends.
#[inline]
pub(super) fn drop_flat<T: 'static>(value: T) {
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

/// A drop has ended, which was within as many others.
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
            // Without its memory, if it had any.
            return drop(ManuallyDrop::into_inner(waiting));
        };
        WAITING.set(waiting);
        report::guarded(|| drop(next));
    }
}

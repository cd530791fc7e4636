//! Drops nested called bodies without a native stack frame for each.
//!
//! 1. A body that is dropped during the drop of another one of the same frame waits until that drop has ended. Both
//!    outlive the frame's lifetime `'g`, and the waiting body is part of the other one: what it borrows does not
//!    belong to the other one.
//! 2. A body of another frame does not wait: it may borrow from what is being dropped.
//! 3. Nothing waits when the outermost drop of a frame's body ends, on unwind too.

use core::cell::{Cell, RefCell};
use core::num::NonZeroU64;
use core::ptr;

use super::called_body::Doomed;

/// A drop of a body that is under way on this thread.
struct Dropping {
    id: NonZeroU64,
    waiting: RefCell<Vec<Doomed>>,
    /// The drop around it.
    outer: *const Dropping,
}

thread_local! {
    static INNERMOST: Cell<*const Dropping> = const { Cell::new(ptr::null()) };
}

/// Drops a body of frame `id`, now or when the drop around it ends.
///
/// # Safety
///
/// `'g` has not ended, and this is the thread where the body was doomed.
pub(super) unsafe fn drop_body(id: NonZeroU64, body: Doomed) {
    let Ok(outer) = INNERMOST.try_with(Cell::get) else {
        // The thread is ending: drops are nested, then.
        // SAFETY: by the contract.
        return unsafe { body.drop_body() };
    };
    // SAFETY: what `INNERMOST` points to is on this thread's stack, until it is replaced.
    if let Some(outer) = unsafe { outer.as_ref() } {
        if outer.id == id {
            outer.waiting.borrow_mut().push(body);
            return;
        }
    }
    let dropping = Dropping {
        id,
        waiting: RefCell::default(),
        outer,
    };
    INNERMOST.set(&raw const dropping);
    let rest = Rest(&dropping);
    // SAFETY: by the contract.
    unsafe { body.drop_body() };
    rest.drain();
}

/// Drops what waits, on unwind too.
struct Rest<'a>(&'a Dropping);

impl Rest<'_> {
    fn drain(&self) {
        loop {
            let next = self.0.waiting.borrow_mut().pop();
            let Some(next) = next else { return };
            // SAFETY: it was put here to be dropped once, in time (invariants 1 and 3).
            unsafe { next.drop_body() };
        }
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.drain();
        INNERMOST.set(self.0.outer);
    }
}

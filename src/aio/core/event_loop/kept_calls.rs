//! Done callbacks that hold the thing that is to end. If it never ends, they keep each other for ever, wherever nobody
//! can reach either. So the loop knows of these calls, and drops them at its end.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::observer::Observer;
use crate::aio::core::report::guarded;

pub(in crate::aio) type Call = Box<dyn FnOnce()>;

/// The index with which a call is notified: what it does is the user's.
pub(in crate::aio) const KEPT_CALL: u32 = u32::MAX;

/// A call that the loop can take away.
pub(in crate::aio) struct KeptCall(Cell<Option<Call>>);

impl KeptCall {
    pub(in crate::aio) fn new(call: Call) -> Rc<Self> {
        Rc::new(Self(Cell::new(Some(call))))
    }
}

impl Observer for KeptCall {
    fn notified(self: Rc<Self>, _index: u32) {
        if let Some(call) = self.0.take() {
            guarded(call);
        }
    }
}

/// The calls that a loop knows of.
#[derive(Default)]
pub(super) struct KeptCalls {
    known: RefCell<Vec<Weak<KeptCall>>>,
    /// How many may be known before those that are gone are forgotten.
    full: Cell<usize>,
}

impl KeptCalls {
    pub(super) fn add(&self, call: Weak<KeptCall>) {
        let mut known = self.known.borrow_mut();
        known.push(call);
        if known.len() > self.full.get().max(64) {
            known.retain(|call| call.strong_count() > 0);
            self.full.set(2 * known.len());
        }
    }

    /// Takes the calls that have not been made away from what holds them.
    pub(super) fn take(&self) -> Vec<Call> {
        let known = self.known.take();
        let living = known.iter().filter_map(Weak::upgrade);
        living.filter_map(|call| call.0.take()).collect()
    }
}

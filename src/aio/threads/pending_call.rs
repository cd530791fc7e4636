//! A call that waits for a thread. Whoever takes it first has it: the thread makes it, a cancel drops it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::aio::core::report;

type Call = Box<dyn FnOnce() + Send>;

/// A clone is the same call.
#[derive(Clone, Default)]
pub(super) struct PendingCall {
    /// `None` once it is taken. It is called, or dropped, when nothing is locked: that is somebody else's code.
    call: Arc<Mutex<Option<Call>>>,
}

impl PendingCall {
    pub(super) fn set(&self, call: impl FnOnce() + Send + 'static) {
        *self.call.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(call));
    }

    fn take(&self) -> Option<Call> {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.take()
    }

    /// If it has not begun, it never will, and what it holds is dropped.
    pub(super) fn withdraw(&self) {
        report::discard(self.take());
    }

    /// For an owner without whom the call must not begin.
    pub(super) fn withdrawn_on_drop(self) -> Withdrawn {
        Withdrawn(self)
    }
}

/// The call is withdrawn when this is dropped.
pub(super) struct Withdrawn(PendingCall);

impl Withdrawn {
    /// Makes the call, unless it was withdrawn.
    pub(super) fn run(self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

impl Drop for Withdrawn {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

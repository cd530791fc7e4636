//! What other threads are at work on for a loop.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::aio::core::report;

/// How a job ended.
pub(in crate::aio) enum Done {
    Value(Box<dyn Any + Send>),
    Panicked(Box<dyn Any + Send>),
    Dropped,
}

type Ended = Box<dyn FnOnce(Done)>;

/// The jobs of a loop that run on other threads.
#[derive(Default)]
pub(in crate::aio) struct Jobs {
    next: Cell<u64>,
    running: RefCell<HashMap<u64, Ended>>,
}

impl Jobs {
    /// A job begins; `ended` is called when it has ended. Returns its name.
    pub(in crate::aio) fn begin(&self, ended: Ended) -> u64 {
        let job = self.next.get();
        self.next.set(job + 1);
        self.running.borrow_mut().insert(job, ended);
        job
    }

    /// A job has ended.
    pub(in crate::aio) fn end(&self, job: u64, done: Done) {
        let ended = self.running.borrow_mut().remove(&job);
        if let Some(ended) = ended {
            ended(done);
        }
    }

    pub(in crate::aio) fn is_empty(&self) -> bool {
        self.running.borrow().is_empty()
    }

    pub(in crate::aio) fn len(&self) -> usize {
        self.running.borrow().len()
    }

    pub(in crate::aio) fn clear(&self) {
        let running = self.running.take();
        report::discard_each(running);
    }
}

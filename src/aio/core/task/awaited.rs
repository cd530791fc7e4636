//! A task as something that is awaited.

use std::sync::Arc;

use crate::aio::core::completion::Completion;
use crate::aio::core::error::Error;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::target::{Awaited, Begun, Target};

impl Awaited for AnyTask {
    fn completion(&self) -> &Completion {
        &self.core().completion
    }

    fn is_cancelled(&self) -> bool {
        self.core().head.is_cancelled()
    }

    fn begin_cancel(&self, message: Option<&Arc<str>>) -> Begun {
        let core = self.core();
        let lp = core.completion.lp();
        if lp.is_some_and(|lp| lp.tasks.get(core.id()).is_some()) {
            self.begin_own_cancel(message)
        } else {
            // As in CPython, where a cancel of what has failed silences its report.
            core.see();
            Begun::Ended(false)
        }
    }

    fn cancel_next(&self, index: usize) -> Option<Target> {
        self.core().one_target().filter(|_| index == 0)
    }

    fn end_cancel(&self, message: Option<&Arc<str>>, taken: bool) -> bool {
        self.end_in_place(None, message, taken);
        self.end_own_cancel();
        true
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        self.end()
    }
}

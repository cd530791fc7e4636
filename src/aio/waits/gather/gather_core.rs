//! A gather without its types.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::aio::core::awaiting::{Ending, FOREIGN};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::completion::{Callback, CallbackId, Completion};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::target::{Awaited, Begun, Target};
use crate::aio::waits::throttle::Throttle;

pub(super) struct GatherCore {
    completion: Completion,
    children: Vec<Ending>,
    /// Its callbacks on the children.
    callbacks: OnceCell<Vec<CallbackId>>,
    finished: Cell<usize>,
    /// Whether errors are results like others: `gather_all`.
    all: bool,
    cancel_requested: Cell<bool>,
    /// The error that it failed with.
    error: OnceCell<Error>,
    throttle: Throttle,
}

impl GatherCore {
    /// `made`: which of the children became tasks for it ([`Throttle`]).
    pub(super) fn new(
        lp: &Rc<LoopCore>,
        children: Vec<Ending>,
        made: &'static [bool],
        all: bool,
    ) -> Rc<Self> {
        let core = Rc::new(Self {
            completion: Completion::new(lp),
            children,
            callbacks: OnceCell::new(),
            finished: Cell::new(0),
            all,
            cancel_requested: Cell::new(false),
            error: OnceCell::new(),
            throttle: Throttle::new(made),
        });
        let is_foreign = |child: &Ending| child.0.completion().is_foreign_to(lp);
        if core.children.iter().any(is_foreign) {
            core.fail(FOREIGN);
            return core;
        }
        let add = |(index, child): (u32, &Ending)| {
            let callback = Callback::Notify(core.clone(), index);
            child.0.completion().add(callback)
        };
        let callbacks = (0..).zip(&core.children).map(add).collect();
        let _first = core.callbacks.set(callbacks);
        if core.children.is_empty() {
            core.completion.complete();
        }
        core
    }

    /// Lets at most `limit` run of the tasks that were made for the gather.
    pub(super) fn limit(&self, limit: usize) {
        self.throttle.limit(limit, &self.children);
    }

    /// Nobody has the gather any longer. Its children do not keep it, because it keeps them; but while some
    /// of them are held, it stays to release them.
    pub(super) fn forget(&self) {
        if self.throttle.is_idle() {
            let callbacks = self.callbacks.get().into_iter().flatten();
            for (child, id) in self.children.iter().zip(callbacks) {
                child.0.completion().remove(*id);
            }
        }
    }

    fn fail(&self, error: Error) {
        // Nobody else has set it: the gather has not ended.
        let _first = self.error.set(error);
        self.completion.complete();
    }
}

impl Observer for GatherCore {
    fn notified(self: Rc<Self>, index: u32) {
        self.finished.set(self.finished.get() + 1);
        self.throttle.ended(index);
        let Some(outcome) = self.children[index as usize].0.outcome() else {
            return;
        };
        if self.completion.done() {
            return;
        }
        let cancelled = match outcome {
            Err(error) if !self.all => return self.fail(error),
            Err(Error::Cancelled(cancelled)) => cancelled,
            _ => Cancelled::new(),
        };
        if self.finished.get() < self.children.len() {
            return;
        }
        if self.cancel_requested.get() {
            self.fail(Error::Cancelled(cancelled));
        } else {
            self.completion.complete();
        }
    }
}

impl Awaited for GatherCore {
    fn completion(&self) -> &Completion {
        &self.completion
    }

    fn is_cancelled(&self) -> bool {
        self.error.get().is_some_and(Error::is_cancelled)
    }

    fn begin_cancel(&self, _message: Option<&Arc<str>>) -> Begun {
        if self.completion.done() {
            Begun::Ended(false)
        } else {
            Begun::PassesOn
        }
    }

    fn cancel_next(&self, index: usize) -> Option<Target> {
        self.children.get(index).map(|child| child.0.clone())
    }

    fn end_cancel(&self, _message: Option<&Arc<str>>, taken: bool) -> bool {
        if taken {
            self.cancel_requested.set(true);
        }
        taken
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        if !self.completion.done() {
            return None;
        }
        Some(self.error.get().cloned().map_or(Ok(()), Err))
    }
}

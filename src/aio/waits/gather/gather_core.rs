//! A gather without its types.
//!
//! | flag | set by | cleared by | cannot be set |
//! |---|---|---|---|
//! | `cancel_requested` | a cancel that a child took | never | after the end |
//! | `seen` | whatever asks how it ended | never | before the end |
//! | `forgotten` | the drop of the last handle | never | — |
//!
//! 1. The error of a child counts as seen when the gather looks at it. So the gather reports the error that it failed with,
//!    unless somebody has seen that. Once it is forgotten it looks at nothing: each child reports its own.

use std::cell::{Cell, OnceCell};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use crate::aio::core::awaiting::{Ending, FOREIGN};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::completion::{Callback, CallbackId, Completion};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::report;
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
    seen: Cell<bool>,
    forgotten: Cell<bool>,
    created_at: &'static Location<'static>,
    /// The error that it failed with.
    error: OnceCell<Error>,
    throttle: Throttle,
}

impl GatherCore {
    /// `made`: which of the children became tasks for it ([`Throttle`]).
    pub(super) fn new(
        lp: &Rc<LoopCore>,
        children: Vec<Ending>,
        made: &'static [fn() -> bool],
        all: bool,
        created_at: &'static Location<'static>,
    ) -> Rc<Self> {
        let core = Rc::new(Self {
            completion: Completion::new(lp),
            children,
            callbacks: OnceCell::new(),
            finished: Cell::new(0),
            all,
            cancel_requested: Cell::new(false),
            seen: Cell::new(false),
            forgotten: Cell::new(false),
            created_at,
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
    #[track_caller]
    pub(super) fn limit(&self, limit: usize) {
        self.throttle.limit(limit, &self.children);
    }

    /// Nobody has the gather any longer. Its children do not keep it, because it keeps them; but while some
    /// of them are held, it stays to release them.
    pub(super) fn forget(&self) {
        self.forgotten.set(true);
        if let (false, Some(error)) = (self.seen.get(), self.error.get()) {
            // A cancel is no news: somebody asked for it.
            if !error.is_cancel() {
                report::never_retrieved("a gather", self.created_at, error);
            }
        }
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
        if self.forgotten.get() {
            return;
        }
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
        self.seen.set(true);
        Some(self.error.get().cloned().map_or(Ok(()), Err))
    }
}

//! A group without its types and lifetimes. The rules are those of CPython 3.13's `TaskGroup`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::rc::Rc;
use std::task::{Context, Waker};

use super::group_child::Mode;
use crate::aio::core::awaiting::expect_current;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::cancel_all;
use crate::aio::core::completion::{Awaited as _, Callback, Observer};
use crate::aio::core::error::Error;
use crate::aio::core::error::Group;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::pointer::TaskOf;
use crate::aio::core::raw::waker::is_lent_to;
use crate::aio::core::report;
use crate::aio::waits::latch::Signal;

pub(in crate::aio) struct GroupCore {
    lp: Rc<LoopCore>,
    parent: AnyTask,
    /// The children that have not ended, by index.
    tasks: RefCell<Vec<Option<AnyTask>>>,
    running: Cell<usize>,
    errors: RefCell<Vec<Error>>,
    /// Whether the children have been cancelled.
    aborting: Cell<bool>,
    /// Whether the body has ended.
    exiting: Cell<bool>,
    /// Whether somebody cancelled the group.
    cancelled: Cell<bool>,
    /// Whether we have cancelled the parent, to get out of the body.
    parent_cancel_requested: Cell<bool>,
    completed: Cell<Option<Rc<Signal>>>,
    /// The children whose turn it is: one, unless a combinator did not poll the group's future.
    due: RefCell<VecDeque<(u32, Mode)>>,
    /// Whether the children whose turn it is are being polled.
    polled: Cell<bool>,
    /// The waker of the combinator that polls the group's future, if the task itself does not.
    waker: Cell<Option<Waker>>,
}

impl GroupCore {
    #[track_caller]
    pub(super) fn enter() -> Rc<Self> {
        let (lp, parent) = expect_current();
        Rc::new(Self {
            lp,
            parent,
            tasks: RefCell::default(),
            running: Cell::new(0),
            errors: RefCell::default(),
            aborting: Cell::new(false),
            exiting: Cell::new(false),
            cancelled: Cell::new(false),
            parent_cancel_requested: Cell::new(false),
            completed: Cell::default(),
            due: RefCell::default(),
            polled: Cell::new(false),
            waker: Cell::default(),
        })
    }

    pub(super) fn lp(&self) -> Rc<LoopCore> {
        self.lp.clone()
    }

    pub(in crate::aio) fn parent(&self) -> &AnyTask {
        &self.parent
    }

    pub(super) fn running(&self) -> usize {
        self.running.get()
    }

    // Turns.

    /// It is the turn of the child with this index: the group's future must poll it.
    pub(in crate::aio) fn set_due(&self, index: u32, mode: Mode) {
        self.add_due(index, mode);
        // The next poll leaves a waker again.
        if let Some(waker) = self.waker.take() {
            report::wake(waker);
        }
    }

    /// The same, where the group's future is polling its children.
    pub(in crate::aio) fn add_due(&self, index: u32, mode: Mode) {
        self.due.borrow_mut().push_back((index, mode));
    }

    pub(in crate::aio) fn set_polled(&self, polled: bool) {
        self.polled.set(polled);
    }

    pub(in crate::aio) fn is_polled(&self) -> bool {
        self.polled.get()
    }

    /// A number that no other group has while this one lives; not 0.
    pub(in crate::aio) fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    pub(super) fn is_any_due(&self) -> bool {
        !self.due.borrow().is_empty()
    }

    pub(super) fn take_due(&self) -> Option<(u32, Mode)> {
        self.due.borrow_mut().pop_front()
    }

    /// Whether the child is still to have its turn.
    pub(in crate::aio) fn is_due(&self, index: u32) -> bool {
        self.due.borrow().iter().any(|(due, _)| *due == index)
    }

    pub(super) fn polled_with(&self, cx: &Context<'_>) {
        let fresh = (!is_lent_to(cx.waker(), &self.parent)).then(|| cx.waker().clone());
        let old = self.waker.replace(fresh);
        drop(old);
    }

    // Children.

    fn has_ended(&self) -> bool {
        self.exiting.get() && self.running.get() == 0
    }

    /// Whether another task may join, as in `TaskGroup.create_task`.
    pub(super) fn admits(&self) -> Result<(), Error> {
        if self.has_ended() {
            Err(Error::Runtime("the task group has ended"))
        } else if self.aborting.get() {
            Err(Error::Runtime("the task group is shutting down"))
        } else {
            Ok(())
        }
    }

    pub(super) fn adopt<T: 'static>(self: &Rc<Self>, task: &TaskOf<T>) {
        let index = u32::try_from(self.tasks.borrow().len()).expect("fewer than 2^32 tasks");
        let task = task.any();
        self.tasks.borrow_mut().push(Some(task.clone()));
        self.running.set(self.running.get() + 1);
        task.completion().add(Callback::Notify(self.clone(), index));
        // Last, because it may rouse the loop, with somebody else's waker.
        task.wake_in(&self.lp);
    }

    fn living(&self) -> Vec<AnyTask> {
        self.tasks.borrow().iter().flatten().cloned().collect()
    }

    fn abort(&self) {
        self.aborting.set(true);
        cancel_all(&self.living());
    }

    pub(super) fn cancel(&self) {
        if self.cancelled.replace(true) {
            return;
        }
        if !self.aborting.get() {
            self.abort();
        }
        self.cancel_parent();
    }

    fn cancel_parent(&self) {
        // Once the body has ended, its end is awaited already.
        if !self.parent_cancel_requested.replace(true) {
            self.parent.cancel(None);
        }
    }

    /// The group's future is being dropped: from now on no task can join, and neither an error nor a cancel
    /// of the group concerns the parent.
    pub(super) fn close(&self) {
        self.exiting.set(true);
        self.aborting.set(true);
        self.cancelled.set(true);
    }

    /// The group's future is gone. The children are forgotten: a child whose end the loop never tells of
    /// would hold the group, which holds the child.
    pub(super) fn abandon(&self) {
        let tasks = self
            .tasks
            .borrow_mut()
            .iter_mut()
            .map(Option::take)
            .collect::<Vec<_>>();
        self.running.set(0);
        for task in tasks.into_iter().flatten() {
            task.forsake(&self.lp);
        }
    }

    // The end, as in `TaskGroup.__aexit__`.

    /// The body has ended. Returns its value, and the cancel that left it.
    pub(super) fn body_ended<T>(
        &self,
        outcome: Result<Result<T, Error>, Error>,
    ) -> (Option<Result<T, Error>>, Option<Cancelled>) {
        self.exiting.set(true);
        let error = match outcome {
            Ok(Ok(value)) => return (Some(Ok(value)), None),
            Ok(Err(error)) | Err(error) => error,
        };
        if !self.aborting.get() {
            self.abort();
        }
        match error {
            Error::Cancelled(cancelled) => (None, Some(cancelled)),
            error => (Some(Err(error)), None),
        }
    }

    pub(super) fn completed_signal(&self) -> Rc<Signal> {
        let signal = Rc::new(Signal::default());
        self.completed.set(Some(signal.clone()));
        signal
    }

    /// A cancel has interrupted the wait for the children. Returns whether it came from outside.
    pub(super) fn interrupted(&self) -> bool {
        let outside = !self.aborting.get();
        if outside {
            self.abort();
        }
        outside
    }

    /// All children have ended. Returns the outcome, or the cancel to raise.
    pub(super) fn leave<T>(
        &self,
        body: Option<Result<T, Error>>,
        mut cancelled: Option<Cancelled>,
    ) -> Result<Result<T, Error>, Cancelled> {
        if self.parent_cancel_requested.get() && self.parent.core().uncancel() == 0 {
            cancelled = None;
        }
        let mut errors = self.errors.take();
        if errors.is_empty() {
            if let Some(cancelled) = cancelled {
                return Err(cancelled);
            }
        }
        let value = match body {
            Some(Ok(value)) => Some(value),
            Some(Err(error)) => {
                errors.push(error);
                None
            }
            None => None,
        };
        if errors.is_empty() {
            // If there is no value, the body was left by the group's own cancel.
            return Ok(value.ok_or(Error::Cancelled(Cancelled::new())));
        }
        if self.parent.core().cancelling() > 0 {
            self.parent.core().uncancel();
            self.parent.cancel(None);
        }
        Ok(Err(Error::Group(Group::new(errors))))
    }
}

impl Observer for GroupCore {
    fn notified(self: Rc<Self>, index: u32) {
        let ended = self.tasks.borrow_mut()[index as usize].take();
        let Some(ended) = ended else { return };
        self.running.set(self.running.get() - 1);
        if self.running.get() == 0 {
            if let Some(signal) = self.completed.take() {
                signal.set();
            }
        }
        let Some(Err(error)) = ended.outcome() else {
            return;
        };
        if error.is_cancelled() {
            return;
        }
        self.errors.borrow_mut().push(error);
        if !self.aborting.get()
            && !self.parent_cancel_requested.get()
            && !self.parent.core().is_done()
        {
            self.abort();
            self.cancel_parent();
        }
    }
}

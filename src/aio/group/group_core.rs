//! A group without its types and lifetimes. The rules are those of CPython 3.13's `TaskGroup`.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Waker};

use super::slots::Slots;
use crate::aio::core::awaiting::expect_current_for;
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::cancelling::cancel_all;
use crate::aio::core::completion::Callback;
use crate::aio::core::error::{Error, Group};
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::task_of::TaskOf;
use crate::aio::core::raw::waker::is_lent_to;
use crate::aio::core::target::Awaited as _;
use crate::aio::core::task::due_children::DueChildren;
use crate::aio::core::task::task_core::limit::Request;
use crate::aio::core::task::task_core::place::{InGroup, Node};
use crate::aio::waits::latch::Latch;

pub(in crate::aio) struct GroupCore {
    lp: Rc<LoopCore>,
    /// Where the group was made.
    at: &'static Location<'static>,
    /// How the parent knows the group.
    node: Rc<Node>,
    /// The cancels that had been requested around the group when the parent began it, or took it over.
    cancelling: Cell<u32>,
    /// The children that have not ended.
    tasks: RefCell<Slots<AnyTask>>,
    running: Cell<usize>,
    errors: RefCell<Vec<Error>>,
    /// Whether the children have been cancelled.
    aborting: Cell<bool>,
    /// Whether the body has ended.
    exiting: Cell<bool>,
    /// Whether somebody cancelled the group.
    cancelled: Cell<bool>,
    /// Present from the time when we have cancelled our own scope, to get out of the body.
    request: RefCell<Option<Request>>,
    completed: Cell<Option<Rc<Latch>>>,
    due: Rc<DueChildren>,
}

impl GroupCore {
    pub(super) fn enter(at: &'static Location<'static>) -> Rc<Self> {
        let (lp, parent) = expect_current_for(at);
        Rc::new(Self {
            lp,
            at,
            node: Node::new(),
            cancelling: Cell::new(parent.cancelling_here()),
            tasks: RefCell::default(),
            running: Cell::new(0),
            errors: RefCell::default(),
            aborting: Cell::new(false),
            exiting: Cell::new(false),
            cancelled: Cell::new(false),
            request: RefCell::new(None),
            completed: Cell::default(),
            due: Rc::new(DueChildren::new(parent)),
        })
    }

    pub(super) fn lp(&self) -> Rc<LoopCore> {
        self.lp.clone()
    }

    /// The task that polls the group.
    pub(in crate::aio) fn parent(&self) -> AnyTask {
        self.due.parent()
    }

    pub(super) fn node(&self) -> &Rc<Node> {
        &self.node
    }

    pub(super) fn running(&self) -> usize {
        self.running.get()
    }

    // Turns.

    pub(super) fn due(&self) -> &DueChildren {
        &self.due
    }

    /// Where the body of the child with this index is.
    pub(super) fn place(&self, index: u32) -> InGroup {
        InGroup {
            due: self.due.clone(),
            node: self.node.clone(),
            index,
        }
    }

    /// The group's future is polled, by its parent or by another task, which is the parent from now on: an async
    /// generator that the group is in may be driven by several.
    ///
    /// # Panics
    ///
    /// In another loop.
    pub(super) fn polled_with(&self, cx: &Context<'_>) {
        let own = self.due.is_polled_by_parent(cx.waker());
        let waker = (!own).then(|| self.foreign(cx)).flatten();
        self.due.set_waker(waker);
    }

    /// The waker, if it is a combinator's.
    fn foreign(&self, cx: &Context<'_>) -> Option<Waker> {
        let (lp, task) = expect_current_for(self.at);
        assert!(
            Rc::ptr_eq(&lp, &self.lp),
            "a task group must be awaited in the event loop that it began in"
        );
        let own = is_lent_to(cx.waker(), &task);
        if !self.due.is_of(&task) {
            if self.request.borrow().is_none() {
                self.cancelling.set(task.cancelling_here());
            }
            let before = self.due.move_to(task);
            drop(before);
        }
        (!own).then(|| cx.waker().clone())
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
        let index = self.tasks.borrow().next();
        let task = task.any();
        self.tasks.borrow_mut().join(task.clone());
        self.running.set(self.running.get() + 1);
        task.completion().add(Callback::Notify(self.clone(), index));
        // Last, because it may rouse the loop, with somebody else's waker.
        task.wake_in(&self.lp);
    }

    fn living(&self) -> Vec<AnyTask> {
        self.tasks.borrow().all().into_iter().cloned().collect()
    }

    fn abort(&self) {
        self.aborting.set(true);
        let mut living = self.living();
        // The end of the loop has cancelled them already, and another cancel would interrupt their clean-ups.
        living.retain(|task| !self.lp.is_ending() || task.core().cancelling() == 0);
        cancel_all(&living);
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
        if self.request.borrow().is_none() {
            // Once the body has ended, its end is awaited already.
            let request = self.node.request(&self.parent());
            let nothing = self.request.replace(Some(request));
            drop(nothing);
        }
    }

    /// How many of the cancels that were requested came from around the group, since it began.
    fn came_from_around(&self) -> u32 {
        let now = match &*self.request.borrow() {
            Some(request) => self.node.around(request, &self.parent()),
            None => self.parent().cancelling_around(&self.node),
        };
        now.saturating_sub(self.cancelling.get())
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
        let tasks = self.tasks.borrow_mut().take_all();
        self.running.set(0);
        let _left = self.take_request_back();
        for task in tasks {
            task.forsake(&self.lp);
            // One that has a body of its own ends in its own turns.
            if !task.core().is_done() {
                task.cancel(None);
            }
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
            Error::Cancelled(cancelled) => {
                // What is beside the group and has the same cancel waits for the children, too.
                self.node.clean();
                (None, Some(cancelled))
            }
            error => (Some(Err(error)), None),
        }
    }

    /// The group ends, or is dropped. Returns how many cancels from around are left, if we had requested one.
    fn take_request_back(&self) -> Option<u32> {
        let request = self.request.take();
        let left = request.map(|request| {
            self.node
                .take_back(&request, &self.parent())
                .saturating_sub(self.cancelling.get())
        });
        self.node.end_cleaning();
        self.node.close(left != Some(0));
        left
    }

    pub(super) fn completed_latch(&self) -> Rc<Latch> {
        let latch = Rc::new(Latch::default());
        self.completed.set(Some(latch.clone()));
        latch
    }

    /// A cancel has interrupted the wait for the children. Returns whether it came from outside.
    pub(super) fn interrupted(&self) -> bool {
        if !self.aborting.get() {
            self.abort();
            return true;
        }
        // Errors come out before a cancel, which is requested anew then: see `leave`.
        self.cancelled.get() && self.came_from_around() > 0
    }

    /// All children have ended. Returns the outcome, or the cancel to raise.
    pub(super) fn leave<T>(
        &self,
        body: Option<Result<T, Error>>,
        mut cancelled: Option<Cancelled>,
    ) -> Result<Result<T, Error>, Cancelled> {
        let outside = self.take_request_back();
        if outside == Some(0) {
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
        let parent = self.parent();
        if parent.cancelling_around(&self.node) > 0 {
            parent.cancel_again(&self.node);
        }
        Ok(Err(Error::Group(Group::new(errors))))
    }
}

impl Observer for GroupCore {
    fn notified(self: Rc<Self>, index: u32) {
        let ended = self.tasks.borrow_mut().take(index);
        let Some(ended) = ended else { return };
        self.tasks.borrow_mut().leave(index);
        self.running.set(self.running.get() - 1);
        if self.running.get() == 0 {
            if let Some(latch) = self.completed.take() {
                latch.set();
            }
        }
        let Some(Err(error)) = ended.outcome() else {
            return;
        };
        if error.is_cancel() {
            return;
        }
        self.errors.borrow_mut().push(error);
        if !self.aborting.get() && self.request.borrow().is_none() {
            self.abort();
            self.cancel_parent();
        }
    }
}

//! What a task is but for its type: its state, its cancels, and what it waits for.
//!
//! | state | meaning | set by |
//! |---|---|---|
//! | `Idle` | suspended | the end of a step |
//! | `Queued` | it has an entry in the ready queue | [`wake`](AnyTask) |
//! | `Running` | in its own step | the start of a step |
//! | `Woken` | the same, and it has been woken in it | [`wake`](AnyTask) |
//! | `Done` | it has ended | the end of its last step |
//!
//! 1. A task has at most one entry in the ready queue.
//! 2. A cancel counts, and is then either passed on to what the task waits for (`forwarded`), or
//!    ends a plain wait (`leaf`), or is noted (`must_cancel`) and delivered by the next step.
//! 3. Each wait of the library is known to its task from its first pending poll until it is ready or
//!    dropped. With exactly one, a cancel goes to it; with none or several, the step delivers it.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use super::super::cancelled::Cancelled;
use super::super::completion::{Awaited, Completion};
use super::super::event_loop::core::{LoopCore, Ready};
use super::super::group::{GroupCore, Mode};
use super::TaskId;
use super::waker::RemoteWaker;
use crate::frame::Key;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum State {
    Idle,
    Queued,
    Running,
    Woken,
    Done,
}

/// The targets that the library waits of a task wait for.
#[derive(Default)]
enum Targets {
    #[default]
    None,
    One(Rc<dyn Awaited>),
    Many(Vec<Rc<dyn Awaited>>),
}

/// What few tasks have.
#[derive(Default)]
pub(super) struct Rare {
    pub(super) name: Option<String>,
    /// Of the cancel that is noted.
    message: Option<Arc<str>>,
    /// Of the cancel that ends a plain wait.
    leaf_message: Option<Arc<str>>,
    pub(super) waker: Option<Arc<RemoteWaker>>,
    /// The group whose future owns the body, and which of its children it is.
    pub(super) group: Option<(Rc<GroupCore>, u32)>,
}

pub(in super::super) struct TaskCore {
    pub(in super::super) id: TaskId,
    /// Counts the tasks of a loop.
    pub(in super::super) number: u64,
    pub(in super::super) key: Key,
    pub(in super::super) completion: Completion,
    state: Cell<State>,
    must_cancel: Cell<bool>,
    /// A plain wait was cancelled.
    leaf: Cell<bool>,
    /// A cancel was passed on to the one target.
    forwarded: Cell<bool>,
    /// A cancel is being passed on.
    passing: Cell<bool>,
    /// Not run until somebody releases it: beyond a gather's limit.
    held: Cell<bool>,
    /// Its body is in another task's, or in the loop's caller.
    external: bool,
    cancelling: Cell<u32>,
    /// How many plain waits it is in.
    leaves: Cell<u32>,
    targets: RefCell<Targets>,
    at: Cell<Option<&'static Location<'static>>>,
    pub(super) rare: RefCell<Option<Box<Rare>>>,
}

/// A task, without its type.
pub(in super::super) trait AnyTask: Awaited {
    fn core(&self) -> &TaskCore;

    /// Polls the body that the task owns.
    fn step(self: Rc<Self>, lp: &LoopCore, mode: Mode);

    /// Ends the task as cancelled, as its body is gone.
    fn forsake(self: Rc<Self>, lp: &LoopCore);

    /// Drops the body: the loop is gone.
    fn abandon(&self);

    fn as_awaited(self: Rc<Self>) -> Rc<dyn Awaited>;
}

impl dyn AnyTask {
    /// Gives the task a turn.
    pub(in super::super) fn wake(self: Rc<Self>) {
        let core = self.core();
        match core.state.get() {
            State::Idle => {
                core.state.set(State::Queued);
                if core.held.get() {
                    return;
                }
                if let Some(lp) = core.completion.lp() {
                    lp.push(Ready::Step(self));
                }
            }
            State::Running => core.state.set(State::Woken),
            State::Queued | State::Woken | State::Done => {}
        }
    }

    /// Requests a cancel. Whether there is anything to cancel.
    pub(in super::super) fn cancel(self: &Rc<Self>, message: Option<Arc<str>>) -> bool {
        let core = self.core();
        if core.state.get() == State::Done {
            return false;
        }
        core.cancelling.set(core.cancelling.get() + 1);
        if core.is_running() || !core.pass_on(message.clone()) {
            core.note(message);
        }
        if !core.is_running() {
            self.clone().wake_if_due();
        }
        if core.is_held() {
            // It is to end, not to wait for its turn.
            self.clone().release();
        }
        true
    }

    /// Gives the task a turn if a cancel waits for one.
    fn wake_if_due(self: Rc<Self>) {
        let core = self.core();
        if core.must_cancel.get() || core.leaf.get() {
            self.wake();
        }
    }

    /// The step has ended, and the body is suspended.
    pub(super) fn suspend(self: Rc<Self>) {
        let core = self.core();
        let woken = core.state.replace(State::Idle) == State::Woken;
        if core.must_cancel.get() {
            let message = core.with_rare(|rare| rare.message.clone());
            if core.pass_on(message) {
                core.must_cancel.set(false);
            }
        }
        if woken {
            self.wake();
        } else {
            self.wake_if_due();
        }
    }

    /// Lets a held task run.
    pub(in super::super) fn release(self: Rc<Self>) {
        let core = self.core();
        if core.held.replace(false)
            && core.state.get() == State::Queued
            && let Some(lp) = core.completion.lp()
        {
            lp.push(Ready::Step(self));
        }
    }
}

impl TaskCore {
    pub(super) fn new(lp: &Rc<LoopCore>, id: TaskId, key: Key, external: bool) -> Self {
        Self {
            id,
            number: lp.fresh_task(),
            key,
            completion: Completion::new(lp),
            state: Cell::new(State::Idle),
            must_cancel: Cell::new(false),
            leaf: Cell::new(false),
            forwarded: Cell::new(false),
            passing: Cell::new(false),
            held: Cell::new(false),
            external,
            cancelling: Cell::new(0),
            leaves: Cell::new(0),
            targets: RefCell::default(),
            at: Cell::new(None),
            rare: RefCell::new(None),
        }
    }

    /// The group whose future owns the body.
    pub(in super::super) fn group(&self) -> Option<(Rc<GroupCore>, u32)> {
        self.rare
            .borrow()
            .as_ref()
            .and_then(|rare| rare.group.clone())
    }

    pub(in super::super) fn is_external(&self) -> bool {
        self.external
    }

    pub(in super::super) fn is_running(&self) -> bool {
        matches!(self.state.get(), State::Running | State::Woken)
    }

    pub(in super::super) fn is_done(&self) -> bool {
        self.state.get() == State::Done
    }

    /// It has an entry in the ready queue, or is held: it can still be kept from its next step.
    pub(in super::super) fn hold(&self) {
        self.held.set(true);
    }

    pub(in super::super) fn is_held(&self) -> bool {
        self.held.get()
    }

    pub(super) fn with_rare<R>(&self, change: impl FnOnce(&mut Rare) -> R) -> R {
        change(self.rare.borrow_mut().get_or_insert_default())
    }

    // Steps.

    /// A step begins: the cancel that it has to deliver.
    pub(super) fn begin(&self) -> Option<Cancelled> {
        self.state.set(State::Running);
        if self.leaf.replace(false) {
            self.must_cancel.set(false);
            return Some(Cancelled::with(
                self.with_rare(|rare| rare.leaf_message.take()),
            ));
        }
        self.take_noted()
    }

    /// The cancel that was noted.
    pub(super) fn take_noted(&self) -> Option<Cancelled> {
        if !self.must_cancel.replace(false) {
            return None;
        }
        Some(Cancelled::with(self.with_rare(|rare| rare.message.take())))
    }

    pub(super) fn end(&self) {
        self.state.set(State::Done);
        self.at.set(None);
    }

    // Cancels.

    fn note(&self, message: Option<Arc<str>>) {
        self.must_cancel.set(true);
        let known = self.rare.borrow().is_some();
        if known || message.is_some() {
            self.with_rare(|rare| rare.message = message);
        }
    }

    /// Passes a cancel on to the one thing that the task waits for. Whether it was taken.
    fn pass_on(&self, message: Option<Arc<str>>) -> bool {
        let target = match &*self.targets.borrow() {
            Targets::None => None,
            Targets::One(target) => Some(target.clone()),
            Targets::Many(_) => return false,
        };
        match (target, self.leaves.get()) {
            // Tasks that wait for each other in a circle: it is on its way already.
            (Some(_), 0) if self.passing.get() => false,
            (Some(target), 0) => {
                self.passing.set(true);
                let taken = target.cancel(message);
                self.passing.set(false);
                if taken {
                    self.forwarded.set(true);
                }
                taken
            }
            // A wait that has been woken, or cancelled, can no longer take it.
            (None, 1) if !self.leaf.get() && self.state.get() == State::Idle => {
                self.leaf.set(true);
                if message.is_some() || self.rare.borrow().is_some() {
                    self.with_rare(|rare| rare.leaf_message = message);
                }
                true
            }
            _ => false,
        }
    }

    pub(in super::super) fn cancelling(&self) -> u32 {
        self.cancelling.get()
    }

    pub(in super::super) fn uncancel(&self) -> u32 {
        let count = self.cancelling.get().saturating_sub(1);
        self.cancelling.set(count);
        if count == 0 {
            self.must_cancel.set(false);
        }
        count
    }

    /// Whether the cancel of a target was this task's own, passed on.
    pub(in super::super) fn take_forwarded(&self) -> bool {
        self.forwarded.replace(false)
    }

    // Waits.

    pub(in super::super) fn enter_leaf(&self, at: &'static Location<'static>) {
        self.leaves.set(self.leaves.get() + 1);
        self.at.set(Some(at));
    }

    pub(in super::super) fn leave_leaf(&self) {
        self.leaves.set(self.leaves.get() - 1);
    }

    pub(in super::super) fn enter_target(
        &self,
        target: Rc<dyn Awaited>,
        at: &'static Location<'static>,
    ) {
        self.at.set(Some(at));
        let targets = &mut *self.targets.borrow_mut();
        *targets = match mem::take(targets) {
            Targets::None => Targets::One(target),
            Targets::One(one) => Targets::Many(vec![one, target]),
            Targets::Many(mut many) => {
                many.push(target);
                Targets::Many(many)
            }
        };
    }

    pub(in super::super) fn leave_target(&self, target: &Rc<dyn Awaited>) {
        let targets = &mut *self.targets.borrow_mut();
        *targets = match mem::take(targets) {
            Targets::Many(mut many) => {
                if let Some(at) = many.iter().position(|one| Rc::ptr_eq(one, target)) {
                    many.swap_remove(at);
                }
                if many.len() == 1 {
                    many.pop().map_or(Targets::None, Targets::One)
                } else {
                    Targets::Many(many)
                }
            }
            _ => Targets::None,
        };
    }

    /// Where it is suspended.
    pub(in super::super) fn suspended_at(&self) -> Option<&'static Location<'static>> {
        if self.state.get() == State::Running {
            None
        } else {
            self.at.get()
        }
    }
}

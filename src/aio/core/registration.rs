//! The registration of a wait: by which task it is polled, and how that task knows of it.
//!
//! A wait that is pending leaves something to be woken with what it waits for, and registers itself with the
//! task, so that a cancel of the task finds it. The first differs from wait to wait; the second is here.
//!
//! | The wait | What happens |
//! |---|---|
//! | is polled for the first time | [`Registration::enter`]: from now on the task knows it |
//! | is polled again by the same task | nothing: the task knows it already |
//! | is polled by another task: it has moved | the other task knows it, and the one before no longer does |
//! | is polled in a task's step for one of its children | [`Here::turn`]: nothing, the task's own turn comes |
//! | is polled outside a task | [`Here::find`] panics, and says where the wait was made |
//! | is ready, or is dropped | [`Registration::leave`]: its task no longer knows it |
//!
//! 1. A registration leads to the one task that knows the wait. No other task's cancel reaches the wait.
//! 2. To leave takes nothing but that task: it may happen in another task's step, outside all tasks, in
//!    another loop's turn, or when the task has ended or its loop is gone.
//! 3. A cancel of the task leaves the registration as it is. A plain wait is dropped by the step that delivers
//!    the cancel; one for a target ends with the target ([`ToTarget`]).
//! 4. What is left to be woken is made before a registration changes, because a combinator's waker is cloned
//!    for it. That is somebody else's code: what was seen before must be looked at again. What is replaced or
//!    taken back is dropped last.

use std::panic::Location;
use std::rc::Rc;
use std::task::Context;

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::wakee::Wakee;
use crate::aio::core::foreign_waker::ForeignWaker;
use crate::aio::core::raw::current_task::{Lent, running};
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::waker::lent;
use crate::aio::core::target::Target;
use crate::aio::core::task::task_core::cancel_state::{Epoch, HAS_RAISED, Since};
use crate::aio::core::task::task_core::place::{Node, Spot};

/// The loop, and the task that is being polled.
pub(in crate::aio) enum Here<'a> {
    /// Polled with the task's own waker, which leads to both.
    Own(&'a LoopCore, &'a AnyTask),
    /// Polled with a combinator's waker.
    Inside(Rc<LoopCore>, AnyTask),
}

/// A task in its turn, in which it waits for something.
#[derive(Clone, Copy)]
pub(in crate::aio) struct Turn<'a> {
    pub(in crate::aio) lp: &'a LoopCore,
    pub(in crate::aio) task: &'a AnyTask,
    /// Whether the task is polled with its own waker.
    pub(super) own: bool,
}

impl<'a> Here<'a> {
    #[inline]
    pub(in crate::aio) fn find(cx: &'a Context<'_>, at: &'static Location<'static>) -> Self {
        match lent(cx.waker()) {
            Some(lent) => Self::Own(lent.lp, lent.task),
            None => Self::inside(at),
        }
    }

    #[cold]
    fn inside(at: &'static Location<'static>) -> Self {
        match (current::get(), running()) {
            (Some(lp), Some(task)) => Self::Inside(lp, task),
            _ => no_task(at),
        }
    }

    /// The task, if it is its turn. `None`: it is being polled on behalf of one of its children, and must
    /// wait for a turn of its own. It is woken for that, unless the wait is `asleep`, that is, will be woken
    /// in time. A wait that has already been woken is not asleep: a combinator that polled it now would not
    /// poll it again.
    #[inline]
    pub(in crate::aio) fn turn(
        &self,
        cx: &Context<'_>,
        asleep: impl FnOnce(&LoopCore) -> bool,
    ) -> Option<Turn<'_>> {
        let turn = match self {
            Self::Own(lp, task) => Turn {
                lp,
                task,
                own: true,
            },
            Self::Inside(lp, task) => Turn {
                lp,
                task,
                own: false,
            },
        };
        if turn.task.core().is_running() {
            return Some(turn);
        }
        if !asleep(turn.lp) {
            turn.task.wake_in(turn.lp);
            cx.waker().wake_by_ref();
        }
        None
    }
}

impl<'a> Turn<'a> {
    /// The turn of a task that is polled with its own waker.
    #[inline]
    pub(super) fn own(lent: &'a Lent<'_>) -> Self {
        Self {
            lp: lent.lp,
            task: lent.task,
            own: true,
        }
    }

    /// What must be woken when the wait ends.
    pub(in crate::aio) fn wakee(&self, cx: &Context<'_>) -> Wakee {
        self.wakee_of(self.foreign(cx))
    }

    /// The same, if `foreign` has been asked for already.
    pub(in crate::aio) fn wakee_of(&self, foreign: Option<ForeignWaker>) -> Wakee {
        foreign.map_or_else(|| Wakee::Task(self.task.clone()), Wakee::Waker)
    }

    /// The waker of the combinator that polls, if one does. Somebody else's code makes the clone, so what was
    /// seen before must be looked at again.
    pub(in crate::aio) fn foreign(&self, cx: &Context<'_>) -> Option<ForeignWaker> {
        (!self.own).then(|| ForeignWaker::of(cx))
    }

    /// Gives another turn to the task, or to the combinator that polls.
    pub(in crate::aio) fn again(&self, cx: &Context<'_>) {
        if self.own {
            // The task is running, so it needs no place in the ready queue yet.
            self.task.core().note_woken();
        } else {
            cx.waker().wake_by_ref();
        }
    }
}

#[cold]
#[inline(never)]
pub(in crate::aio) fn no_task(at: &'static Location<'static>) -> ! {
    let instead = if current::is_tokios() && current::get().is_none() {
        "tokio polls it. Await it in the body of an `EventLoop::run`, or, in a test, of a `testing::run`"
    } else {
        "use `aio::run` or `EventLoop::run`"
    };
    panic!("what was made at {at} was awaited outside a task: {instead}")
}

/// How a task knows a wait.
pub(in crate::aio) trait Link {
    fn enter(&mut self, spot: Spot<'_>, at: &'static Location<'static>);

    fn leave(&self, spot: Spot<'_>);

    /// When it began, for the cancels that cut off what is beside scopes.
    fn began(&mut self) -> &mut Epoch;
}

/// Of a plain wait: a cancel ends it.
#[derive(Debug, Default)]
pub(in crate::aio) struct Plain {
    began: Epoch,
}

impl Link for Plain {
    fn enter(&mut self, spot: Spot<'_>, at: &'static Location<'static>) {
        spot.enter_leaf(at);
        self.began = spot.epoch();
    }

    fn leave(&self, spot: Spot<'_>) {
        spot.leave_leaf();
        if self.began == HAS_RAISED {
            spot.take_raise_back();
        }
    }

    fn began(&mut self) -> &mut Epoch {
        &mut self.began
    }
}

/// Of a wait for a target: a cancel is passed on to the target.
///
/// A cancel that was passed on belongs to the wait. If the target ends with it, the wait raises it
/// ([`Registration::end`]); if the wait is dropped or moves before that, the task has its cancel back, unless
/// the target has swallowed it.
pub(super) struct ToTarget {
    pub(super) target: Target,
    since: Since,
    began: Epoch,
}

impl ToTarget {
    /// Whether the target ended with something other than the cancel.
    fn is_swallowed(&self) -> bool {
        self.target.completion().done() && !self.target.is_cancelled()
    }
}

impl Link for ToTarget {
    #[inline(always)]
    fn enter(&mut self, spot: Spot<'_>, at: &'static Location<'static>) {
        self.since = spot.enter_target(&self.target, at);
        self.began = spot.epoch();
    }

    #[inline]
    fn leave(&self, spot: Spot<'_>) {
        spot.leave_target(&self.target);
        if spot.take_forwarded(self.since) && !self.is_swallowed() {
            spot.take_cancel_back(&self.target);
        }
        if self.began == HAS_RAISED {
            spot.take_raise_back();
        }
    }

    fn began(&mut self) -> &mut Epoch {
        &mut self.began
    }
}

/// The registration of a wait; it leaves when it is dropped.
pub(in crate::aio) struct Registration<L: Link = Plain> {
    pub(super) link: L,
    /// The task that knows the wait: set by `enter`, cleared by `leave` and `end`.
    task: Option<AnyTask>,
    /// The scope of that task that it is in, if it is in one: set and cleared with `task`.
    node: Option<Rc<Node>>,
}

impl Registration {
    /// Whether a cancel ends the wait in the next step of its task, or has cut it off.
    pub(in crate::aio) fn is_cancelled(&self) -> bool {
        self.task.as_ref().is_some_and(|task| {
            let node = self.node.as_ref();
            let spot = Spot { task, node };
            spot.is_leaf_cancelled() || spot.is_to_be_cut_off(self.link.began)
        })
    }

    pub(in crate::aio) fn new() -> Self {
        Self {
            link: Plain::default(),
            task: None,
            node: None,
        }
    }
}

impl Registration<ToTarget> {
    pub(super) fn to(target: Target) -> Self {
        Self {
            link: ToTarget {
                target,
                since: Since::default(),
                began: 0,
            },
            task: None,
            node: None,
        }
    }

    /// The target has ended, as `task` sees in its turn: leaves. Returns whether `task` passed a cancel on
    /// through this wait, which is then its own to raise, if the target ended with it.
    #[inline(always)]
    pub(super) fn end(&mut self, task: &AnyTask) -> bool {
        // A wait in a scope has moved with that.
        let moved = |node: &Option<Rc<Node>>| node.is_some() && task.is_here(node.as_ref());
        let Some(registered) = self.task.take_if(|it| it.is(task) || moved(&self.node)) else {
            drop(self.leave());
            return false;
        };
        let node = self.node.take();
        let spot = Spot {
            task,
            node: node.as_ref(),
        };
        let forwarded = spot.take_forwarded(self.link.since);
        if forwarded {
            spot.took();
        }
        spot.leave_target(&self.link.target);
        drop((registered, node));
        forwarded
    }
}

impl<L: Link> Registration<L> {
    /// The task that knows the wait.
    pub(in crate::aio) fn task(&self) -> Option<&AnyTask> {
        self.task.as_ref()
    }

    pub(in crate::aio) fn is_entered(&self) -> bool {
        self.task.is_some()
    }

    /// Whether `task` knows the wait, in the scope that it is polled in now.
    pub(super) fn is_with(&self, task: &AnyTask) -> bool {
        self.task.as_ref().is_some_and(|it| it.is(task)) && task.is_here(self.node.as_ref())
    }

    /// Whether `task`, which polls the wait, has had a cancel that cut it off, or the wait has raised one: then it
    /// never ends.
    #[inline]
    pub(in crate::aio) fn is_cut_off(&mut self, task: &AnyTask) -> bool {
        let Some(own) = &self.task else {
            return *self.link.began() == HAS_RAISED;
        };
        let node = self.node.as_ref();
        let spot = Spot { task: own, node };
        let is_here = || (own.is(task) || node.is_some()) && task.is_here(node);
        spot.has_cuts() && is_here() && spot.is_cut_off(self.link.began())
    }

    /// It raises what it has ended with, and never ends itself.
    pub(super) fn raises(&mut self) {
        debug_assert!(self.task.is_none());
        *self.link.began() = HAS_RAISED;
    }

    /// The wait is pending in a turn of `task`. Returns the task that knew it before, if that was another one,
    /// for the caller to drop last.
    #[must_use = "the drop of a task is somebody else's code"]
    pub(in crate::aio) fn enter(
        &mut self,
        task: &AnyTask,
        at: &'static Location<'static>,
    ) -> Option<AnyTask> {
        if self.is_with(task) {
            return None;
        }
        let before = self.leave();
        self.enter_first(task.clone(), at);
        before
    }

    /// The same, for a wait that no task knows yet.
    #[inline(always)]
    pub(in crate::aio) fn enter_first(&mut self, task: AnyTask, at: &'static Location<'static>) {
        debug_assert!(self.task.is_none() && self.node.is_none());
        let node = task.here();
        let spot = Spot {
            task: &task,
            node: node.as_ref(),
        };
        self.link.enter(spot, at);
        self.task = Some(task);
        self.node = node;
    }

    /// Returns the task that knew the wait, for the caller to drop last.
    #[must_use = "the drop of a task is somebody else's code"]
    pub(in crate::aio) fn leave(&mut self) -> Option<AnyTask> {
        let task = self.task.take()?;
        let node = self.node.take();
        self.link.leave(Spot {
            task: &task,
            node: node.as_ref(),
        });
        drop(node);
        Some(task)
    }
}

impl<L: Link> Drop for Registration<L> {
    #[inline]
    fn drop(&mut self) {
        if self.task.is_some() {
            drop(self.leave());
        }
    }
}

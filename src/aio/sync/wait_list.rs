//! The tasks that wait for a lock, a queue or the like, in the order in which they came.
//!
//! 1. A waiter stands in line from its first pending poll until it is woken, passed over or dropped;
//!    it has a slot until it resumes or is dropped. The line is in the order of the first polls.
//! 2. A woken waiter is out of the line, and resumes in the next turn. `woken` counts those that have neither
//!    resumed nor been dropped yet.
//! 3. A waiter whose task has a cancel on its way is not woken, because the task's next step usually drops
//!    it. Its wake goes to the next one at once ([`wake_next`](WaitList::wake_next): it is passed over), or
//!    when it is dropped ([`wake_head`](WaitList::wake_head): it is called). If a scope beside it takes the
//!    cancel, the waiter lives on. It is polled in that step, which the task has in any case, and the resource
//!    says whether it gets in. If it does not, it has its place in the line again.
//! 4. Nothing is borrowed while a waker is woken, cloned or dropped: that is somebody else's code.
//! 5. The tasks that wait are of one loop: a task that would have to wait where those of another loop have waited, as
//!    long as that loop lives, gets an error. So it is in CPython (`_LoopBoundMixin`): the two loops would wait for each
//!    other.

mod linked_list;

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::Location;
use std::ptr;
use std::rc::Weak;
use std::task::{Context, Poll};

use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::wakee::Wakee;
use crate::aio::core::foreign_waker::ForeignWaker;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::registration::{Here, Registration};
use crate::aio::core::thrown::Raised;
use crate::frame::Exception;
use linked_list::{Entry, LinkedList, NONE, WaiterState};

pub(in crate::aio) struct WaitList {
    line: RefCell<LinkedList>,
    woken: Cell<usize>,
    /// The loop of the first wait: invariant 5.
    lp: RefCell<Weak<LoopCore>>,
}

impl WaitList {
    pub(in crate::aio) const fn new() -> Self {
        Self {
            line: RefCell::new(LinkedList::new()),
            woken: Cell::new(0),
            lp: RefCell::new(Weak::new()),
        }
    }

    /// A task of `lp` is going to wait. Returns whether it may.
    fn admits(&self, lp: &LoopCore, task: &AnyTask) -> bool {
        let bound = &mut *self.lp.borrow_mut();
        if ptr::eq(bound.as_ptr(), lp) {
            return true;
        }
        let may = bound.strong_count() == 0;
        if may {
            *bound = task.core().completion.weak_lp();
        }
        may
    }

    /// Whether nobody waits, apart from those that have been cancelled.
    pub(in crate::aio) fn is_quiet(&self) -> bool {
        self.woken.get() == 0 && self.line.borrow().iter().all(Entry::is_cancelled)
    }

    /// How many wait or have been woken.
    pub(in crate::aio) fn len(&self) -> usize {
        let line = self.line.borrow();
        self.woken.get() + line.iter().filter(|slot| !slot.is_cancelled()).count()
    }

    /// Makes sure that the first in line gets a turn: it is woken, unless another waiter has been. If it has
    /// been cancelled, it is called: it gets in if it lives on, and sees to the next one when it is dropped.
    pub(super) fn wake_head(&self) {
        if self.woken.get() > 0 {
            return;
        }
        let (wakee, called) = {
            let line = &mut *self.line.borrow_mut();
            match line.first() {
                None => (None, None),
                Some((first, false)) => (line.take(first), None),
                Some((first, true)) => (None, line.call(first)),
            }
        };
        // The waker of a combinator in a task that has a turn in any case.
        called.into_iter().for_each(ForeignWaker::wake);
        self.wake(wakee);
    }

    /// Wakes the first in line. Returns whether there was one.
    pub(in crate::aio) fn wake_next(&self) -> bool {
        let wakee = {
            let line = &mut *self.line.borrow_mut();
            match line.first() {
                None => return false,
                Some((first, false)) => Some(line.take(first)),
                Some((_, true)) => None,
            }
        };
        match wakee {
            Some(wakee) => self.wake(wakee),
            None => self.pass_over(),
        }
    }

    /// The same, if the first in line has been cancelled.
    #[cold]
    fn pass_over(&self) -> bool {
        let mut passed = Vec::new();
        let wakee = {
            let line = &mut *self.line.borrow_mut();
            loop {
                match line.first() {
                    None => break None,
                    Some((first, false)) => break line.take(first),
                    Some((first, true)) => passed.extend(line.pass(first)),
                }
            }
        };
        // The wakers of combinators in tasks that have a turn in any case.
        passed.into_iter().for_each(ForeignWaker::wake);
        self.wake(wakee)
    }

    /// Wakes all that are in line.
    pub(in crate::aio) fn wake_all(&self) {
        while self.wake_next() {}
    }

    fn wake(&self, wakee: Option<Wakee>) -> bool {
        let Some(wakee) = wakee else { return false };
        self.woken.set(self.woken.get() + 1);
        wakee.wake();
        true
    }
}

/// A place in a [`WaitList`]. Its owner must call [`leave`](Self::leave) when it is dropped.
pub(super) struct Wait {
    at: &'static Location<'static>,
    place: u32,
}

impl Wait {
    pub(super) fn new(at: &'static Location<'static>) -> Self {
        Self { at, place: NONE }
    }

    pub(super) fn is_registered(&self) -> bool {
        self.place != NONE
    }

    /// Takes a place at the end of the line, or waits for the task's turn to do so; unless `enter` lets it in
    /// after all, once the waker has been cloned.
    pub(super) fn register<P>(
        &mut self,
        list: &WaitList,
        cx: &Context<'_>,
        enter: impl FnOnce() -> Option<P>,
    ) -> Poll<P> {
        let here = Here::find(cx, self.at);
        let Some(turn) = here.turn(cx, |_| false) else {
            return Poll::Pending;
        };
        if !list.admits(turn.lp, turn.task) {
            let error = Error::Runtime("what is waited for is bound to another event loop");
            turn.task.raise(Exception::new(Raised(error)));
            return Poll::Pending;
        }
        let waker = turn.foreign(cx);
        if waker.is_some() {
            if let Some(pass) = enter() {
                return Poll::Ready(pass);
            }
        }
        let mut registration = Registration::new();
        registration.enter_first(turn.task.clone(), self.at);
        self.place = list.line.borrow_mut().append(registration, waker);
        Poll::Pending
    }

    /// Ready when the waiter has been woken; or with what `passed` gives, if the waiter was called or passed
    /// over, and is still here. It has no place from then on.
    pub(super) fn poll<P>(
        &mut self,
        list: &WaitList,
        cx: &Context<'_>,
        passed: impl FnOnce() -> Option<P>,
    ) -> Poll<(Option<P>, Option<Left>)> {
        let here = Here::find(cx, self.at);
        let asleep =
            |_: &LoopCore| list.line.borrow_mut().slot(self.place).state == WaiterState::Waiting;
        let Some(turn) = here.turn(cx, asleep) else {
            return Poll::Pending;
        };
        if list
            .line
            .borrow_mut()
            .slot(self.place)
            .registration
            .is_cut_off(turn.task)
        {
            return Poll::Pending;
        }
        let waker = turn.foreign(cx);
        let state = list.line.borrow_mut().slot(self.place).state;
        let pass = match state {
            WaiterState::Woken => return Poll::Ready((None, self.leave(list))),
            WaiterState::Waiting => None,
            WaiterState::Called | WaiterState::Passed => passed(),
        };
        if pass.is_some() {
            return Poll::Ready((pass, self.leave(list)));
        }
        self.stay(list, waker, turn.task);
        Poll::Pending
    }

    /// Waits on. It may be polled by another combinator, or another task, than the last time.
    fn stay(&self, list: &WaitList, waker: Option<ForeignWaker>, task: &AnyTask) {
        let old = {
            let mut line = list.line.borrow_mut();
            line.put_back(self.place);
            let slot = line.slot(self.place);
            let before = slot.registration.enter(task, self.at);
            (before, mem::replace(&mut slot.waker, waker))
        };
        drop(old);
    }

    /// Gives the place up, if there is one.
    pub(super) fn leave(&mut self, list: &WaitList) -> Option<Left> {
        let place = mem::replace(&mut self.place, NONE);
        if place == NONE {
            return None;
        }
        let (state, task, waker) = list.line.borrow_mut().remove(place);
        let woken = state == WaiterState::Woken;
        if woken {
            list.woken.set(list.woken.get() - 1);
        }
        Some(Left {
            woken,
            _rest: (task, waker),
        })
    }
}

/// How a place was given up.
///
/// With what was in the slot: dropping that is somebody else's code, and must come after the resource has been
/// acquired, or the turn handed on. Until then nobody may see the resource as it is.
#[must_use]
pub(super) struct Left {
    pub(super) woken: bool,
    _rest: (Option<AnyTask>, Option<ForeignWaker>),
}

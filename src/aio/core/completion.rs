//! What tasks, promises and gathered futures share: an end that comes once, and the callbacks that are told
//! of it.
//!
//! 1. No callback is called inline: each gets an entry in the loop's ready queue, in the order in which they
//!    were added.
//! 2. A callback that is added after the end is told in the next turn.
//! 3. Once a loop has given up what was to end, no callback stays: the thing may hold what it is held by, and nothing
//!    would part them.
//! 4. No borrow is held while a waker runs: that is somebody else's code.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem;
use std::ptr;
use std::rc::{Rc, Weak};

use super::drop_flat::drop_flat;
use super::report;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::kept_calls::{KEPT_CALL, KeptCall};
use crate::aio::core::event_loop::loop_core::{LoopCore, Ready};
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::event_loop::wakee::Wakee;
use crate::aio::core::raw::current_task::with_running;
use crate::aio::core::raw::pointer::AnyTask;

/// What is told of an end.
pub(in crate::aio) enum Callback {
    Wake(Wakee),
    Notify(Rc<dyn Observer>, u32),
    Call(Box<dyn FnOnce()>),
    /// A call that is made when the end comes. Until then it does not hold the thing that ends, because that
    /// thing holds it.
    Made(Box<dyn FnOnce() -> Box<dyn FnOnce()>>),
}

impl Callback {
    fn schedule(self, lp: &LoopCore) {
        match self {
            Self::Wake(wakee) => lp.wake(wakee),
            Self::Notify(observer, index) => lp.push(Ready::Notify(observer, index)),
            Self::Call(call) => lp.push(Ready::Call(call)),
            Self::Made(make) => lp.push(Ready::Call(make())),
        }
    }

    fn abandon(self) {
        match self {
            Self::Wake(wakee) => wakee.wake(),
            other => report::discard(other),
        }
    }
}

/// Names a callback, to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackId(u64);

impl CallbackId {
    /// Names no callback.
    pub(super) const NONE: Self = Self(0);
}

#[derive(Default)]
enum Callbacks {
    #[default]
    None,
    /// Its name is in `Completion::first`.
    One(Callback),
    /// In the order in which they were added, because names count up. So each can be taken back quickly,
    /// however many there are.
    #[allow(
        clippy::box_collection,
        reason = "most completions have none, so the variant must stay small"
    )]
    Many(Box<BTreeMap<CallbackId, Callback>>),
}

impl Callbacks {
    /// Hands each callback to `to`, in order.
    fn each(self, mut to: impl FnMut(Callback)) {
        match self {
            Self::None => {}
            Self::One(callback) => to(callback),
            Self::Many(callbacks) => callbacks.into_values().for_each(to),
        }
    }
}

/// An end, and what is told of it.
///
/// If only a task is to be told, it is in `task`, by itself: that is the usual case, and one word is quickly
/// moved. All other callbacks are in `callbacks`.
pub(in crate::aio) struct Completion {
    lp: Weak<LoopCore>,
    /// The name of the only callback or, if there are several, of one that was the first; or [`NOBODY`], [`DONE`], or
    /// [`ABANDONED`].
    first: Cell<CallbackId>,
    task: Cell<Option<AnyTask>>,
    callbacks: Cell<Callbacks>,
}

/// There is no callback.
const NOBODY: CallbackId = CallbackId::NONE;

/// The end will not come, and there are no callbacks from now on.
const ABANDONED: CallbackId = CallbackId(u64::MAX - 1);

/// The end has come.
const DONE: CallbackId = CallbackId(u64::MAX);

impl Completion {
    #[inline]
    pub(in crate::aio) fn new(lp: &Rc<LoopCore>) -> Self {
        Self {
            lp: Rc::downgrade(lp),
            first: Cell::new(NOBODY),
            task: Cell::default(),
            callbacks: Cell::default(),
        }
    }

    /// One for something that ends when this does, in the same loop.
    pub(in crate::aio) fn following(&self) -> Self {
        Self {
            lp: self.lp.clone(),
            first: Cell::new(NOBODY),
            task: Cell::default(),
            callbacks: Cell::default(),
        }
    }

    pub(in crate::aio) fn lp(&self) -> Option<Rc<LoopCore>> {
        self.lp.upgrade()
    }

    /// The same, for somebody who does not keep the loop.
    pub(in crate::aio) fn weak_lp(&self) -> Weak<LoopCore> {
        self.lp.clone()
    }

    /// Calls `call` with the loop, unless the loop is gone. If the loop is at hand, its pointers are not
    /// counted.
    #[inline]
    pub(in crate::aio) fn with_lp<R>(&self, call: impl FnOnce(&LoopCore) -> R) -> Option<R> {
        let mut call = Some(call);
        let called = with_running(|lent| {
            let call = call.take_if(|_| self.is_of(lent.lp))?;
            Some(call(lent.lp))
        });
        match called.flatten() {
            Some(result) => Some(result),
            None => call.and_then(|call| self.with_far_lp(call)),
        }
    }

    #[cold]
    fn with_far_lp<R>(&self, call: impl FnOnce(&LoopCore) -> R) -> Option<R> {
        self.lp.upgrade().map(|lp| call(&lp))
    }

    /// Whether it belongs to this loop.
    #[inline]
    pub(in crate::aio) fn is_of(&self, lp: &LoopCore) -> bool {
        ptr::eq(self.lp.as_ptr(), lp)
    }

    #[inline]
    pub(in crate::aio) fn done(&self) -> bool {
        self.first.get() == DONE
    }

    /// The end has come: everything that waits for it is scheduled.
    pub(in crate::aio) fn complete(&self) {
        if self.end() && self.with_lp(|lp| self.tell(lp)).is_none() {
            self.tell_without_own();
        }
    }

    /// The same, for a caller that has a loop at hand, usually the completion's own.
    #[inline]
    pub(in crate::aio) fn complete_in(&self, lp: &LoopCore) {
        if !self.is_of(lp) {
            return self.complete();
        }
        if self.end() {
            self.tell(lp);
        }
    }

    /// The loop is gone. What waits in another loop is told there.
    #[cold]
    #[inline(never)]
    fn tell_without_own(&self) {
        match current::get() {
            Some(lp) => self.tell(&lp),
            None => self.abandon(),
        }
    }

    /// Notes the end. Returns whether anything must be told of it.
    #[inline]
    fn end(&self) -> bool {
        debug_assert!(!self.done());
        self.first.replace(DONE) != NOBODY
    }

    #[inline]
    fn tell(&self, lp: &LoopCore) {
        match self.task.take() {
            Some(task) => task.wake_by_value_in(lp),
            None => self.tell_others(lp),
        }
    }

    fn tell_others(&self, lp: &LoopCore) {
        self.callbacks.take().each(|callback| callback.schedule(lp));
    }

    /// Puts callbacks where there are none because they have been taken, so that there are none to drop.
    #[inline]
    fn put(&self, callbacks: Callbacks) {
        mem::forget(self.callbacks.replace(callbacks));
    }

    /// Takes all callbacks.
    fn take(&self) -> Callbacks {
        match self.task.take() {
            Some(task) => Callbacks::One(Callback::Wake(Wakee::Task(task))),
            None => self.callbacks.take(),
        }
    }

    /// Whether both are the same.
    #[inline]
    pub(in crate::aio) fn is(&self, other: &Self) -> bool {
        ptr::eq(self, other)
    }

    /// Tells `callback` of the end; in the next turn, if the end has come already.
    pub(in crate::aio) fn add(&self, callback: Callback) -> CallbackId {
        if self.done() {
            return self.tell_late(callback);
        }
        let mut callback = Some(callback);
        let id = self.with_lp(|lp| callback.take().map(|it| self.add_in_own(lp, it)));
        id.flatten().unwrap_or(NOBODY)
    }

    /// Makes `call` when the end has come, or drops it at the end of the loop. It may hold the thing that ends.
    pub(in crate::aio) fn add_kept(&self, call: Box<dyn FnOnce()>) -> CallbackId {
        let call = KeptCall::new(call);
        self.with_lp(|lp| lp.know(&call));
        self.add(Callback::Notify(call, KEPT_CALL))
    }

    /// The end has come already. The callback is told in the loop that asks: the completion's own loop may be
    /// gone, or have no turns.
    fn tell_late(&self, callback: Callback) -> CallbackId {
        let Some(lp) = current::get().or_else(|| self.lp()) else {
            callback.abandon();
            return NOBODY;
        };
        callback.schedule(&lp);
        CallbackId(lp.fresh())
    }

    fn add_in_own(&self, lp: &LoopCore, callback: Callback) -> CallbackId {
        debug_assert!(!self.done());
        let first = self.first.get();
        if first == ABANDONED {
            callback.abandon();
            return NOBODY;
        }
        let id = CallbackId(lp.fresh());
        if first == NOBODY {
            self.first.set(id);
            self.put(Callbacks::One(callback));
            return id;
        }
        let mut many = match self.take() {
            Callbacks::None => Box::default(),
            Callbacks::One(one) => Box::new(BTreeMap::from([(first, one)])),
            Callbacks::Many(many) => many,
        };
        many.insert(id, callback);
        self.put(Callbacks::Many(many));
        id
    }

    /// Wakes `task` when the end comes, which it has not yet, in the loop that both belong to and that is at
    /// hand.
    #[inline]
    pub(in crate::aio) fn add_task(&self, lp: &LoopCore, task: AnyTask) -> CallbackId {
        debug_assert!(self.is_of(lp) && !self.done());
        if self.first.get() != NOBODY {
            return self.add_in_own(lp, Callback::Wake(Wakee::Task(task)));
        }
        let id = CallbackId(lp.fresh());
        self.first.set(id);
        mem::forget(self.task.replace(Some(task)));
        id
    }

    /// Whether the end is still to come in another loop than `lp`, whose tasks cannot wait for it then.
    pub(in crate::aio) fn is_foreign_to(&self, lp: &LoopCore) -> bool {
        !self.done() && !self.is_of(lp)
    }

    /// Whether the end can no longer come, because the loop is gone.
    pub(in crate::aio) fn is_forlorn(&self) -> bool {
        !self.done() && self.lp.strong_count() == 0
    }

    /// The loop is gone, and the end will not come. What the callbacks hold is dropped, perhaps even the
    /// thing that was to end. What waits in another loop is woken, to see that.
    pub(in crate::aio) fn abandon(&self) {
        if !self.done() {
            self.first.set(ABANDONED);
        }
        self.take().each(Callback::abandon);
    }

    /// Takes a callback back. Returns whether it was still there.
    pub(in crate::aio) fn remove(&self, id: CallbackId) -> bool {
        if self.done() {
            // The callback has been told, or is about to be.
            return false;
        }
        let removed = match self.take() {
            Callbacks::One(one) if self.first.get() == id => {
                self.first.set(NOBODY);
                Some(one)
            }
            Callbacks::Many(mut many) => {
                let removed = many.remove(&id);
                self.put(Callbacks::Many(many));
                removed
            }
            others => {
                self.put(others);
                None
            }
        };
        // Last: the drop of what was removed is somebody else's code.
        removed.is_some()
    }
}

impl Drop for Completion {
    #[inline]
    fn drop(&mut self) {
        // A callback may hold something else that ends and has callbacks of its own.
        if !matches!(self.first.get(), NOBODY | DONE) {
            drop_flat(self.take());
        }
    }
}

//! What tasks, promises and gathered futures share: an end that comes once, and who is told of it.
//!
//! 1. Nobody is called inline: who is told gets an entry in the loop's ready queue, in the order in
//!    which they asked.
//! 2. After the end a new one is told in the next turn.
//! 3. No borrow is held while a waker runs: it is somebody else's code.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Waker;

use super::event_loop::core::{LoopCore, Ready};
use super::task::AnyTask;

/// Something of the library that waits for ends.
pub(super) trait Observer {
    /// The one with this index has ended.
    fn notified(self: Rc<Self>, index: u32);
}

/// Who is woken.
#[derive(Clone)]
pub(super) enum Wakee {
    /// The task itself: it was polled with its own waker.
    Task(Rc<dyn AnyTask>),
    /// A combinator inside it.
    Waker(Waker),
}

impl Wakee {
    pub(super) fn wake(self) {
        match self {
            Self::Task(task) => task.wake(),
            Self::Waker(waker) => waker.wake(),
        }
    }
}

/// Who is told of an end.
pub(super) enum Callback {
    Wake(Wakee),
    Notify(Rc<dyn Observer>, u32),
    Call(Box<dyn FnOnce()>),
}

impl Callback {
    fn schedule(self, lp: &LoopCore) {
        match self {
            Self::Wake(wakee) => wakee.wake(),
            Self::Notify(observer, index) => lp.push(Ready::Notify(observer, index)),
            Self::Call(call) => lp.push(Ready::Call(call)),
        }
    }
}

/// Names a callback, to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallbackId(u64);

#[derive(Default)]
enum Callbacks {
    #[default]
    None,
    One(CallbackId, Callback),
    Many(Vec<(CallbackId, Callback)>),
}

/// An end, and who is told of it.
pub(super) struct Completion {
    lp: Weak<LoopCore>,
    done: Cell<bool>,
    callbacks: RefCell<Callbacks>,
}

impl Completion {
    pub(super) fn new(lp: &Rc<LoopCore>) -> Self {
        Self {
            lp: Rc::downgrade(lp),
            done: Cell::new(false),
            callbacks: RefCell::default(),
        }
    }

    pub(super) fn lp(&self) -> Option<Rc<LoopCore>> {
        self.lp.upgrade()
    }

    #[inline]
    pub(super) fn done(&self) -> bool {
        self.done.get()
    }

    /// The end has come: everybody is scheduled.
    pub(super) fn complete(&self) {
        debug_assert!(!self.done.get());
        self.done.set(true);
        let callbacks = self.callbacks.take();
        if matches!(callbacks, Callbacks::None) {
            return;
        }
        let Some(lp) = self.lp.upgrade() else { return };
        match callbacks {
            Callbacks::None => {}
            Callbacks::One(_, callback) => callback.schedule(&lp),
            Callbacks::Many(callbacks) => {
                for (_, callback) in callbacks {
                    callback.schedule(&lp);
                }
            }
        }
    }

    /// Tells `callback` of the end: in the next turn, if it has come already.
    pub(super) fn add(&self, callback: Callback) -> CallbackId {
        let Some(lp) = self.lp.upgrade() else {
            return CallbackId(0);
        };
        let id = CallbackId(lp.fresh());
        if self.done.get() {
            callback.schedule(&lp);
            return id;
        }
        let callbacks = &mut *self.callbacks.borrow_mut();
        *callbacks = match mem::take(callbacks) {
            Callbacks::None => Callbacks::One(id, callback),
            Callbacks::One(first, other) => Callbacks::Many(vec![(first, other), (id, callback)]),
            Callbacks::Many(mut many) => {
                many.push((id, callback));
                Callbacks::Many(many)
            }
        };
        id
    }

    /// Takes a callback back. Whether it was still there.
    pub(super) fn remove(&self, id: CallbackId) -> bool {
        let mut callbacks = self.callbacks.borrow_mut();
        let removed = match &mut *callbacks {
            Callbacks::None => None,
            Callbacks::One(one, _) if *one == id => match mem::take(&mut *callbacks) {
                Callbacks::One(_, callback) => Some(callback),
                _ => None,
            },
            Callbacks::One(..) => None,
            Callbacks::Many(many) => {
                let at = many.iter().position(|(other, _)| *other == id);
                at.map(|at| many.remove(at).1)
            }
        };
        // Its drop is somebody else's code.
        drop(callbacks);
        removed.is_some()
    }
}

/// What a library wait waits for, without its type.
pub(super) trait Awaited {
    fn completion(&self) -> &Completion;

    /// Whether it ended as cancelled.
    fn is_cancelled(&self) -> bool;

    /// Passes a cancel on. Whether it was taken: not if the end has come.
    fn cancel(&self, message: Option<Arc<str>>) -> bool;

    /// How it ended, without its value.
    fn outcome(&self) -> Option<Result<(), super::Error>>;
}

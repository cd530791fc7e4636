//! What is awaited, without its type: a task, or something else that ends.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use super::completion::Completion;
use super::error::Error;
use crate::aio::core::raw::pointer::AnyTask;

/// Something that ends.
#[derive(Clone)]
pub(in crate::aio) enum Target {
    Task(AnyTask),
    Other(Rc<dyn Awaited>),
}

impl Target {
    #[inline]
    pub(in crate::aio) fn completion(&self) -> &Completion {
        match self {
            Self::Task(task) => &task.core().completion,
            Self::Other(other) => other.completion(),
        }
    }

    /// Whether both are the same.
    pub(in crate::aio) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Task(one), Self::Task(other)) => one.is(other),
            (Self::Other(one), Self::Other(other)) => Rc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// A number that no other target has while this one lives.
    pub(in crate::aio) fn address(&self) -> usize {
        match self {
            Self::Task(task) => task.address(),
            Self::Other(other) => Rc::as_ptr(other).addr(),
        }
    }

    /// Counts a cancel that need not be passed on again.
    pub(in crate::aio) fn count_cancel(&self) -> bool {
        if let Self::Task(task) = self {
            task.core().count_cancel();
        }
        true
    }
}

impl Deref for Target {
    type Target = dyn Awaited;

    fn deref(&self) -> &(dyn Awaited + 'static) {
        match self {
            Self::Task(task) => task,
            Self::Other(other) => &**other,
        }
    }
}

/// What a library wait waits for, without its type.
pub(in crate::aio) trait Awaited {
    fn completion(&self) -> &Completion;

    /// Whether it ended as cancelled.
    fn is_cancelled(&self) -> bool;

    /// A cancel has come. It is not taken if the end has come.
    fn begin_cancel(&self, message: Option<&Arc<str>>) -> Begun;

    /// What a cancel is passed on to: the target with this index, if there are that many.
    fn cancel_next(&self, _index: usize) -> Option<Target> {
        None
    }

    /// A cancel was passed on to all of them; `taken` is whether one of them took it. Returns whether that
    /// counts as taken.
    fn end_cancel(&self, _message: Option<&Arc<str>>, taken: bool) -> bool {
        taken
    }

    /// How it ended, without its value.
    fn outcome(&self) -> Option<Result<(), Error>>;
}

/// What beginning a cancel led to.
pub(in crate::aio) enum Begun {
    /// The cancel ends here. The value says whether it was taken.
    Ended(bool),
    /// The cancel goes on to what [`Awaited::cancel_next`] gives.
    PassesOn,
    /// The cancel goes on from several places of a task.
    Each(Box<dyn PassEach>),
}

/// Several places of a task, each of which passes a cancel on to the one thing that is waited for there.
pub(in crate::aio) trait PassEach {
    /// What the place with this index waits for, if there are that many.
    fn next(&self, index: usize) -> Option<Target>;

    /// That has answered: `taken` is whether it took the cancel.
    fn answered(&self, index: usize, message: Option<&Arc<str>>, taken: bool);

    /// All have answered.
    fn end(&self);

    /// The cancel has got stuck.
    fn stop(&self);
}

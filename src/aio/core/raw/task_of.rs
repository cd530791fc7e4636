use std::cell::RefCell;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::handle::TaskHandle;
use super::pointer::{AnyTask, CellPhase};
use crate::aio::core::error::Error;
use crate::aio::core::outcome::Outcome;

/// A task whose value is a `T`.
// Transparent: a reference to an `AnyTask` is a reference to it, too ([`TaskOf::of_ref`]).
#[repr(transparent)]
pub(in crate::aio) struct TaskOf<T> {
    handle: TaskHandle,
    /// A `T` is taken out of the cell, and only on this thread.
    value: PhantomData<*mut T>,
}

impl<T: 'static> TaskOf<T> {
    /// Writes how the task ended, where there is no body.
    pub(in crate::aio::core) fn set_outcome(&self, outcome: Result<T, Error>) {
        let head = self.any().head();
        assert!(
            head.is_external() || head.phase.get() == CellPhase::Gone,
            "a task ends once, and after its body"
        );
        let cancelled = matches!(outcome, Err(Error::Cancelled(_)));
        let place = self.place();
        // SAFETY: the place is made for this outcome (invariant 5), and nothing is there in these phases.
        unsafe { place.write(RefCell::new(Outcome::Ended(outcome))) };
        head.phase.set(if cancelled {
            CellPhase::Cancelled
        } else {
            CellPhase::Ended
        });
    }

    fn place(&self) -> NonNull<RefCell<Outcome<T>>> {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.any().head().vtable.place)(self.any().pointer()) }.cast()
    }

    /// How it ended, if it has.
    pub(in crate::aio::core) fn outcome(&self) -> Option<&RefCell<Outcome<T>>> {
        if !self.any().head().has_ended() {
            return None;
        }
        // SAFETY: the outcome is there, and stays as long as we hold the task (invariants 4 and 5).
        Some(unsafe { &*self.place().as_ptr() })
    }
}

impl<T> TaskOf<T> {
    /// # Safety
    ///
    /// `task` points to a cell that was made for `T`.
    pub(super) unsafe fn of(task: AnyTask) -> Self {
        Self {
            handle: TaskHandle::new(task),
            value: PhantomData,
        }
    }

    /// The same, for a pointer that somebody holds.
    ///
    /// # Safety
    ///
    /// `task` points to a cell that was made for `T`.
    #[inline]
    pub(super) unsafe fn of_ref(task: &AnyTask) -> &Self {
        // SAFETY: a `TaskOf` is laid out as its handle, and the handle as the pointer (`repr(transparent)`);
        // the type is right by the contract.
        unsafe { &*ptr::from_ref(task).cast::<Self>() }
    }

    #[inline]
    pub(in crate::aio) fn any(&self) -> &AnyTask {
        &self.handle.task
    }

    pub(in crate::aio::core) fn handle(&self) -> &TaskHandle {
        &self.handle
    }
}

impl<T> Clone for TaskOf<T> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            value: PhantomData,
        }
    }
}

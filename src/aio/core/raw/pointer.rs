use std::cell::RefCell;
use std::marker::PhantomData;
use std::process;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::Phase;
use super::cell::{Elsewhere, RawPart, TaskCell};
use crate::aio::core::body::{Body, Mode, Stepped};
use crate::aio::core::cancelling::Begun;
use crate::aio::core::completion::{Awaited, Completion, Target};
use crate::aio::core::drop_flat::drop_flat;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::task::task_core::TaskCore;
use crate::aio::core::task::task_handle::TaskHandle;

/// A task, without its type: a counted pointer.
pub(in crate::aio) struct AnyTask {
    core: NonNull<TaskCore>,
}

impl AnyTask {
    #[inline]
    pub(in crate::aio) fn core(&self) -> &TaskCore {
        // SAFETY: the cell lives (invariant 1), and only shared references to its core are made.
        unsafe { self.core.as_ref() }
    }

    /// The id of a task, on any thread.
    ///
    /// # Safety
    ///
    /// `task` points to a pointer to a task, and that pointer is held meanwhile.
    pub(super) unsafe fn id_of(task: *const Self) -> TaskId {
        // SAFETY: by the contract. What is read never changes.
        unsafe {
            let core = (*task).core.as_ptr();
            TaskId::new((*core).slot, (*core).number)
        }
    }

    pub(super) fn pointer(&self) -> NonNull<TaskCore> {
        self.core
    }

    /// Whether both are the same task.
    #[inline]
    pub(in crate::aio) fn is(&self, other: &Self) -> bool {
        self.core == other.core
    }

    /// A number that no other task has while this one lives.
    pub(in crate::aio) fn address(&self) -> usize {
        self.core.addr().get()
    }

    /// Polls the body that the task owns.
    #[inline]
    pub(in crate::aio) fn step(&self, lp: &LoopCore, mode: Mode) -> Stepped {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.core().raw.vtable.step)(self, lp, mode) }
    }

    /// Ends as cancelled a task whose body was elsewhere and is gone.
    pub(in crate::aio) fn forsake(&self, lp: &LoopCore) {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.core().raw.vtable.forsake)(self, lp) }
    }

    /// Drops the body: the loop is gone.
    pub(in crate::aio) fn abandon(&self) {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.core().raw.vtable.abandon)(self.core) }
    }
}

impl Clone for AnyTask {
    #[inline]
    fn clone(&self) -> Self {
        let pointers = &self.core().raw.pointers;
        let Some(more) = pointers.get().checked_add(1) else {
            // There can only be so many if pointers were forgotten; `Rc` aborts as well.
            process::abort()
        };
        pointers.set(more);
        Self { core: self.core }
    }
}

impl Drop for AnyTask {
    #[inline]
    fn drop(&mut self) {
        let raw = &self.core().raw;
        let left = raw.pointers.get() - 1;
        raw.pointers.set(left);
        if left == 0 {
            drop_flat(Last(self.core));
        }
    }
}

/// A cell to which there is no pointer left.
struct Last(NonNull<TaskCore>);

impl Drop for Last {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the last pointer has left the cell to us.
        let free = unsafe { self.0.as_ref() }.raw.vtable.free;
        // SAFETY: the vtable is this cell's, and nobody has a pointer. The cell's content is `'static`
        // (`TaskCell::make`), whenever it is dropped.
        unsafe { free(self.0) }
    }
}

impl Awaited for AnyTask {
    fn completion(&self) -> &Completion {
        &self.core().completion
    }

    fn is_cancelled(&self) -> bool {
        self.core().raw.is_cancelled()
    }

    fn begin_cancel(&self, message: Option<&Arc<str>>) -> Begun {
        let core = self.core();
        let lp = core.completion.lp();
        if lp.is_some_and(|lp| lp.tasks.get(core.id()).is_some()) {
            self.begin_own_cancel(message)
        } else {
            Begun::Ended(false)
        }
    }

    fn cancel_next(&self, index: usize) -> Option<Target> {
        self.core().one_target().filter(|_| index == 0)
    }

    fn end_cancel(&self, message: Option<&Arc<str>>, taken: bool) -> bool {
        self.end_own_cancel(message, taken);
        true
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.core().raw.vtable.end)(self) }
    }
}

/// A task whose value is a `T`.
// Transparent: a reference to an `AnyTask` is a reference to it, too ([`TaskOf::of_ref`]).
#[repr(transparent)]
pub(in crate::aio) struct TaskOf<T> {
    handle: TaskHandle,
    /// A `T` is taken out of the cell, and only on this thread.
    value: PhantomData<*mut T>,
}

impl<T: 'static> TaskOf<T> {
    /// A task that owns its body.
    #[inline]
    pub(in crate::aio::core) fn with_body<B: Body<T> + 'static>(
        body: impl FnOnce() -> B,
        core: impl FnOnce(RawPart, &B) -> TaskCore,
    ) -> Self {
        let core = TaskCell::make(body, false, core);
        // SAFETY: the first pointer to a cell that was made for `T`.
        unsafe { Self::of(AnyTask { core }) }
    }

    /// A task whose body is elsewhere.
    pub(in crate::aio::core) fn without_body(core: impl FnOnce(RawPart) -> TaskCore) -> Self {
        let core = TaskCell::<T, _>::make(|| Elsewhere, true, |raw, _| core(raw));
        // SAFETY: as above.
        unsafe { Self::of(AnyTask { core }) }
    }

    /// Writes how the task ended, where there is no body.
    pub(in crate::aio::core) fn set_outcome(&self, outcome: Result<T, Error>) {
        let raw = &self.any().core().raw;
        assert!(
            raw.is_external() || raw.phase.get() == Phase::Gone,
            "a task ends once, and after its body"
        );
        let cancelled = matches!(outcome, Err(Error::Cancelled(_)));
        let place = self.place();
        // SAFETY: the place is made for this outcome (invariant 5), and nothing is there in these phases.
        unsafe { place.write(RefCell::new(Outcome::Ended(outcome))) };
        raw.phase.set(if cancelled {
            Phase::Cancelled
        } else {
            Phase::Ended
        });
    }

    fn place(&self) -> NonNull<RefCell<Outcome<T>>> {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.any().core().raw.vtable.place)(self.any().core) }.cast()
    }

    /// How it ended, if it has.
    pub(in crate::aio::core) fn outcome(&self) -> Option<&RefCell<Outcome<T>>> {
        if !self.any().core().raw.has_ended() {
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

//! The pointer to a task, and what it points to.

use std::cell::Cell;
use std::process;
use std::ptr::NonNull;

use crate::aio::core::body::{Mode, Stepped};
use crate::aio::core::drop_flat::drop_flat;
use crate::aio::core::error::Error;

/// A task, without its type: a counted pointer.
///
/// It leads to the head of the task's core, so that all that a core consists of may hold such pointers: the loop, and
/// what is told of an end. Where more is known, `core` leads from the head to the core ([`cell`](super::cell)).
pub(in crate::aio) struct AnyTask {
    head: NonNull<TaskHead>,
}

/// What a pointer to a task points to: the part of its core that leads to the rest of the cell, and flags that fit in
/// beside it.
pub(in crate::aio) struct TaskHead {
    pub(super) vtable: &'static Vtable,
    pub(super) pointers: Cell<u32>,
    pub(super) phase: Cell<CellPhase>,
    /// Whether somebody has looked at how the task ended: set by whatever looks, and never cleared. If it is not set
    /// when the task is freed, its error is reported.
    pub(in crate::aio::core) seen: Cell<bool>,
    /// Whether the task is kept from running because it is beyond a gather's limit.
    pub(in crate::aio::core) hold: Cell<Hold>,
    /// Whose turn it is.
    pub(in crate::aio::core) state: Cell<TurnState>,
}

impl TaskHead {
    pub(in crate::aio::core) fn is_external(&self) -> bool {
        matches!(self.phase.get(), CellPhase::External | CellPhase::InGroup)
    }

    /// The body, which is elsewhere, belongs to a group's future.
    pub(in crate::aio::core) fn join_group(&self) {
        debug_assert!(self.is_external());
        self.phase.set(CellPhase::InGroup);
    }

    /// Whether the body belongs to a group's future, and has not ended.
    #[inline]
    pub(in crate::aio::core) fn is_in_group(&self) -> bool {
        self.phase.get() == CellPhase::InGroup
    }

    /// Whether the task has ended as cancelled.
    pub(in crate::aio::core) fn is_cancelled(&self) -> bool {
        self.phase.get() == CellPhase::Cancelled
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase.get(), CellPhase::Ended | CellPhase::Cancelled)
    }
}

/// Whose turn it is: see [`task_core`](crate::aio::core::task::task_core).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio::core) enum TurnState {
    Idle,
    Queued,
    Running,
    Woken,
}

/// Whether a task is kept from running, until somebody releases it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio::core) enum Hold {
    /// Set by `release`.
    Free,
    /// The task has missed no turn: if it is queued, its entry in the ready queue is still there. Set by `hold`, if
    /// the task is free.
    Held,
    /// The task is queued, but has no entry: its turn came and went. Set by `misses_turn`.
    Missed,
    /// The task was held, and runs because it has been cancelled. Set by `release_to_end`. If the cancel is taken back
    /// before it is delivered, the task is held again (`withdraw`).
    Ending,
}

/// What is behind the core of a task.
///
/// | phase | what is there | set by |
/// |---|---|---|
/// | `External` | nothing: the body is elsewhere | the making of the cell |
/// | `InGroup` | nothing: the body belongs to a group's future | [`TaskHead::join_group`] |
/// | `Body` | the body | the making of the cell, the end of a step |
/// | `Busy` | the body, which a step refers to | the start of a step |
/// | `Gone` | nothing: the body has been dropped | the end of the last step, the loop's end |
/// | `Ended` | how it ended | `TaskOf::set_outcome` |
/// | `Cancelled` | how it ended, which is as cancelled | `TaskOf::set_outcome` |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellPhase {
    External,
    InGroup,
    Body,
    Busy,
    Gone,
    Ended,
    Cancelled,
}

/// What depends on the types of a cell. The pointers to heads are those of a cell with these types, and those to loops
/// are to a `LoopCore`, which is built on this module.
pub(super) struct Vtable {
    pub(super) step: unsafe fn(&AnyTask, NonNull<()>, Mode) -> Stepped,
    /// Drops the body.
    pub(super) abandon: unsafe fn(NonNull<TaskHead>),
    /// Ends a task without a body as cancelled.
    pub(super) forsake: unsafe fn(&AnyTask, NonNull<()>),
    /// Where the body or the outcome is.
    pub(super) place: unsafe fn(NonNull<TaskHead>) -> NonNull<()>,
    /// How it ended, without the value.
    pub(super) end: unsafe fn(&AnyTask) -> Option<Result<(), Error>>,
    pub(super) free: unsafe fn(NonNull<TaskHead>),
}

impl AnyTask {
    /// The first pointer to a cell.
    ///
    /// # Safety
    ///
    /// `head` is that of a cell that has just been made, and may be used for the whole cell.
    #[inline]
    pub(super) unsafe fn first(head: NonNull<TaskHead>) -> Self {
        Self { head }
    }

    #[inline]
    pub(super) fn head(&self) -> &TaskHead {
        // SAFETY: the cell lives (invariant 1), and only shared references to its core are made.
        unsafe { self.head.as_ref() }
    }

    #[inline]
    pub(super) fn pointer(&self) -> NonNull<TaskHead> {
        self.head
    }

    /// Whether both are the same task.
    #[inline]
    pub(in crate::aio) fn is(&self, other: &Self) -> bool {
        self.head == other.head
    }

    /// A number that no other task has while this one lives.
    pub(in crate::aio) fn address(&self) -> usize {
        self.head.addr().get()
    }

    /// Drops the body: the loop is gone.
    pub(in crate::aio) fn abandon(&self) {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.head().vtable.abandon)(self.head) }
    }

    /// How it ended, without its value.
    pub(in crate::aio::core) fn end(&self) -> Option<Result<(), Error>> {
        // SAFETY: the vtable is this cell's.
        unsafe { (self.head().vtable.end)(self) }
    }
}

impl Clone for AnyTask {
    #[inline]
    fn clone(&self) -> Self {
        let pointers = &self.head().pointers;
        let Some(more) = pointers.get().checked_add(1) else {
            // There can only be so many if pointers were forgotten; `Rc` aborts as well.
            process::abort()
        };
        pointers.set(more);
        Self { head: self.head }
    }
}

impl Drop for AnyTask {
    #[inline]
    fn drop(&mut self) {
        let head = self.head();
        let left = head.pointers.get() - 1;
        head.pointers.set(left);
        if left == 0 {
            drop_flat(Last(self.head));
        }
    }
}

/// A cell to which there is no pointer left.
struct Last(NonNull<TaskHead>);

impl Drop for Last {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the last pointer has left the cell to us.
        let free = unsafe { self.0.as_ref() }.vtable.free;
        // SAFETY: the vtable is this cell's, and nobody has a pointer. The cell's content is `'static`
        // (`TaskCell::make`), whenever it is dropped.
        unsafe { free(self.0) }
    }
}

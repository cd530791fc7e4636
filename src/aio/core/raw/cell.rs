use std::alloc::Layout;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::NonNull;

use super::pointer::{AnyTask, TaskOf};
use super::{Phase, Vtable};
use crate::aio::core::body::{Body, Mode, Stepped};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::report;
use crate::aio::core::task::step::poll_body;
use crate::aio::core::task::task_core::{State, TaskCore};
use crate::frame::memory_pool;

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
}

/// The part of a core that leads to the rest of the cell, and flags that fit in beside it.
pub(in crate::aio) struct RawPart {
    pub(super) vtable: &'static Vtable,
    pub(super) pointers: Cell<u32>,
    pub(super) phase: Cell<Phase>,
    /// Whether somebody has looked at how the task ended: set by whatever looks, and never cleared. If it is not set
    /// when the task is freed, its error is reported.
    pub(in crate::aio::core) seen: Cell<bool>,
    /// Whether the task is kept from running because it is beyond a gather's limit.
    pub(in crate::aio::core) hold: Cell<Hold>,
    /// Whose turn it is.
    pub(in crate::aio::core) state: Cell<State>,
}

impl RawPart {
    pub(in crate::aio::core) fn is_external(&self) -> bool {
        matches!(self.phase.get(), Phase::External | Phase::InGroup)
    }

    /// The body, which is elsewhere, belongs to a group's future.
    pub(in crate::aio::core) fn join_group(&self) {
        debug_assert!(self.is_external());
        self.phase.set(Phase::InGroup);
    }

    /// Whether the body belongs to a group's future, and has not ended.
    #[inline]
    pub(in crate::aio::core) fn is_in_group(&self) -> bool {
        self.phase.get() == Phase::InGroup
    }

    /// Whether the task has ended as cancelled.
    pub(in crate::aio::core) fn is_cancelled(&self) -> bool {
        self.phase.get() == Phase::Cancelled
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase.get(), Phase::Ended | Phase::Cancelled)
    }
}

/// `repr(C)`: both fields are at the start, so that a pointer to the union is a pointer to either of them.
#[repr(C)]
union Place<T, B> {
    body: ManuallyDrop<B>,
    outcome: ManuallyDrop<RefCell<Outcome<T>>>,
}

#[repr(C)]
pub(super) struct TaskCell<T, B> {
    /// First, so that a pointer to it is a pointer to the cell.
    core: TaskCore,
    place: UnsafeCell<Place<T, B>>,
}

/// The body of a task whose body is elsewhere.
pub(super) struct Elsewhere;

impl<T> Body<T> for Elsewhere {
    fn step(
        self: Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
        _cancelled: Option<Cancelled>,
        _out: &mut Option<Result<T, Error>>,
    ) -> bool {
        false
    }
}

impl<T: 'static, B: Body<T> + 'static> TaskCell<T, B> {
    const VTABLE: &'static Vtable = &Vtable {
        step: step::<T, B>,
        abandon: abandon::<T, B>,
        forsake: forsake::<T>,
        place: place::<T, B>,
        end: end::<T>,
        free: free::<T, B>,
    };

    /// Makes a cell, with a first pointer to it. All of it is made where it stays.
    #[inline]
    pub(super) fn make(
        body: impl FnOnce() -> B,
        external: bool,
        core: impl FnOnce(RawPart, &B) -> TaskCore,
    ) -> NonNull<TaskCore> {
        let phase = if external {
            Phase::External
        } else {
            Phase::Body
        };
        let cell = memory_pool::allocate(Layout::new::<Self>()).cast::<Self>();
        let place = cell.as_ptr();
        // SAFETY: the memory is there, for both of the cell's fields; the body is at the start of its place.
        unsafe {
            let body_place = UnsafeCell::raw_get(&raw const (*place).place).cast::<B>();
            body_place.write(body());
            let raw = RawPart {
                vtable: Self::VTABLE,
                pointers: Cell::new(1),
                phase: Cell::new(phase),
                seen: Cell::new(false),
                hold: Cell::new(Hold::Free),
                state: Cell::new(State::Idle),
            };
            (&raw mut (*place).core).write(core(raw, &*body_place));
        }
        cell.cast()
    }
}

/// # Safety
///
/// `core` points to a living cell of these types.
unsafe fn place<T, B>(core: NonNull<TaskCore>) -> NonNull<()> {
    let cell = core.cast::<TaskCell<T, B>>().as_ptr();
    // SAFETY: by the contract; the pointer is not null.
    unsafe { NonNull::new_unchecked(UnsafeCell::raw_get(&raw const (*cell).place).cast()) }
}

/// # Safety
///
/// `task` points to a cell of these types.
unsafe fn step<T: 'static, B: Body<T> + 'static>(
    task: &AnyTask,
    lp: &LoopCore,
    mode: Mode,
) -> Stepped {
    let raw = &task.core().raw;
    if raw.phase.get() != Phase::Body {
        return Stepped::Asleep;
    }
    raw.phase.set(Phase::Busy);
    // SAFETY: by the contract.
    let body = unsafe { place::<T, B>(task.pointer()) }.cast::<B>();
    // SAFETY: the phase was `Body`, so the body is there, and nobody else refers to it (invariant 3). It is
    // never moved.
    let body = unsafe { Pin::new_unchecked(&mut *body.as_ptr()) };
    let mut out = None;
    let stepped = poll_body(task, lp, body, mode, &mut out);
    let Some(outcome) = out else {
        raw.phase.set(Phase::Body);
        return stepped;
    };
    // SAFETY: by the contract; the step has ended, and so has its reference. The phase is still `Busy`, so
    // nobody else has made a reference to the body, or dropped it.
    unsafe { drop_body::<T, B>(task.pointer()) };
    // SAFETY: by the contract.
    unsafe { TaskOf::<T>::of_ref(task) }.finish(lp, outcome);
    Stepped::Ended
}

/// # Safety
///
/// `core` points to a living cell of these types, with a body to which nobody refers.
unsafe fn drop_body<T, B>(core: NonNull<TaskCore>) {
    // First, because the destructor is somebody else's code, and looks at the task (invariant 8).
    // SAFETY: by the contract.
    unsafe { core.as_ref() }.raw.phase.set(Phase::Gone);
    // SAFETY: by the contract.
    let body = unsafe { place::<T, B>(core) }.cast::<B>();
    report::guarded(|| {
        // SAFETY: by the contract; nobody drops the body again, because the phase is `Gone`.
        unsafe { body.drop_in_place() };
    });
}

/// # Safety
///
/// `core` points to a living cell of these types.
unsafe fn abandon<T, B>(core: NonNull<TaskCore>) {
    // SAFETY: by the contract.
    if unsafe { core.as_ref() }.raw.phase.get() == Phase::Body {
        // SAFETY: by the contract, and in this phase nobody refers to the body (invariant 3).
        unsafe { drop_body::<T, B>(core) };
    }
}

/// # Safety
///
/// `task` points to a cell that was made for `T`.
unsafe fn forsake<T: 'static>(task: &AnyTask, lp: &LoopCore) {
    if task.core().raw.is_external() {
        // SAFETY: by the contract.
        let task = unsafe { TaskOf::<T>::of_ref(task) };
        task.finish(lp, Err(Error::Cancelled(Cancelled::new())));
    }
}

/// # Safety
///
/// `task` points to a cell that was made for `T`.
unsafe fn end<T: 'static>(task: &AnyTask) -> Option<Result<(), Error>> {
    // SAFETY: by the contract.
    unsafe { TaskOf::<T>::of_ref(task) }.look(Outcome::end)
}

/// # Safety
///
/// `core` points to a cell of these types, and there is no other pointer to it.
unsafe fn free<T, B>(core: NonNull<TaskCore>) {
    /// Gives the memory back, on unwind too.
    struct Memory<C>(NonNull<C>);
    impl<C> Drop for Memory<C> {
        #[inline]
        fn drop(&mut self) {
            // SAFETY: the memory is from the pool, with this layout (`TaskCell::make`), and nobody uses it
            // any longer.
            unsafe { memory_pool::free(self.0.cast(), Layout::new::<C>()) };
        }
    }
    let memory = Memory(core.cast::<TaskCell<T, B>>());
    // SAFETY: by the contract.
    unsafe { memory.0.drop_in_place() };
}

impl<T, B> Drop for TaskCell<T, B> {
    fn drop(&mut self) {
        let place = self.place.get_mut();
        match self.core.raw.phase.get() {
            Phase::External | Phase::InGroup | Phase::Gone => {}
            // SAFETY: in these phases there is a body, and nobody refers to it (invariant 1: a step that is
            // under way holds a pointer).
            Phase::Body | Phase::Busy => unsafe { ManuallyDrop::drop(&mut place.body) },
            Phase::Ended | Phase::Cancelled => {
                // SAFETY: in these phases there is an outcome. It is not used again.
                let outcome = unsafe { ManuallyDrop::take(&mut place.outcome) }.into_inner();
                if let Some(error) = outcome.error() {
                    self.core.dropped_with(error);
                }
            }
        }
    }
}

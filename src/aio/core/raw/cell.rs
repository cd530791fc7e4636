//! The memory of a task: its core, in which the head is that pointers lead to, and behind it the body, or how it
//! ended.

use std::alloc::Layout;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::{ManuallyDrop, offset_of};
use std::pin::Pin;
use std::ptr::NonNull;

use super::pointer::{AnyTask, CellPhase, Hold, TaskHead, TurnState, Vtable};
use super::task_of::TaskOf;
use crate::aio::core::body::{Body, Mode, Stepped};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::report;
use crate::aio::core::task::poll_body::poll_body;
use crate::aio::core::task::task_core::TaskCore;
use crate::frame::memory_pool;

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
        _out: &mut Option<Result<T, Error>>,
    ) -> bool {
        false
    }

    fn end(self: Pin<&mut Self>) {}
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
        core: impl FnOnce(TaskHead, &B) -> TaskCore,
    ) -> NonNull<TaskHead> {
        let phase = if external {
            CellPhase::External
        } else {
            CellPhase::Body
        };
        let cell = memory_pool::allocate(Layout::new::<Self>()).cast::<Self>();
        let place = cell.as_ptr();
        // SAFETY: the memory is there, for both of the cell's fields; the body is at the start of its place.
        unsafe {
            let body_place = UnsafeCell::raw_get(&raw const (*place).place).cast::<B>();
            body_place.write(body());
            let head = TaskHead {
                vtable: Self::VTABLE,
                pointers: Cell::new(1),
                phase: Cell::new(phase),
                seen: Cell::new(false),
                hold: Cell::new(Hold::Free),
                state: Cell::new(TurnState::Idle),
            };
            (&raw mut (*place).core).write(core(head, &*body_place));
            NonNull::new_unchecked(&raw mut (*place).core.head)
        }
    }
}

/// The core that a head is in. It is at the start of a cell.
///
/// # Safety
///
/// `head` is that of a living cell, and may be used for the whole cell (invariant 1).
#[inline]
unsafe fn core_of(head: NonNull<TaskHead>) -> NonNull<TaskCore> {
    // SAFETY: by the contract, and every head is in a core (invariant 9).
    unsafe { head.byte_sub(offset_of!(TaskCore, head)).cast() }
}

impl AnyTask {
    #[inline]
    pub(in crate::aio) fn core(&self) -> &TaskCore {
        // SAFETY: the cell lives (invariant 1), and only shared references to its core are made.
        unsafe { core_of(self.pointer()).as_ref() }
    }

    /// The id of a task, on any thread.
    ///
    /// # Safety
    ///
    /// `task` points to a pointer to a task, and that pointer is held meanwhile.
    pub(super) unsafe fn id_of(task: *const Self) -> TaskId {
        // SAFETY: by the contract. What is read never changes.
        unsafe {
            let core = core_of((*task).pointer()).as_ptr();
            TaskId::new((*core).slot, (*core).number)
        }
    }

    /// Polls the body that the task owns.
    #[inline]
    pub(in crate::aio) fn step(&self, lp: &LoopCore, mode: Mode) -> Stepped {
        // SAFETY: the vtable is this cell's, and the loop a `LoopCore` (invariant 9).
        unsafe { (self.head().vtable.step)(self, NonNull::from(lp).cast(), mode) }
    }

    /// Ends as cancelled a task whose body was elsewhere and is gone.
    pub(in crate::aio) fn forsake(&self, lp: &LoopCore) {
        // SAFETY: the vtable is this cell's, and the loop a `LoopCore` (invariant 9).
        unsafe { (self.head().vtable.forsake)(self, NonNull::from(lp).cast()) }
    }
}

impl<T: 'static> TaskOf<T> {
    /// A task that owns its body.
    #[inline]
    pub(in crate::aio::core) fn with_body<B: Body<T> + 'static>(
        body: impl FnOnce() -> B,
        core: impl FnOnce(TaskHead, &B) -> TaskCore,
    ) -> Self {
        let head = TaskCell::make(body, false, core);
        // SAFETY: the first pointer to a cell that was made for `T`.
        unsafe { Self::of(AnyTask::first(head)) }
    }

    /// A task whose body is elsewhere.
    pub(in crate::aio::core) fn without_body(core: impl FnOnce(TaskHead) -> TaskCore) -> Self {
        let head = TaskCell::<T, _>::make(|| Elsewhere, true, |head, _| core(head));
        // SAFETY: as above.
        unsafe { Self::of(AnyTask::first(head)) }
    }
}

/// # Safety
///
/// `head` is that of a living cell of these types.
unsafe fn place<T, B>(head: NonNull<TaskHead>) -> NonNull<()> {
    // SAFETY: by the contract.
    let cell = unsafe { core_of(head) }.cast::<TaskCell<T, B>>().as_ptr();
    // SAFETY: by the contract; the pointer is not null.
    unsafe { NonNull::new_unchecked(UnsafeCell::raw_get(&raw const (*cell).place).cast()) }
}

/// # Safety
///
/// `task` points to a cell of these types, and `lp` to a `LoopCore`.
unsafe fn step<T: 'static, B: Body<T> + 'static>(
    task: &AnyTask,
    lp: NonNull<()>,
    mode: Mode,
) -> Stepped {
    // SAFETY: by the contract.
    let lp = unsafe { lp.cast::<LoopCore>().as_ref() };
    let head = task.head();
    if head.phase.get() != CellPhase::Body {
        return Stepped::Asleep;
    }
    head.phase.set(CellPhase::Busy);
    // SAFETY: by the contract.
    let body = unsafe { place::<T, B>(task.pointer()) }.cast::<B>();
    // SAFETY: the phase was `Body`, so the body is there, and nobody else refers to it (invariant 3). It is
    // never moved.
    let body = unsafe { Pin::new_unchecked(&mut *body.as_ptr()) };
    let mut out = None;
    let stepped = poll_body(task, lp, body, mode, &mut out);
    let Some(outcome) = out else {
        head.phase.set(CellPhase::Body);
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
/// `head` is that of a living cell of these types, with a body to which nobody refers.
unsafe fn drop_body<T, B>(head: NonNull<TaskHead>) {
    // First, because the destructor is somebody else's code, and looks at the task (invariant 8).
    // SAFETY: by the contract.
    unsafe { head.as_ref() }.phase.set(CellPhase::Gone);
    // SAFETY: by the contract.
    let body = unsafe { place::<T, B>(head) }.cast::<B>();
    report::guarded(|| {
        // SAFETY: by the contract; nobody drops the body again, because the phase is `Gone`.
        unsafe { body.drop_in_place() };
    });
}

/// # Safety
///
/// `head` is that of a living cell of these types.
unsafe fn abandon<T, B>(head: NonNull<TaskHead>) {
    // SAFETY: by the contract.
    if unsafe { head.as_ref() }.phase.get() == CellPhase::Body {
        // SAFETY: by the contract, and in this phase nobody refers to the body (invariant 3).
        unsafe { drop_body::<T, B>(head) };
    }
}

/// # Safety
///
/// `task` points to a cell that was made for `T`, and `lp` to a `LoopCore`.
unsafe fn forsake<T: 'static>(task: &AnyTask, lp: NonNull<()>) {
    if task.head().is_external() {
        // SAFETY: by the contract.
        let lp = unsafe { lp.cast::<LoopCore>().as_ref() };
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
/// `head` is that of a cell of these types, and there is no other pointer to it.
unsafe fn free<T, B>(head: NonNull<TaskHead>) {
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
    // SAFETY: by the contract.
    let memory = Memory(unsafe { core_of(head) }.cast::<TaskCell<T, B>>());
    // SAFETY: by the contract.
    unsafe { memory.0.drop_in_place() };
}

impl<T, B> Drop for TaskCell<T, B> {
    fn drop(&mut self) {
        let place = self.place.get_mut();
        match self.core.head.phase.get() {
            CellPhase::External | CellPhase::InGroup | CellPhase::Gone => {}
            // SAFETY: in these phases there is a body, and nobody refers to it (invariant 1: a step that is
            // under way holds a pointer).
            CellPhase::Body | CellPhase::Busy => unsafe { ManuallyDrop::drop(&mut place.body) },
            CellPhase::Ended | CellPhase::Cancelled => {
                // SAFETY: in these phases there is an outcome. It is not used again.
                let outcome = unsafe { ManuallyDrop::take(&mut place.outcome) }.into_inner();
                if let Some(error) = outcome.error() {
                    self.core.dropped_with(error);
                }
            }
        }
    }
}

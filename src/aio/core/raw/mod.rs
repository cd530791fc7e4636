//! The memory of tasks, and the waker that a body is polled with: all of the async API's unsafe code.
//!
//! A task is one allocation: a `TaskCore`, and behind it, in one place, the body or how it ended
//! ([`cell`]). The holders of a task have thin pointers to the head of its core, which are counted
//! ([`pointer`](mod@pointer)). What is made often is made where it stays ([`in_place`], [`batch`]).
//!
//! The order of the files: [`batch`], [`in_place`], [`transparent`] and [`pointer`](mod@pointer) know nothing of what is built on them. The
//! loop, ends and the cores of tasks are made of these, and [`cell`], [`task_of`] and [`waker`] of all that.
//!
//! 1. The allocation, which is from the thread's pool, lives as long as there is a pointer to it: the last
//!    one frees it. A pointer is made from another pointer, and the first one together with the cell; all may
//!    be used for the whole cell.
//! 2. The [`CellPhase`](pointer::CellPhase) in the core says what is in the place behind it. Only this module changes it.
//! 3. A body is polled and dropped in place. Only a step makes a reference to it, and only in the phase
//!    `Body`, which becomes `Busy` until the reference is gone: there is never a second one.
//! 4. How a task ended is written once, when there is no body, or none any longer, and stays until the cell
//!    is freed. So it may be referred to as long as a pointer is held.
//! 5. A [`TaskOf<T>`](task_of::TaskOf) points to a cell that was made for `T`.
//! 6. The data of a lent waker is a [`Lent`](current_task::Lent) on the stack of the step, which outlives every use
//!    of that waker: a waker is only lent by reference, and its clones do not point to the data. The task and
//!    the loop to which the data refers outlive those uses as well. The record of what runs on a thread is
//!    null, or a [`Lent`](current_task::Lent) of a step that is under way on that thread: whatever sets the record
//!    sets it back before its own stack frame ends, on unwind too.
//! 7. A lent waker may be used from another thread while the step lasts. There, only what never changes is
//!    read: where the task and the loop are, the task's id, the loop's thread and its inbox. Everything else
//!    in them is touched only on the thread of the step, which is recognised by the loop's thread, or by what
//!    runs.
//! 8. Bodies, values and errors are somebody else's code wherever they are polled, dropped, cloned or shown.
//!    The phase is set before they are dropped. While a body is polled the phase is `Busy`, in which nothing
//!    here touches the place. A value is only cloned under the shared borrow of its `RefCell`, and taking it
//!    during that is an error (`Outcome::take_from`). A caller from outside holds a pointer, so the cell is not
//!    freed meanwhile; and when the cell is freed, nobody has a pointer, so its destructors find no way to it.
//! 9. Every head is in a core (`offset_of!` leads from the one to the other), and every core is at the start of a
//!    cell. A loop that is handed to a function of a vtable is a `LoopCore`. Only [`cell`] makes heads, and only it
//!    calls such functions.

#![allow(
    unsafe_code,
    reason = "a task is one allocation, and its waker is lent without one"
)]

pub(in crate::aio) mod batch;
pub(in crate::aio::core) mod cell;
pub(in crate::aio) mod current_task;
pub(in crate::aio) mod handle;
pub(in crate::aio) mod in_place;
pub(in crate::aio) mod pointer;
pub(in crate::aio) mod task_of;
pub(in crate::aio::core) mod transparent;
pub(in crate::aio) mod waker;

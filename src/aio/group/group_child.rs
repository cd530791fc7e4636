//! A child of a group: the body that the group's future owns, and its task.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;

use pin_project::pin_project;

use super::group_core::GroupCore;
use crate::aio::core::body::{IntoResult, Mode, Stepped, is_large};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::output::Output;
use crate::aio::core::raw::task_of::TaskOf;
use crate::frame::{Engine as _, Frame, Never, Phase, is_too_deep};
use crate::generator::RecursionError;

/// A child that can be polled. `turn` returns whether it has ended.
pub(super) trait ChildTurn {
    fn turn(self: Pin<&mut Self>, lp: &LoopCore, mode: Mode) -> bool;
}

#[pin_project]
pub(super) struct GroupChild<'env, T, B: Future> {
    cell: TaskOf<T>,
    #[pin]
    frame: Frame<'env, Never, (), B>,
}

/// A child of `group`, and its task.
pub(super) fn child<'env, T: 'static, F>(
    group: &Rc<GroupCore>,
    index: u32,
    body: F,
    at: &'static Location<'static>,
) -> (Pin<Box<dyn ChildTurn + 'env>>, TaskOf<T>)
where
    F: Future<Output: Output<Ok = T>> + 'env,
{
    if is_large::<F>() {
        child_in_place(group, index, Box::pin(body), at)
    } else {
        child_in_place(group, index, body, at)
    }
}

fn child_in_place<'env, T: 'static>(
    group: &Rc<GroupCore>,
    index: u32,
    body: impl Future<Output: Output<Ok = T>> + 'env,
    at: &'static Location<'static>,
) -> (Pin<Box<dyn ChildTurn + 'env>>, TaskOf<T>) {
    let frame = Frame::new(move |_| IntoResult::new(body));
    let cell = TaskOf::child(&group.lp(), group.place(index), at);
    let child = Box::pin(GroupChild {
        cell: cell.clone(),
        frame,
    });
    (child, cell)
}

impl<T: 'static, B: Future<Output = Result<T, Error>>> ChildTurn for GroupChild<'_, T, B> {
    fn turn(self: Pin<&mut Self>, lp: &LoopCore, mode: Mode) -> bool {
        let this = self.project();
        if !this.cell.any().core().is_external() {
            // The loop has ended this child, because the task that made the group has ended, and another task
            // polls it.
            return true;
        }
        let stepped = match mode {
            Mode::Relay => this.cell.poll_body(lp, this.frame, mode),
            Mode::Step if this.frame.phase() == Phase::Created && is_too_deep() => {
                this.cell.refuse(lp, Error::from(RecursionError::default()));
                Stepped::Ended
            }
            Mode::Step => {
                let _closed = lp.closed();
                this.cell.poll_body(lp, this.frame, mode)
            }
        };
        if stepped == Stepped::Again {
            lp.push_step(this.cell.any().clone());
        }
        stepped == Stepped::Ended
    }
}

//! Tasks: bodies that the loop steps.
//!
//! A task is one [`TaskCell`](cell::TaskCell): its [`core`], how it ended, and its body, a frame.
//! [`TaskHandle`] is what everybody may do with it, [`Task`] adds its value. [`waker`] is what its
//! body is polled with, and the one place outside the engine with unsafe code.

pub(super) mod cell;
pub(super) mod core;
mod handle;
mod registry;
mod remote;
mod typed;
pub(super) mod waker;

pub use handle::{TaskHandle, all_tasks, current_task};
pub use remote::RemoteTask;
pub use typed::{Task, create_task};

pub(super) use core::AnyTask;
pub(super) use handle::exception_of;
pub(super) use registry::{Registry, TaskId};

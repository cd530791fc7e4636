//! Tasks: bodies that the loop steps.
//!
//! A task is one allocation ([`raw`]): its [`core`], and its [`body`], a frame, or its [`outcome`]. [`step`]
//! is how it begins, is polled, and ends. [`TaskHandle`] is what anybody may do with a task; [`Task`] adds
//! its value.

pub(super) mod body;
pub(super) mod core;
mod handle;
pub(super) mod outcome;
pub(super) mod raw;
mod registry;
mod remote;
pub(super) mod step;
mod typed;

pub use handle::{TaskHandle, all_tasks, current_task};
pub use remote::RemoteTask;
pub use typed::{Task, create_task};

pub(super) use handle::exception_of;
pub(super) use raw::{AnyTask, TaskOf};
pub(super) use registry::{Registry, TaskId};

//! Tasks: bodies that the loop steps.
//!
//! A task is one allocation ([`raw`](super::raw)): its [`task_core`], and its [`body`](super::body), a frame,
//! or its [`outcome`](super::outcome). [`step`] is how it begins, is polled, and ends. [`TaskHandle`](super::raw::handle::TaskHandle) is what
//! anybody may do with a task; [`Task`](create_task::Task) adds its value.

mod awaited;
pub(in crate::aio) mod create_task;
pub(in crate::aio) mod due_children;
pub(in crate::aio::core) mod poll_body;
pub(in crate::aio) mod remote;
pub(in crate::aio) mod step;
pub(in crate::aio) mod task_core;
pub(in crate::aio) mod task_handle;

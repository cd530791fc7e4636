//! Tasks: bodies that the loop steps.
//!
//! A task is one allocation ([`raw`](super::raw)): its [`task_core`], and its [`body`](super::body), a frame, or its
//! [`outcome`](super::outcome). [`step`] is how it begins and ends, [`poll_body`] how its body is polled, and
//! [`awaited`] what it is to those that await it. What the user has of it is in [`handles`](super::handles).

mod awaited;
pub(in crate::aio) mod due_children;
pub(in crate::aio::core) mod poll_body;
pub(in crate::aio) mod step;
pub(in crate::aio) mod task_core;

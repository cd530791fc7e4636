//! What the user has of a task: [`Task`](create_task::Task) with its value,
//! [`TaskHandle`](super::raw::handle::TaskHandle) without, and [`RemoteTask`](remote_task::RemoteTask) on other threads.

pub(in crate::aio) mod create_task;
pub(in crate::aio) mod identity;
pub(in crate::aio) mod remote_task;
pub(in crate::aio) mod task_handle;

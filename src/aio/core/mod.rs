//! What everything else in the async API is built on.
//!
//! - [`error`], [`cancelled`], [`panicked`], [`output`]: what a body ends with. [`thrown`]: how that travels in
//!   its frame.
//! - [`report`], [`trace`]: where that is told which nobody looked at. [`drop_flat`]: drops without recursion.
//!   [`foreign_waker`]: wakers that somebody else made.
//! - [`event_loop`]: what is ready, what is to come, and what other threads bring.
//! - [`raw`]: the memory of tasks, and the waker that their bodies are polled with: all of the unsafe code.
//! - [`completion`]: an end that comes once, and what is told of it. [`target`]: what is awaited, without its type.
//!   [`cancelling`]: how a cancel goes from one target to what that waits for.
//! - [`task`]: a body that the loop steps, its state and its cancels.
//! - [`registration`]: how a task knows what it waits for. [`awaiting`]: how it waits for something that ends.
//! - [`handles`]: what the user has of a task.
//! - [`runner`]: the loop as a future, and the calls that run one.

pub(in crate::aio) mod awaiting;
pub(in crate::aio) mod body;
pub(in crate::aio) mod cancelled;
pub(in crate::aio) mod cancelling;
pub(in crate::aio) mod completion;
pub(in crate::aio) mod deadlock;
pub(in crate::aio) mod drop_flat;
pub(in crate::aio) mod error;
mod error_text;
pub(in crate::aio) mod event_loop;
pub(crate) mod foreign_waker;
pub(in crate::aio) mod handles;
pub(in crate::aio) mod outcome;
pub(in crate::aio) mod output;
mod outputs;
pub(in crate::aio) mod panicked;
pub(in crate::aio) mod raw;
pub(in crate::aio) mod registration;
pub(crate) mod report;
pub(in crate::aio) mod runner;
pub(in crate::aio) mod target;
pub(in crate::aio) mod task;
pub(in crate::aio) mod thrown;
pub(in crate::aio) mod trace;

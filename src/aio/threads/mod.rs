//! Other threads: what blocks runs there, and what runs there may call the loop.

mod executor;
mod job_wait;
mod loop_handle;
mod pending_call;
mod remote_queue;
mod remote_result;

pub use executor::{Executor, InThread, run_in_executor, to_thread};
pub use loop_handle::{LoopGone, LoopHandle, loop_handle};
pub use remote_queue::RemoteQueue;
pub use remote_result::RemoteResult;

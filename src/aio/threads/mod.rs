//! Other threads: what blocks runs there, and what runs there may call the loop.

mod executor;
mod handle;
mod meeting;

pub use executor::{Executor, InThread, run_in_executor, to_thread};
pub use handle::{LoopGone, LoopHandle, RemoteResult, loop_handle};

pub(super) use executor::{Done, Jobs};

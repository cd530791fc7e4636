//! Parts of a pipeline on threads of their own.
//!
//! [`OnThread`] is a source: everything above it runs on a thread, and what comes out waits in a bounded queue.
//! [`SinkOnThread`] is its mirror image: everything below it runs on a thread. [`Parallel`] is a stage: its caller
//! hands items out to workers and passes on what they make of them, with the order kept or not.
//!
//! No thread is started before the first item is asked for, and none outlives its part of the
//! pipeline: dropping the part joins its threads.

mod inlet;
mod parallel;
mod recv;
mod sink_on_thread;
mod source_on_thread;
mod spawn;

pub use parallel::{Parallel, parallel, parallel_in, threaded, threaded_in};
pub use sink_on_thread::SinkOnThread;
pub use source_on_thread::OnThread;

//! Parts of a pipeline on threads of their own.
//!
//! [`OnThread`] is a source: everything above it runs on a thread, and what comes out waits in a bounded queue.
//! [`SinkOnThread`] is its mirror image: everything below it runs on a thread. [`Parallel`] is a stage: its caller
//! hands items out to workers and passes on what they make of them, with the order kept or not.
//!
//! No thread is started before the first item is asked for. Dropping a part joins its threads, which wait only for the part
//! and for the stages on them; but the thread of a source may wait for whatever the source likes, and is left to
//! end by itself where it does (`unheard.rs` tells of its errors).
//!
//! Whoever takes from a thread waits by a waker (`queue.rs`), so that several parts can be waited for at the same time
//! (`pipeline/select.rs`), and an async program is not blocked.

mod inlet;
mod parallel;
mod queue;
mod recv;
mod sink_on_thread;
mod source_on_thread;
mod spawn;
mod unheard;

pub use parallel::{Parallel, parallel, parallel_in, threaded, threaded_in};
pub use sink_on_thread::SinkOnThread;
pub use source_on_thread::OnThread;

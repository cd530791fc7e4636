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
mod sink_on_thread;
mod source_on_thread;
mod spawn;

use std::hint;

use crossbeam_channel::{Receiver, RecvError};
use inlet::Inlet;
use spawn::{Spawner, Worker};

/// Waits for an item.
///
/// A thread that looks at an empty queue again and again slows down the one that fills it, as they share its memory.
/// So the queue is left alone for a moment, in which it gets several items instead of one. (Not where more than two
/// threads share the queue: they have better things to do with the cores.)
fn recv<T>(queue: &Receiver<T>) -> Result<T, RecvError> {
    if let Ok(item) = queue.try_recv() {
        return Ok(item);
    }
    for _ in 0..PATIENCE {
        hint::spin_loop();
    }
    queue.recv()
}

/// About a microsecond.
const PATIENCE: usize = 64;

pub use parallel::{Parallel, parallel, parallel_in, threaded, threaded_in};
pub use sink_on_thread::SinkOnThread;
pub use source_on_thread::OnThread;

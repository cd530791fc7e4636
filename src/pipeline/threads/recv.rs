use std::hint;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvError, RecvTimeoutError};

/// Waits for an item.
///
/// A thread that looks at an empty queue again and again slows down the one that fills it, as they share its memory.
/// So the queue is left alone for a moment, in which it gets several items instead of one. (Not where more than two
/// threads share the queue: they have better things to do with the cores.)
pub(super) fn recv<T>(queue: &Receiver<T>) -> Result<T, RecvError> {
    if let Ok(item) = queue.try_recv() {
        return Ok(item);
    }
    for _ in 0..PATIENCE {
        hint::spin_loop();
    }
    queue.recv()
}

/// [`recv`], but not for longer than until then.
pub(super) fn recv_until<T>(
    queue: &Receiver<T>,
    until: Option<Instant>,
) -> Result<T, RecvTimeoutError> {
    match until {
        Some(until) => queue.recv_deadline(until),
        None => recv(queue).map_err(|_| RecvTimeoutError::Disconnected),
    }
}

/// About a microsecond.
const PATIENCE: usize = 64;

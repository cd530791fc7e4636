use crate::aio::core::output::output;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use super::any_queue::{AnyQueue, Entry, Supplier, Waits};
use super::buffer::Least;
use super::methods::methods;
use super::put_error::PutError;
use super::queue_core::Core;
use super::queue_error::QueueError;
use crate::aio::core::error::Error;

/// A queue that gives the least item first; of equal items, the one that was put in first. Python:
/// `asyncio.PriorityQueue`.
///
/// Otherwise it works like a [`Queue`](crate::aio::Queue). Items with a priority of another type are pairs, or
/// have an `Ord` of their own.
///
/// A comparison of items may use the queue: it can put items in, but finds none to take.
///
/// # Fairness
///
/// As for [`Queue`](crate::aio::Queue).
///
/// # Cancellation
///
/// As for [`Queue`](crate::aio::Queue).
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, PriorityQueue};
///
/// aio::testing::run(async {
///     let queue = PriorityQueue::new(0);
///     for job in [(2, "sweep"), (1, "cook"), (3, "sleep")] {
///         queue.put(job).await?;
///     }
///     assert_eq!(queue.get().await?, (1, "cook"));
///     assert_eq!(queue.get().await?, (2, "sweep"));
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PriorityQueue<T: Ord> {
    core: Core<T, Least<T>>,
}

methods!(PriorityQueue, Core<T, Least<T>>, [Ord]);

output!([T: Ord] PriorityQueue<T>);

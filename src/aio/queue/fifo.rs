use crate::aio::core::output::output;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use super::any_queue::{AnyQueue, Entry, Supplier, Waits};
use super::methods::methods;
use super::put_error::PutError;
use super::queue_core::Core;
use super::queue_error::QueueError;
use crate::aio::core::error::Error;

/// A queue between tasks: first in, first out. Python: `asyncio.Queue`.
///
/// It is for the tasks of one thread, which share it in an [`Rc`](std::rc::Rc) or borrow it; other threads have a handle
/// ([`remote`](Self::remote)). Dropping it drops the items in it.
///
/// # Fairness
///
/// Getters are woken in the order in which they came, one for each item; putters likewise. A task that asks
/// for an item when there is one gets it at once, even if another task has been woken for it and has yet to
/// resume: that task goes back to the end of the line (as in asyncio).
///
/// # Cancellation
///
/// A wait that is cancelled or dropped gives its place up; if it had been woken already, the next in line is
/// woken. No item is lost: such a `get` has taken none; such a `put` has put none in, and drops its own.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Queue};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let queue = Queue::new(2);
///     let worker = async || {
///         let mut sum = 0;
///         while let Ok(n) = queue.get().await {
///             aio::sleep(Duration::from_secs(n)).await;
///             sum += n;
///             queue.task_done()?;
///         }
///         aio::ok(sum)
///     };
///     aio::task_group(async |group| {
///         let workers = [group.create_task(worker()), group.create_task(worker())];
///         for n in [1, 5, 2, 1] {
///             queue.put(n).await?; // waits while two are in it
///         }
///         queue.join().await;
///         queue.shutdown(false);
///         let [one, two] = workers;
///         assert_eq!((one.await?, two.await?), (4, 5));
///         aio::ok(())
///     })
///     .await
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Queue<T> {
    core: Core<T, RefCell<VecDeque<T>>>,
}

methods!(Queue, Core<T, RefCell<VecDeque<T>>>, []);

output!([T] Queue<T>);

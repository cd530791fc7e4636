use crate::aio::core::output::output;
use std::cell::RefCell;
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

/// A queue that gives what was put in last. Python: `asyncio.LifoQueue`.
///
/// Otherwise it works like a [`Queue`](crate::aio::Queue).
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
/// use cogen::aio::{self, LifoQueue};
///
/// aio::testing::run(async {
///     let queue = LifoQueue::new(0);
///     for n in [1, 2, 3] {
///         queue.put(n).await?;
///     }
///     assert_eq!((queue.get().await?, queue.get().await?), (3, 2));
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LifoQueue<T> {
    core: Core<T, RefCell<Vec<T>>>,
}

methods!(LifoQueue, Core<T, RefCell<Vec<T>>>, []);

output!([T] LifoQueue<T>);

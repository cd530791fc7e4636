//! Queues of a loop, for other threads.
//!
//! Each call runs as a task on the loop's thread, so the order and the rules are those of the queue. Nothing is lost
//! where one side gives up:
//!
//! 1. An item that is being put in is in a [`Parcel`], which both sides have, until the queue has it. Whoever takes it out
//!    of there owns it: the task, to put it in, or the caller, who gets it back.
//! 2. An item that was taken out is in a parcel until the caller has it. A caller who is gone has closed the parcel: the
//!    task, or the caller on the way out, puts the item back where it was.
//! 3. Nothing of the user's runs under the lock of a parcel.
//! 4. The task tells the caller at once, before anybody else of the loop can see what it did: who has seen the item may
//!    wait for the thread that has put it in.

use std::future::Future;
use std::mem;
use std::panic::Location;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::loop_handle::{LoopHandle, loop_handle};
use super::remote_result::{Giver, RemoteResult};
use crate::aio::core::error::Error;
use crate::aio::core::output::output;
use crate::aio::queue::any_queue::{Supplier, find};
use crate::aio::queue::{LifoQueue, PriorityQueue, PutError, Queue, QueueError};
use crate::debug::debug;

/// A queue of a loop, for other threads: what [`Queue::remote`] gives. It is `Send` and `Sync`, and a clone is a handle to
/// the same queue. Python: what the package `janus` is for.
///
/// A thread without a runtime calls [`blocking_put`](Self::blocking_put) and [`blocking_get`](Self::blocking_get). A
/// task of another runtime, or of another loop, awaits [`put`](Self::put) and [`get`](Self::get).
///
/// It does not keep the queue alive. Once that is gone, or its loop is, every call ends as if the queue had been shut
/// down. Each call takes turns of the loop: where only the throughput counts, take a channel; and a thread that waits is not
/// to be joined on the loop's thread (but by [`to_thread`](crate::aio::to_thread)). A thread whose item has been taken
/// out has its answer.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Queue};
/// use std::rc::Rc;
/// use std::thread;
///
/// aio::run(async {
///     let queue = Rc::new(Queue::new(2));
///     let remote = queue.remote();
///     let sensor = thread::spawn(move || {
///         for n in 0..5 {
///             remote.blocking_put(n)?; // waits while two are in it
///         }
///         remote.shutdown(false);
///         Ok::<_, aio::QueueError>(())
///     });
///     let mut seen = Vec::new();
///     while let Ok(n) = queue.get().await {
///         seen.push(n);
///     }
///     assert_eq!(seen, [0, 1, 2, 3, 4]);
///     sensor.join().unwrap()?;
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RemoteQueue<T> {
    lp: LoopHandle,
    /// Of the queue, on that thread.
    number: u64,
    items: std::marker::PhantomData<fn(T) -> T>,
}

macro_rules! remote {
    ($($name:ident [$($bound:tt)*])*) => {$(
        impl<T: $($bound)* Send + 'static> $name<T> {
            /// A handle for other threads. The queue is shared in an [`Rc`] for that.
            ///
            /// # Panics
            ///
            /// Outside a loop.
            #[track_caller]
            pub fn remote(self: &Rc<Self>) -> RemoteQueue<T> {
                RemoteQueue {
                    lp: loop_handle(),
                    number: self.entry().number(),
                    items: std::marker::PhantomData,
                }
            }
        }
    )*};
}

remote! { Queue [] LifoQueue [] PriorityQueue [Ord +] }

impl<T: Send + 'static> RemoteQueue<T> {
    /// Puts an item in. Waits for room if there is none. Any runtime can await it.
    ///
    /// Equivalent to: `async fn put(&self, item: T) -> Result<(), PutError<T>>`.
    ///
    /// # Errors
    ///
    /// [`QueueError::ShutDown`] if the queue has been shut down, or is gone; the item comes back.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped while it waits for room, the item is not put in, and is dropped.
    #[track_caller]
    pub fn put(&self, item: T) -> impl Future<Output = Result<(), PutError<T>>> + Send + use<T> {
        let (remote, at) = (self.clone(), Location::caller());
        async move {
            let (parcel, result) = start_put(&remote, item, at);
            let mut putting = Putting { parcel, result };
            let ended = (&mut putting.result).await;
            end_put(&putting.parcel, ended)
        }
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    ///
    /// As for [`put`](Self::put).
    ///
    /// # Panics
    ///
    /// On the loop's own thread, which would wait for itself.
    #[track_caller]
    pub fn blocking_put(&self, item: T) -> Result<(), PutError<T>> {
        self.expect_elsewhere();
        let (parcel, result) = start_put(self, item, Location::caller());
        end_put(&parcel, result.result())
    }

    /// Takes an item. Waits for one if there is none. Any runtime can await it.
    ///
    /// Equivalent to: `async fn get(&self) -> Result<T, QueueError>`.
    ///
    /// # Errors
    ///
    /// [`QueueError::ShutDown`] if the queue has been shut down and is empty, or is gone.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, no item is lost: one that was on its way goes back to its place.
    #[track_caller]
    pub fn get(&self) -> impl Future<Output = Result<T, QueueError>> + Send + use<T> {
        let (remote, at) = (self.clone(), Location::caller());
        async move {
            let (parcel, result) = start_get(&remote, at);
            let mut getting = Getting {
                remote,
                parcel,
                result,
            };
            let ended = (&mut getting.result).await;
            end_get(&getting.parcel, ended)
        }
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    ///
    /// # Panics
    ///
    /// On the loop's own thread, which would wait for itself.
    #[track_caller]
    pub fn blocking_get(&self) -> Result<T, QueueError> {
        self.expect_elsewhere();
        let (parcel, result) = start_get(self, Location::caller());
        end_get(&parcel, result.result())
    }

    /// Notes, in the loop's next turn, that an item that was taken is done ([`Queue::task_done`]). One that is too many
    /// does nothing.
    pub fn task_done(&self) {
        let number = self.number;
        let _gone = self.lp.call_soon_threadsafe(move || {
            let _too_many = find::<T>(number).map(|queue| queue.any_task_done());
        });
    }

    /// Shuts the queue down in the loop's next turn ([`Queue::shutdown`]): calls that are made after this one see it.
    pub fn shutdown(&self, immediate: bool) {
        let number = self.number;
        let _gone = self.lp.call_soon_threadsafe(move || {
            if let Some(queue) = find::<T>(number) {
                queue.any_shut_down(immediate);
            }
        });
    }

    /// The item was taken out, and nobody wants it any longer.
    fn put_back(&self, item: T) {
        let number = self.number;
        let _gone = self.lp.call_soon_threadsafe(move || {
            if let Some(queue) = find(number) {
                queue.any_put_back(item);
            }
        });
    }

    #[track_caller]
    fn expect_elsewhere(&self) {
        assert!(
            !self.lp.is_here(),
            "a wait on the event loop's own thread would never end: await the queue itself"
        );
    }
}

impl<T> Clone for RemoteQueue<T> {
    fn clone(&self) -> Self {
        Self {
            lp: self.lp.clone(),
            number: self.number,
            items: self.items,
        }
    }
}

debug!(impl[T] RemoteQueue<T> { .. });

output!([T] RemoteQueue<T>);

/// How a call ended: without its task, as if the queue were shut down. If the task panicked, that is reported on the
/// loop's thread.
type Ended = Result<Result<(), QueueError>, Error>;

fn reason(ended: Ended) -> Result<(), QueueError> {
    ended.unwrap_or(Err(QueueError::ShutDown))
}

type Waiting = RemoteResult<Result<(), QueueError>>;

/// An item between two threads.
struct Parcel<T>(Mutex<Content<T>>);

enum Content<T> {
    Empty,
    Item(T),
    /// The caller is gone.
    Closed,
}

impl<T> Parcel<T> {
    fn new(content: Content<T>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(content)))
    }

    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item in, or gives it back if the caller is gone.
    fn fill(&self, item: T) -> Option<T> {
        let mut content = self.lock();
        match &*content {
            Content::Closed => Some(item),
            Content::Empty | Content::Item(_) => {
                let before = mem::replace(&mut *content, Content::Item(item));
                drop(content);
                drop(before);
                None
            }
        }
    }

    /// Takes the item out, and leaves `after`.
    fn take_for(&self, after: Content<T>) -> Option<T> {
        let before = mem::replace(&mut *self.lock(), after);
        match before {
            Content::Item(item) => Some(item),
            Content::Empty | Content::Closed => None,
        }
    }
}

/// For the task that puts the item in.
impl<T> Supplier<T> for Parcel<T> {
    fn take(&self) -> Option<T> {
        self.take_for(Content::Empty)
    }

    fn give_back(&self, item: T) {
        // If the caller is gone, the item is dropped.
        drop(self.fill(item));
    }
}

/// Has the loop put an item in.
fn start_put<T: Send + 'static>(
    remote: &RemoteQueue<T>,
    item: T,
    at: &'static Location<'static>,
) -> (Arc<Parcel<T>>, Waiting) {
    let parcel = Parcel::new(Content::Item(item));
    let (number, from) = (remote.number, parcel.clone());
    let call = move |giver: Giver<_>| async move {
        giver.give(Ok(match find::<T>(number) {
            Some(queue) => queue.any_put(&*from, at).await,
            None => Err(QueueError::ShutDown),
        }));
    };
    let result = remote.lp.run_giving(call, at);
    (parcel, result)
}

fn end_put<T>(parcel: &Parcel<T>, ended: Ended) -> Result<(), PutError<T>> {
    let ended = reason(ended);
    match (parcel.take(), ended) {
        (Some(item), Err(reason)) => Err(PutError { item, reason }),
        // The task had taken it: it is in.
        _ => Ok(()),
    }
}

/// Has the loop take an item.
fn start_get<T: Send + 'static>(
    remote: &RemoteQueue<T>,
    at: &'static Location<'static>,
) -> (Arc<Parcel<T>>, Waiting) {
    let parcel = Parcel::new(Content::Empty);
    let (number, to) = (remote.number, parcel.clone());
    let call = move |giver: Giver<_>| async move {
        let Some(queue) = find::<T>(number) else {
            return giver.give(Ok(Err(QueueError::ShutDown)));
        };
        let gotten = queue.any_get(at).await;
        giver.give(Ok(gotten.map(|item| {
            if let Some(unwanted) = to.fill(item) {
                queue.any_put_back(unwanted);
            }
        })));
    };
    let result = remote.lp.run_giving(call, at);
    (parcel, result)
}

fn end_get<T>(parcel: &Parcel<T>, ended: Ended) -> Result<T, QueueError> {
    let ended = reason(ended);
    match (parcel.take_for(Content::Closed), ended) {
        (Some(item), _) => Ok(item),
        (None, Err(reason)) => Err(reason),
        (None, Ok(())) => Err(QueueError::ShutDown),
    }
}

/// A future that puts an item in.
struct Putting<T> {
    parcel: Arc<Parcel<T>>,
    result: Waiting,
}

impl<T> Drop for Putting<T> {
    fn drop(&mut self) {
        if let Some(item) = self.parcel.take_for(Content::Closed) {
            self.result.cancel();
            drop(item);
        }
    }
}

/// A future that takes an item.
struct Getting<T: Send + 'static> {
    remote: RemoteQueue<T>,
    parcel: Arc<Parcel<T>>,
    result: Waiting,
}

impl<T: Send + 'static> Drop for Getting<T> {
    fn drop(&mut self) {
        let content = mem::replace(&mut *self.parcel.lock(), Content::Closed);
        match content {
            Content::Item(item) => self.remote.put_back(item),
            Content::Empty => self.result.cancel(),
            Content::Closed => {}
        }
    }
}

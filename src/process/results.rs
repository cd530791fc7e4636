//! What jobs give back: values to await, or to wait for.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::codec;
use super::error::JobError;
use super::mailbox::{Answer, Mailbox, Receiver, Until};

/// The value of a job: what [`apply_async`](super::ProcessPool::apply_async) gives. Python: `AsyncResult`.
///
/// Await it on [`aio`](crate::aio)'s loop or any other executor, or wait for it on a thread with
/// [`get`](Self::get). Under [`aio::testing::run`](crate::aio::testing::run()) the virtual clock stands still while a task
/// waits for a job.
///
/// # Cancellation
///
/// The job runs on; its value is dropped.
#[must_use = "the job runs by itself; await its value, or wait for it"]
pub struct AsyncResult<T> {
    mailbox: Receiver,
    types: PhantomData<fn() -> T>,
}

/// The values of a map: what [`map`](super::ProcessPool::map) gives. Python: `MapResult`.
///
/// Awaited, it gives the values in the order of the items; or, when all jobs have ended, the error of the
/// first one that has none. [`each`](Self::each) gives all of them.
///
/// # Cancellation
///
/// The jobs run on; their values are dropped.
#[must_use = "the jobs run; await their values, or wait for them"]
pub struct MapResult<T> {
    mailbox: Receiver,
    types: PhantomData<fn() -> T>,
}

/// Values as they come: what [`imap_unordered`](super::ProcessPool::imap_unordered) and
/// [`stream`](super::ProcessPool::stream) give. It is a `Stream`. Python: `IMapUnorderedIterator`.
///
/// A job that has no value gives an error here; the others go on.
#[must_use = "the jobs run; take their values"]
pub struct Items<T> {
    mailbox: Receiver,
    types: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> AsyncResult<T> {
    /// Waits for the value. This blocks: do not call it on the thread of a loop.
    ///
    /// # Errors
    ///
    /// Why the job has no value.
    pub fn get(self) -> Result<T, JobError> {
        self.mailbox.wait(Until::Ended, None);
        self.taken()
    }

    /// Waits for the value, no longer than `limit`.
    ///
    /// # Errors
    ///
    /// Gives `self` back when the time is up, so that you can wait once more.
    pub fn get_timeout(self, limit: Duration) -> Result<Result<T, JobError>, Self> {
        if self
            .mailbox
            .wait(Until::Ended, Instant::now().checked_add(limit))
        {
            return Ok(self.taken());
        }
        Err(self)
    }

    fn taken(&self) -> Result<T, JobError> {
        match self.mailbox.take() {
            Some((_, answer)) => decode(answer),
            None => panic!("an `AsyncResult` was polled after it had ended"),
        }
    }
}

impl<T> AsyncResult<T> {
    /// Whether the job has ended.
    pub fn ready(&self) -> bool {
        self.mailbox.holds(Until::Ended)
    }
}

impl<T: DeserializeOwned> Future for AsyncResult<T> {
    type Output = Result<T, JobError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.mailbox.poll(cx, Until::Ended));
        Poll::Ready(self.taken())
    }
}

impl<T: DeserializeOwned> MapResult<T> {
    /// Waits for the values. This blocks: do not call it on the thread of a loop.
    ///
    /// # Errors
    ///
    /// The error of the first job that has no value.
    pub fn get(self) -> Result<Vec<T>, JobError> {
        self.mailbox.wait(Until::Ended, None);
        self.mailbox.take_all().into_iter().map(decode).collect()
    }

    /// The value or the error of each job, in the order of the items, when all have ended.
    pub async fn each(self) -> Vec<Result<T, JobError>> {
        poll_fn(|cx| self.mailbox.poll(cx, Until::Ended)).await;
        self.mailbox.take_all().into_iter().map(decode).collect()
    }
}

impl<T: DeserializeOwned> Future for MapResult<T> {
    type Output = Result<Vec<T>, JobError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(self.mailbox.poll(cx, Until::Ended));
        Poll::Ready(self.mailbox.take_all().into_iter().map(decode).collect())
    }
}

impl<T: DeserializeOwned> Items<T> {
    /// The next value, or the error of a job; `None` when all jobs have ended.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost.
    pub async fn next(&mut self) -> Option<Result<T, JobError>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Waits for the next value. This blocks: do not call it on the thread of a loop.
    pub fn get_next(&mut self) -> Option<Result<T, JobError>> {
        self.mailbox.wait(Until::Any, None);
        self.taken()
    }

    fn taken(&self) -> Option<Result<T, JobError>> {
        self.mailbox.take().map(|(_, answer)| decode(answer))
    }
}

impl<T: DeserializeOwned> Stream for Items<T> {
    type Item = Result<T, JobError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.mailbox.poll(cx, Until::Any));
        Poll::Ready(self.taken())
    }
}

fn decode<T: DeserializeOwned>(answer: Answer) -> Result<T, JobError> {
    let unfit =
        |error: String| JobError::Serialisation(format!("the value cannot be read: {error}"));
    codec::decode(&answer?).map_err(unfit)
}

macro_rules! common {
    ($($name:ident),*) => {$(
        impl<T> $name<T> {
            pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
                Self {
                    mailbox: Receiver::new(mailbox),
                    types: PhantomData,
                }
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&*self.mailbox).finish()
            }
        }
    )*};
}

common!(AsyncResult, MapResult, Items);

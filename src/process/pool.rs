use std::sync::Arc;
use std::thread;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec;
use super::error::{JobError, PoolError};
use super::job::{Entry, Job, StreamJob, number_of};
use super::mailbox::{Delivery, Mailbox};
use super::results::{AsyncResult, Items, MapResult};
use super::shared::{PendingJob, PoolPhase, Shared};
use super::wire::Request;
use crate::aio;
use crate::debug::debug;

/// Worker processes that run jobs. Python: `multiprocessing.Pool`.
///
/// A worker takes the next job when it has finished one. A worker that dies is replaced: the job that it ran ends
/// with an error that says so, and nothing else is lost. A worker whose job panics is replaced too.
///
/// Dropping the pool terminates it.
///
/// # Examples
///
/// ```
/// use cogen::process::{self, ProcessPool, job};
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     process::init();
///     let pool = ProcessPool::new(2)?;
///     let words = pool.apply_async(job!(|text: String| text.split(' ').count()), "a b c".to_owned());
///     assert_eq!(words.get()?, 3);
///     Ok(())
/// }
/// ```
pub struct ProcessPool {
    shared: Arc<Shared>,
    limit: u64,
}

/// One gibibyte.
const LIMIT: u64 = 1 << 30;

impl ProcessPool {
    /// A pool of that many worker processes, which start at once.
    ///
    /// # Errors
    ///
    /// [`PoolError::NoWorkers`] for none; [`PoolError::NotInitialised`] if `main` has not called
    /// [`init`](super::init); [`PoolError::Start`] if the system does not start a process.
    pub fn new(workers: usize) -> Result<Self, PoolError> {
        if workers == 0 {
            return Err(PoolError::NoWorkers);
        }
        let pool = Self {
            shared: Arc::new(Shared::new(workers)),
            limit: LIMIT,
        };
        let lines = (0..workers).map(|place| pool.shared.start(place));
        let lines = match lines.collect::<Result<Vec<_>, _>>() {
            Ok(lines) => lines,
            Err(error) => {
                pool.shared.abandon();
                return Err(error);
            }
        };
        for (place, line) in lines.into_iter().enumerate() {
            let shared = pool.shared.clone();
            thread::spawn(move || shared.look_after(place, line));
        }
        Ok(pool)
    }

    /// Sets how many bytes arguments and values may have, as they are sent. Without this, 2³⁰.
    #[must_use]
    pub const fn message_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Runs a job, and gives its value. Python: `Pool.apply_async`.
    pub fn apply_async<A, T>(&self, job: Job<A, T>, arguments: A) -> AsyncResult<T>
    where
        A: Serialize,
        T: DeserializeOwned,
    {
        let mailbox = Arc::default();
        self.submit(job.entry, &arguments, Delivery::new(&mailbox, 0, false));
        drop(arguments);
        AsyncResult::new(mailbox)
    }

    /// Runs a job for each item, and gives the values in the order of the items. Python: `Pool.map`,
    /// `Pool.map_async`.
    pub fn map<A, T>(&self, job: Job<A, T>, items: impl IntoIterator<Item = A>) -> MapResult<T>
    where
        A: Serialize,
        T: DeserializeOwned,
    {
        MapResult::new(self.submit_all(job, items))
    }

    /// Runs a job for each item, and gives the values as they come. Python: `Pool.imap_unordered`.
    pub fn imap_unordered<A, T>(
        &self,
        job: Job<A, T>,
        items: impl IntoIterator<Item = A>,
    ) -> Items<T>
    where
        A: Serialize,
        T: DeserializeOwned,
    {
        Items::new(self.submit_all(job, items))
    }

    /// Runs a job with several values for each item, and gives all values as they come. Values that have
    /// come stay when a job fails, or its worker dies.
    pub fn stream<A, T>(&self, job: StreamJob<A, T>, items: impl IntoIterator<Item = A>) -> Items<T>
    where
        A: Serialize,
        T: DeserializeOwned,
    {
        let mailbox = Arc::default();
        for (number, item) in items.into_iter().enumerate() {
            self.submit(job.entry, &item, Delivery::new(&mailbox, number, true));
        }
        Items::new(mailbox)
    }

    /// The pool takes no more jobs; those that it has are run. Python: `Pool.close`.
    pub fn close(&self) {
        self.shared.close();
    }

    /// Kills the workers at once. Jobs that have not ended end with [`JobError::Terminated`]. Python:
    /// `Pool.terminate`.
    pub fn terminate(&self) {
        self.shared.terminate();
    }

    /// Waits until all workers have ended. It blocks: see [`joined`](Self::joined). Python: `Pool.join`.
    ///
    /// # Errors
    ///
    /// [`PoolError::StillRunning`] before [`close`](Self::close) or [`terminate`](Self::terminate).
    pub fn join(&self) -> Result<(), PoolError> {
        if self.shared.phase() == PoolPhase::Open {
            return Err(PoolError::StillRunning);
        }
        self.shared.join();
        Ok(())
    }

    /// As [`join`](Self::join), on [`aio`]'s loop.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join).
    ///
    /// # Panics
    ///
    /// Outside a loop of [`aio`].
    pub async fn joined(&self) -> Result<(), aio::Error> {
        if self.shared.phase() == PoolPhase::Open {
            return Err(PoolError::StillRunning.into());
        }
        let shared = self.shared.clone();
        aio::to_thread(move || shared.join()).await
    }

    /// The ids of the worker processes, as they are now.
    pub fn pids(&self) -> Vec<u32> {
        self.shared.pids()
    }

    fn submit_all<A: Serialize, T>(
        &self,
        job: Job<A, T>,
        items: impl IntoIterator<Item = A>,
    ) -> Arc<Mailbox> {
        let mailbox = Arc::default();
        for (number, item) in items.into_iter().enumerate() {
            self.submit(job.entry, &item, Delivery::new(&mailbox, number, false));
        }
        mailbox
    }

    fn submit<A: Serialize>(&self, entry: &'static Entry, arguments: &A, delivery: Delivery) {
        match self.request(entry, arguments) {
            Ok(request) => self.shared.push(PendingJob {
                request,
                delivery,
                attempts: 0,
            }),
            Err(error) => delivery.end(Err(error)),
        }
    }

    fn request<A: Serialize>(
        &self,
        job: &'static Entry,
        arguments: &A,
    ) -> Result<Request, JobError> {
        let unknown = || JobError::Serialisation("the job is not registered".to_owned());
        let job = number_of(job).ok_or_else(unknown)?;
        let unfit = |error: String| {
            JobError::Serialisation(format!("the arguments cannot be sent: {error}"))
        };
        let arguments = codec::encode(arguments).map_err(unfit)?;
        let (size, limit) = (arguments.len() as u64, self.limit);
        if size > limit {
            return Err(JobError::TooLarge { size, limit });
        }
        Ok(Request {
            job,
            limit,
            arguments,
        })
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shared.terminate();
        self.shared.join();
    }
}

debug!(self: ProcessPool { pids: self.pids(), .. });

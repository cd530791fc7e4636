use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Why there is no pool, or why it cannot be waited for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A pool of no workers. Python: `ValueError`.
    #[error("number of processes must be at least 1")]
    NoWorkers,
    /// This program could not start itself as a worker.
    #[error("main must call cogen::process::init() before it makes a pool")]
    NotInitialised,
    /// The system could not start a process.
    #[error("a worker process could not be started: {0}")]
    Start(#[from] io::Error),
    /// The pool still takes jobs: close or terminate it before waiting. Python: `ValueError`.
    #[error("the pool is still running")]
    StillRunning,
}

/// Why a job has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The function returned this error: its text, with those of its sources.
    #[error("{0}")]
    Failed(String),
    /// The function panicked, with this message.
    #[error("the job panicked: {0}")]
    Panicked(String),
    /// The worker process died while it ran the job.
    #[error("the worker process died: {0}")]
    Died(Death),
    /// Workers could not be started for the job, or died before they began it.
    #[error("no worker process could be started for the job: {0}")]
    NoWorker(String),
    /// The arguments, or the value, could not be sent: serde could not write or read them.
    #[error("{0}")]
    Serialisation(String),
    /// The arguments, or the value, are larger than the pool allows.
    #[error("a message of {size} bytes: the limit is {limit}")]
    TooLarge {
        /// In bytes.
        size: u64,
        /// In bytes.
        limit: u64,
    },
    /// The pool has been closed: it takes no more jobs.
    #[error("the pool is closed")]
    Closed,
    /// The pool was terminated, or dropped, before the job ended.
    #[error("the pool was terminated")]
    Terminated,
}

/// How a worker process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    status: Option<ExitStatus>,
}

impl Death {
    pub(super) const fn new(status: Option<ExitStatus>) -> Self {
        Self { status }
    }

    /// The signal that killed it.
    pub fn signal(self) -> Option<i32> {
        self.status.and_then(|status| status.signal())
    }

    /// The status with which it ended itself.
    pub fn code(self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.signal(), self.code()) {
            (Some(9), _) => f.write_str("killed by signal 9 (SIGKILL)"),
            (Some(signal), _) => write!(f, "killed by signal {signal}"),
            (None, Some(code)) => write!(f, "it exited with status {code}"),
            (None, None) => f.write_str("how is not known"),
        }
    }
}

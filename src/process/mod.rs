//! Pools of worker processes. **`main` must call [`init`] first**: a worker is the same program, and there
//! that call runs jobs instead of returning. Tests use [`workers_in_tests!`](workers_in_tests) once instead.
//!
//! ```
//! use cogen::aio;
//! use cogen::process::{self, JobError, ProcessPool, job};
//!
//! fn square(n: u64) -> u64 {
//!     n * n
//! }
//!
//! async fn late(n: u64) -> u64 {
//!     aio::sleep(std::time::Duration::from_millis(n)).await;
//!     n
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init();
//!     let pool = ProcessPool::new(2)?;
//!     aio::run(async {
//!         // A function, and an async one, which the worker runs on a loop of its own.
//!         assert_eq!(pool.map(job!(square), 1..=4).await?, [1, 4, 9, 16]);
//!         assert_eq!(pool.apply_async(job!(async late), 5).await?, 5);
//!
//!         // A worker that dies takes its job with it, and nothing else.
//!         let exits = pool.map(job!(|n: i32| if n == 2 { std::process::exit(n) } else { n }), 1..=3);
//!         let exits = exits.each().await;
//!         assert_eq!((&exits[0], &exits[2]), (&Ok(1), &Ok(3)));
//!         assert!(matches!(exits[1], Err(JobError::Died(death)) if death.code() == Some(2)));
//!         aio::ok(())
//!     })?;
//!     pool.close();
//!     pool.join()?;
//!     Ok(())
//! }
//! ```
//!
//! The guide: [processes](crate::guide::processes).
//!
//! # The nouns
//!
//! - A **job** ([`Job`]) is a function that workers know: [`job!`](job) makes one where the function is named.
//!   Functions are not sent: both processes are the same program, in which each job has a number.
//! - Arguments and values are sent, by serde (as `MessagePack`, with the names of fields: `serde(flatten)`, `serde(untagged)` and
//!   `serde(default)` work). What a type's `Serialize` or `Deserialize` says is in the error. An error that a function returns crosses as text.
//! - What a job gives back is awaited on [`aio`](crate::aio)'s loop, or any other executor; or a thread waits
//!   for it with `get`.
//!
//! # From multiprocessing
//!
//! | multiprocessing | here |
//! |---|---|
//! | `if __name__ == "__main__":` | [`init`] |
//! | `Pool(n)` | [`ProcessPool::new`] |
//! | `apply_async(f, (x, y))` | [`apply_async`](ProcessPool::apply_async)`(job!(f), (x, y))` |
//! | `map`, `map_async` | [`map`](ProcessPool::map); [`each`](MapResult::each) for the errors as well |
//! | `imap_unordered` | [`imap_unordered`](ProcessPool::imap_unordered) |
//! | – | [`stream`](ProcessPool::stream): items of a job as it makes them |
//! | `AsyncResult.get`, `ready` | `.await`, [`get`](AsyncResult::get), [`ready`](AsyncResult::ready) |
//! | `close`, `join`, `terminate` | [`close`](ProcessPool::close), [`join`](ProcessPool::join) and [`joined`](ProcessPool::joined), [`terminate`](ProcessPool::terminate) |
//! | a worker is killed: the pool waits for ever | [`JobError::Died`], and a new worker |
//!
//! # What is not here
//!
//! Shared memory, managers, chunks, and a way to cancel one job. A worker's standard input is empty. Only Unix.
//! Ctrl-c at a terminal goes to the workers too: an async job is cancelled, as
//! [`aio::run`](crate::aio::run) says; a worker that does anything else dies.

mod child;
mod codec;
mod error;
mod function;
mod job;
mod macros;
mod mailbox;
mod pool;
mod results;
mod run;
mod shared;
mod wire;
mod worker;

pub use error::{Death, JobError, PoolError};
pub use job::{Job, StreamJob};
pub use macros::{job, workers_in_tests};
pub use pool::ProcessPool;
pub use results::{AsyncResult, Items, MapResult};
pub use worker::init;

/// What the macros need.
#[doc(hidden)]
#[allow(missing_docs, reason = "used by macros only")]
pub mod __private {
    pub use super::job::{Entry, Registered};
    pub use super::run::{Answers, KindOf, Outcome, run_async, run_function, run_stream};
    pub use super::worker::TestWorker;
    pub use inventory;
}

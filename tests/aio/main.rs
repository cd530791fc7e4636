//! The async API, by behaviour. What CPython does is in `tests/conformance_aio`.

mod bad_input;
mod bad_wakers;
mod children;
mod clean_ups;
#[cfg(unix)]
mod contexts;
mod ctrl_c;
mod deadlocks;
mod depth;
mod dropped_calls;
mod early_stops;
mod ends;
mod errors;
mod executor;
mod foreign;
mod forwarded;
mod generators;
mod groups;
mod groups_in_generators;
mod handles;
mod holes;
#[path = "../support/hooked_waker.rs"]
mod hooked_waker;
mod hostile;
mod limits;
mod moved;
mod never_set;
mod outputs;
mod outside;
mod panics;
mod places;
mod put_aside;
mod raises;
mod reentrant;
mod remote_queues;
mod remote_results;
mod runner;
mod running;
mod task_futures;
// Miri has no sockets.
#[cfg(not(miri))]
mod tcp_echo;
mod thread_end;
mod threads;
mod tokio_programs;
#[cfg(feature = "tracing")]
mod tracing_events;
mod two_loops;
mod wait_for;

use std::time::Duration;

/// This many virtual seconds.
fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

//! Locks, semaphores, events, conditions, barriers and queues of the async API: by behaviour, and random
//! programs compared with naive models. What CPython does is in `tests/conformance_aio`.
//!
//! `COGEN_SEED=N` begins the random programs with another seed than the fixed one; `COGEN_STEPS=N` does that
//! many operations on each kind instead of 150,000.

mod behaviour;
mod random;

use std::time::Duration;

/// This many virtual seconds.
fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

//! Time, as a loop sees it.
//!
//! 1. It is a number of nanoseconds, which is what timers are sorted by: small, and without the parts of an `Instant`.
//! 2. It does not go back. Only the loop's jump sets the virtual time, to a deadline or, if that has passed, to the
//!    time that it is already. So what runs between two jumps runs at one time.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// What tells the time of a loop, in nanoseconds since its start.
#[derive(Debug)]
pub(in crate::aio) enum Clock {
    /// Tokio's: real, or paused.
    Real { start: tokio::time::Instant },
    /// Jumps to the next deadline when there is nothing else to do.
    Virtual { start: Instant, now: Cell<u64> },
}

impl Clock {
    pub(in crate::aio) fn real() -> Self {
        Self::Real {
            start: tokio::time::Instant::now(),
        }
    }

    pub(in crate::aio) fn fake() -> Self {
        Self::Virtual {
            start: Instant::now(),
            now: Cell::new(0),
        }
    }

    pub(in crate::aio) fn now(&self) -> u64 {
        match self {
            Self::Real { start } => nanos(start.elapsed()),
            Self::Virtual { now, .. } => now.get(),
        }
    }

    pub(in crate::aio) fn start(&self) -> Instant {
        match self {
            Self::Real { start } => start.into_std(),
            Self::Virtual { start, .. } => *start,
        }
    }
}

/// Cut to what fits in 64 bits: 584 years.
pub(in crate::aio) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

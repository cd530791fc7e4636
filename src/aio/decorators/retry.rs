use std::panic::Location;
use std::time::Duration;

use crate::aio::waits::sleep::Sleep;

/// How often [`retry`] tries, and how long it waits between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    attempts: u32,
    delay: Duration,
    factor: u32,
    longest: Duration,
}

impl Backoff {
    /// This many attempts, the first one included; at least one. It waits 100 ms after the first, and twice
    /// as long each time, up to a minute.
    pub const fn attempts(attempts: u32) -> Self {
        Self {
            attempts,
            delay: Duration::from_millis(100),
            factor: 2,
            longest: Duration::from_secs(60),
        }
    }

    /// The wait after the first attempt.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The wait after this many attempts. (Not kept between them: it would be in the frame of each call.)
    fn delay_after(self, attempts: u32) -> Duration {
        let mut delay = self.delay.min(self.longest);
        for _ in 1..attempts {
            let next = delay.saturating_mul(self.factor).min(self.longest);
            if next == delay {
                break;
            }
            delay = next;
        }
        delay
    }

    /// Each wait is this many times as long as the one before.
    #[must_use]
    pub const fn factor(mut self, factor: u32) -> Self {
        self.factor = factor;
        self
    }

    /// No wait is longer than this.
    #[must_use]
    pub const fn longest(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }
}

/// Calls `function` again when it fails, with a wait between, as `backoff` says; gives the last error. Where only
/// some errors are worth another attempt, there is [`retry_if`].
///
/// A cancel is not a failure: it unwinds the call, and no other attempt is made.
///
/// # Panics
///
/// If a call waits outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::{retry, Backoff}};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let backoff = Backoff::attempts(3).delay(Duration::from_secs(1)).factor(3);
///     let fails = retry(backoff, async |page: &str| Err::<(), _>(format!("no {page}")));
///     assert_eq!(fails("index").await, Err("no index".to_owned()));
///     assert_eq!(aio::testing::elapsed(), Duration::from_secs(1 + 3));
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn retry<A: Clone, T, E>(
    backoff: Backoff,
    function: impl AsyncFn(A) -> Result<T, E>,
) -> impl AsyncFn(A) -> Result<T, E> {
    retry_if(backoff, |_: &E| true, function)
}

/// Calls `function` again as long as `again` says so of its error, like [`retry`]; gives the first other error, or the
/// last one.
///
/// # Panics
///
/// If a call waits outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::{retry_if, Backoff}};
/// use std::cell::Cell;
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Failure {
///     Busy,
///     NotFound,
/// }
///
/// aio::testing::run(async {
///     let calls = Cell::new(0);
///     let fetch = retry_if(Backoff::attempts(5), |error| *error == Failure::Busy, async |page: &str| {
///         calls.set(calls.get() + 1);
///         if calls.get() < 3 { Err(Failure::Busy) } else { Err::<(), _>(Failure::NotFound) }
///     });
///     assert_eq!(fetch("index").await, Err(Failure::NotFound));
///     assert_eq!(calls.get(), 3);
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn retry_if<A: Clone, T, E>(
    backoff: Backoff,
    again: impl Fn(&E) -> bool,
    function: impl AsyncFn(A) -> Result<T, E>,
) -> impl AsyncFn(A) -> Result<T, E> {
    // One thing, so that the future of a call holds one reference.
    let retrying = (backoff, again, function, Location::caller());
    async move |argument: A| {
        let it = &retrying;
        let mut failed = 0;
        loop {
            failed += 1;
            if failed >= it.0.attempts {
                return (it.2)(argument).await;
            }
            if let Some(ended) = over((it.2)(argument.clone()).await, &it.1) {
                return ended;
            }
            Sleep::made_at(it.3, it.0.delay_after(failed)).await;
        }
    }
}

/// How the call ended, unless it is made again. (A function, so that the future holds no error over the wait.)
fn over<T, E>(ended: Result<T, E>, again: impl Fn(&E) -> bool) -> Option<Result<T, E>> {
    let retried = ended.as_ref().is_err_and(again);
    (!retried).then_some(ended)
}

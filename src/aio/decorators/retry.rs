use std::time::Duration;

use crate::aio::waits::sleep::sleep;

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

/// Calls `function` again when it fails, with a wait between, as `backoff` says; gives the last error.
///
/// A cancel is not a failure: it unwinds the call, and no other attempt is made.
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
pub fn retry<A: Clone, T, E>(
    backoff: Backoff,
    function: impl AsyncFn(A) -> Result<T, E>,
) -> impl AsyncFn(A) -> Result<T, E> {
    async move |argument: A| {
        let mut failed = 0;
        loop {
            failed += 1;
            if failed >= backoff.attempts {
                return function(argument).await;
            }
            if let Ok(value) = function(argument.clone()).await {
                return Ok(value);
            }
            sleep(backoff.delay_after(failed)).await;
        }
    }
}

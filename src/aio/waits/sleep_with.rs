use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::sleep::{Sleep, sleep};
use crate::debug::debug;

/// Waits, and then gives a value: the future of [`sleep_with`].
#[must_use = "a future does nothing until it is awaited"]
pub struct SleepWith<T> {
    sleep: Sleep,
    /// Present until the end.
    value: Option<T>,
}

/// Lets the time `delay` pass, as [`sleep`] does, and then gives `value`. Python: `asyncio.sleep(delay, result)`.
///
/// Equivalent to: `async fn sleep_with(delay: Duration, value: T) -> T`.
///
/// # Panics
///
/// If it is awaited outside a task; the message names the caller's location.
///
/// # Cancellation
///
/// The sleep ends at once, and the value is dropped.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let naps = [2, 1].map(|n| aio::sleep_with(Duration::from_secs(n), n));
///     assert_eq!(aio::gather(naps).await?, [2, 1]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn sleep_with<T>(delay: Duration, value: T) -> SleepWith<T> {
    SleepWith {
        sleep: sleep(delay),
        value: Some(value),
    }
}

// Nothing in it is pinned.
impl<T> Unpin for SleepWith<T> {}

impl<T> Future for SleepWith<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // One that has ended panics.
        ready!(Pin::new(&mut self.sleep).poll(cx));
        match self.value.take() {
            Some(value) => Poll::Ready(value),
            None => unreachable!("the sleep ends once"),
        }
    }
}

debug!(impl[T] self: SleepWith<T> { sleep: self.sleep, .. });

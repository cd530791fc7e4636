use std::time::Duration;

use super::Error;
use super::awaiting::{Awaitable as _, Owned, Source};
use super::child::Child;
use super::timeout::timeout;

/// Waits for a task, a promise or a future for at most `limit`, and cancels it then. Python:
/// `asyncio.wait_for`.
///
/// A future becomes a task. When the time is up, the child is cancelled, and its clean-up is awaited:
/// the wait may be longer than `limit`. A child that answers the cancel with a value has that value
/// returned. With a limit of zero only what has ended already has a result; a future does not start.
/// `None`: no limit.
///
/// Equivalent to: `async fn wait_for(child, limit) -> Result<T, Error>`.
///
/// # Errors
///
/// [`Error::Timeout`], or what the child ended with.
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Cancellation
///
/// A cancel goes into the child, whose clean-up is awaited.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     let slow = aio::create_task(aio::sleep(60 * second));
///     let late = aio::wait_for(&slow, second).await;
///     assert!(late.unwrap_err().is_timeout());
///     assert!(slow.cancelled());
///
///     let quick = aio::wait_for(async { 7_u8 }, second).await?;
///     assert_eq!(quick, 7);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn wait_for<C: Child>(
    child: C,
    limit: impl Into<Option<Duration>>,
) -> Result<<C::Source as Source>::Ok, Error> {
    let limit = limit.into();
    let source = child.into_source();
    let at = std::panic::Location::caller();
    if limit == Some(Duration::ZERO) {
        let ending = source.awaited();
        if !ending.0.completion().done() {
            ending.0.cancel(None);
        }
        return match Owned::new(source, at).await {
            Err(error) if error.is_cancelled() => Err(Error::Timeout),
            outcome => outcome,
        };
    }
    timeout(limit, Owned::new(source, at)).await
}

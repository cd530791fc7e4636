use std::panic::Location;
use std::time::Duration;

use crate::aio::core::awaiting::expect_task;
use crate::aio::waits::sleep::now;

/// Tells `report` how long each call of `function` took, in the loop's time, whether it ends with a value
/// or is cancelled.
///
/// # Panics
///
/// If a call is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::timed};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let mut times = Vec::new();
///     let times = std::cell::RefCell::new(&mut times);
///     let nap = timed(
///         |took| times.borrow_mut().push(took),
///         async |seconds: u64| aio::sleep(Duration::from_secs(seconds)).await,
///     );
///     nap(2).await;
///     assert_eq!(**times.borrow(), [Duration::from_secs(2)]);
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn timed<A, R>(
    report: impl Fn(Duration),
    function: impl AsyncFn(A) -> R,
) -> impl AsyncFn(A) -> R {
    // One thing, so that the future of a call holds one reference.
    let timing = (report, function, Location::caller());
    async move |argument| {
        let it = &timing;
        expect_task(it.2);
        let start = now();
        let _report = OnDrop(|| (it.0)(now().saturating_duration_since(start)));
        (it.1)(argument).await
    }
}

/// Calls something when it is dropped.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

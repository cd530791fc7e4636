use std::time::Duration;

use crate::aio::waits::sleep::now;

/// Tells `report` how long each call of `function` took, in the loop's time, whether it ends with a value
/// or is cancelled.
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
pub fn timed<A, R>(
    report: impl Fn(Duration),
    function: impl AsyncFn(A) -> R,
) -> impl AsyncFn(A) -> R {
    async move |argument| {
        let start = now();
        let _report = OnDrop(|| report(now().saturating_duration_since(start)));
        function(argument).await
    }
}

/// Calls something when it is dropped.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

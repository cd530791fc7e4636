use std::time::Duration;

use crate::aio::core::event_loop::current;

/// Steps and callbacks of the running loop that take at least `threshold` are told to `tracing`, as events of level
/// `WARN`. Until this is called, the threshold is 100 ms. Python: `loop.slow_callback_duration`.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn set_slow_step(threshold: Duration) {
    current::expect().spans.set_slow(threshold);
}

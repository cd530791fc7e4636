//! What the loop tells `tracing`, if the feature of that name is on; otherwise nothing.
//!
//! - A span `task` for each task, entered in each of its steps, with its name.
//! - `DEBUG`: a cancel.
//! - `WARN`: a step or a callback that took long (`set_slow_step`); a task that was dropped with its loop before
//!   its end; a clean-up ([`finally`](crate::aio::finally)) that was dropped before its end.
//! - `ERROR`: an error that nobody looked at; a callback that panicked.

macro_rules! event {
    ($level:ident, $($event:tt)*) => {{
        // A subscriber is somebody else's code, and there are events in destructors.
        #[cfg(feature = "tracing")]
        $crate::generator::quietly(|| {
            tracing::$level!(target: "cogen::aio", $($event)*);
        });
    }};
}
pub(in crate::aio) use event;

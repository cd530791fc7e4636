//! What the loop tells `tracing`, if the feature of that name is on; otherwise nothing.
//!
//! - A span `task` for each task, entered in each of its steps, with its name.
//! - `DEBUG`: a cancel.
//! - `WARN`: a step that took long ([`set_slow_step`], if spans are wanted); a task that was dropped with its loop before
//!   its end; a clean-up ([`finally`](crate::aio::finally)) that was dropped before its end.
//! - `ERROR`: an error that nobody looked at; a callback that panicked.

#[cfg(feature = "tracing")]
pub(in crate::aio) use on::Spans;
#[cfg(feature = "tracing")]
pub use on::set_slow_step;

#[cfg(not(feature = "tracing"))]
pub(in crate::aio) use off::Spans;

macro_rules! event {
    ($level:ident, $($event:tt)*) => {{
        // A subscriber is somebody else's code, and there are events in destructors.
        #[cfg(feature = "tracing")]
        $crate::aio::core::report::unreported(|| {
            tracing::$level!(target: "cogen::aio", $($event)*);
        });
    }};
}
pub(in crate::aio) use event;

#[cfg(feature = "tracing")]
mod on {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;
    use std::time::{Duration, Instant};

    use tracing::Span;

    use crate::aio::core::event_loop::current;
    use crate::aio::core::raw::pointer::AnyTask;

    /// The spans of a loop's tasks that have begun.
    pub(in crate::aio) struct Spans {
        spans: RefCell<HashMap<u64, Span>>,
        slow: Cell<Duration>,
    }

    impl Default for Spans {
        fn default() -> Self {
            Self {
                spans: RefCell::default(),
                // asyncio's `slow_callback_duration`.
                slow: Cell::new(Duration::from_millis(100)),
            }
        }
    }

    impl Spans {
        /// Runs a step of `task` in its span.
        pub(in crate::aio) fn step<R>(&self, task: &AnyTask, step: impl FnOnce() -> R) -> R {
            let core = task.core();
            let Some(span) = self.of(core.number, || core.name()) else {
                // Nobody listens.
                return step();
            };
            let start = Instant::now();
            let stepped = span.in_scope(step);
            let took = start.elapsed();
            if took >= self.slow.get() {
                tracing::warn!(target: "cogen::aio", parent: &span, ?took, "slow step");
            }
            if !core.is_done() {
                let before = self.spans.borrow_mut().insert(core.number, span);
                drop(before);
            }
            stepped
        }

        /// Whether a subscriber wants the spans.
        #[allow(clippy::unused_self, reason = "without `tracing` they are not")]
        pub(in crate::aio) fn is_on(&self) -> bool {
            tracing::enabled!(target: "cogen::aio", tracing::Level::DEBUG)
        }

        /// The span of a task, unless nobody wants one. The span is taken out for the step: what a subscriber
        /// does with it is somebody else's code.
        fn of(&self, number: u64, name: impl FnOnce() -> String) -> Option<Span> {
            if !self.is_on() {
                return None;
            }
            let known = self.spans.borrow_mut().remove(&number);
            Some(known.unwrap_or_else(
                || tracing::debug_span!(target: "cogen::aio", "task", name = name()),
            ))
        }
    }

    /// Steps of the running loop that take at least `threshold` are told to `tracing`, as events of level
    /// `WARN`. Until this is called, the threshold is 100 ms. Python: `loop.slow_callback_duration`.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    #[track_caller]
    pub fn set_slow_step(threshold: Duration) {
        current::expect().spans.slow.set(threshold);
    }
}

#[cfg(not(feature = "tracing"))]
mod off {

    use crate::aio::core::raw::pointer::AnyTask;

    #[derive(Default)]
    pub(in crate::aio) struct Spans {
        _none: (),
    }

    impl Spans {
        #[allow(
            clippy::unused_self,
            reason = "with `tracing` there is something in it"
        )]
        pub(in crate::aio) fn is_on(&self) -> bool {
            false
        }

        #[inline(always)]
        #[allow(
            clippy::unused_self,
            reason = "with `tracing` there is something in it"
        )]
        pub(in crate::aio) fn step<R>(&self, _task: &AnyTask, step: impl FnOnce() -> R) -> R {
            step()
        }
    }
}

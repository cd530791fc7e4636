//! The spans of tasks that `tracing` is told of, if that feature is on.

#[cfg(feature = "tracing")]
pub(in crate::aio) use on::Spans;

#[cfg(not(feature = "tracing"))]
pub(in crate::aio) use off::Spans;

#[cfg(feature = "tracing")]
mod on {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;
    use std::time::{Duration, Instant};

    use tracing::Span;

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
        /// Runs a step of the task with this number in its span. `lives` says, after the step, whether the
        /// task goes on.
        pub(in crate::aio) fn step<R>(
            &self,
            number: u64,
            name: impl Fn() -> String,
            lives: impl FnOnce() -> bool,
            step: impl FnOnce() -> R,
        ) -> R {
            let Some(span) = self.of(number, &name) else {
                return self.step_without_span(name, step);
            };
            let start = Instant::now();
            let stepped = span.in_scope(step);
            let took = start.elapsed();
            if took >= self.slow.get() {
                tracing::warn!(target: "cogen::aio", parent: &span, ?took, "slow step");
            }
            if lives() {
                let before = self.spans.borrow_mut().insert(number, span);
                drop(before);
            }
            stepped
        }

        /// A subscriber that wants no spans may still want to hear of what is slow.
        fn step_without_span<R>(
            &self,
            name: impl FnOnce() -> String,
            step: impl FnOnce() -> R,
        ) -> R {
            let (stepped, slow) = self.timed(step);
            if let Some(took) = slow {
                let name = name();
                tracing::warn!(target: "cogen::aio", name, ?took, "slow step");
            }
            stepped
        }

        /// Makes a call that belongs to no task.
        pub(in crate::aio) fn call(&self, call: impl FnOnce()) {
            let ((), slow) = self.timed(call);
            if let Some(took) = slow {
                tracing::warn!(target: "cogen::aio", ?took, "slow callback");
            }
        }

        /// Returns how long it took, if that is slow, and somebody wants to know.
        fn timed<R>(&self, run: impl FnOnce() -> R) -> (R, Option<Duration>) {
            if !self.is_timed() {
                return (run(), None);
            }
            let start = Instant::now();
            let value = run();
            let took = start.elapsed();
            (value, Some(took).filter(|&took| took >= self.slow.get()))
        }

        /// Whether a subscriber wants to hear of what is slow. Each step must be one by itself then.
        #[allow(clippy::unused_self, reason = "without `tracing` they are not")]
        pub(in crate::aio) fn is_timed(&self) -> bool {
            tracing::enabled!(target: "cogen::aio", tracing::Level::WARN)
        }

        /// Steps that take at least `threshold` are told from now on.
        pub(in crate::aio) fn set_slow(&self, threshold: Duration) {
            self.slow.set(threshold);
        }

        /// Whether a subscriber wants the spans.
        #[allow(clippy::unused_self, reason = "without `tracing` they are not")]
        fn is_on(&self) -> bool {
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
}

#[cfg(not(feature = "tracing"))]
mod off {
    #[derive(Default)]
    pub(in crate::aio) struct Spans {
        _none: (),
    }

    impl Spans {
        #[allow(
            clippy::unused_self,
            reason = "with `tracing` there is something in it"
        )]
        pub(in crate::aio) fn is_timed(&self) -> bool {
            false
        }

        #[inline(always)]
        #[allow(
            clippy::unused_self,
            reason = "with `tracing` there is something in it"
        )]
        pub(in crate::aio) fn call(&self, call: impl FnOnce()) {
            call();
        }

        #[inline(always)]
        #[allow(
            clippy::unused_self,
            reason = "with `tracing` there is something in it"
        )]
        pub(in crate::aio) fn step<R>(
            &self,
            _number: u64,
            _name: impl Fn() -> String,
            _lives: impl FnOnce() -> bool,
            step: impl FnOnce() -> R,
        ) -> R {
            step()
        }
    }
}

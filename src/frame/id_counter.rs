//! Numbers that are never given twice in the life of the process.

#[cfg(target_has_atomic = "64")]
pub(super) use words::Counter;

#[cfg(target_has_atomic = "64")]
mod words {
    use core::sync::atomic::{AtomicU64, Ordering};

    pub(in crate::frame) struct Counter(AtomicU64);

    impl Counter {
        pub(in crate::frame) const fn new() -> Self {
            Self(AtomicU64::new(0))
        }

        /// A number that was never given before: 0, 1, 2, and so on.
        #[inline]
        pub(in crate::frame) fn next(&self) -> u64 {
            self.0.fetch_add(1, Ordering::Relaxed)
        }
    }
}

#[cfg(not(target_has_atomic = "64"))]
pub(super) type Counter = halves::Counter<{ u32::MAX }>;

/// Where an atomic has 32 bits.
#[cfg(any(test, not(target_has_atomic = "64")))]
mod halves {
    use core::hint;
    use core::sync::atomic::{AtomicU32, Ordering::SeqCst};

    /// Counts to `END` times 2³²:
    ///
    /// 1. `low` goes from 0 to `END`, in steps of one. The call that takes it to `END` is the only one that increases
    ///    `high` and then begins `low` anew. Until then the others wait: that is two instructions, once in `END`
    ///    numbers.
    /// 2. So while `high` has one value, `low` has each value below `END` once. A call that sees the same `high`
    ///    before and after its step has a number of its own. If not, it takes another one.
    pub(in crate::frame) struct Counter<const END: u32> {
        high: AtomicU32,
        low: AtomicU32,
    }

    impl<const END: u32> Counter<END> {
        pub(in crate::frame) const fn new() -> Self {
            Self {
                high: AtomicU32::new(0),
                low: AtomicU32::new(0),
            }
        }

        pub(in crate::frame) fn next(&self) -> u64 {
            loop {
                let high = self.high.load(SeqCst);
                let step = |low| (low < END).then_some(low + 1);
                let Ok(low) = self.low.fetch_update(SeqCst, SeqCst, step) else {
                    hint::spin_loop();
                    continue;
                };
                let now = self.high.load(SeqCst);
                if low + 1 == END {
                    self.high
                        .store(now.checked_add(1).expect("a counter ends"), SeqCst);
                    self.low.store(0, SeqCst);
                }
                if now == high {
                    return u64::from(high) * u64::from(END) + u64::from(low);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::halves::Counter;
    use std::collections::HashSet;
    use std::thread;

    #[test]
    fn halves_make_a_number_that_is_never_given_twice() {
        const EACH: u64 = if cfg!(miri) { 200 } else { 50_000 };
        let counter = Counter::<7>::new();
        let take = || (0..EACH).map(|_| counter.next()).collect::<Vec<_>>();
        let taken: Vec<_> = thread::scope(|scope| {
            let threads = [(); 3].map(|()| scope.spawn(take));
            threads.map(|thread| thread.join().unwrap()).concat()
        });
        assert_eq!(taken.iter().collect::<HashSet<_>>().len(), taken.len());
    }

    #[test]
    fn halves_count_without_a_gap_where_nothing_else_counts() {
        let counter = Counter::<3>::new();
        let taken: Vec<_> = (0..10).map(|_| counter.next()).collect();
        assert_eq!(taken, (0..10).collect::<Vec<_>>());
    }
}

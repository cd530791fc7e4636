//! Deadlines in order: a radix heap, which suits a loop's time because that never goes back.
//!
//! 1. `front` is sorted, and ends at `last` or before. Everything in the buckets is after `last`: bucket `b`
//!    has the deadlines that differ from `last` in bit `b` and in no higher one. So what follows `front` is
//!    in the lowest bucket that is not empty. When it is needed, that bucket is sorted and becomes `front`; a
//!    large one is shared out among the buckets below instead.
//! 2. Equal deadlines are in the same bucket whenever they come, in the order in which they came: sorting and
//!    sharing out keep that order.
//! 3. A deadline before `last` is put into `early`, a heap. It came after whatever is equal in `front`, since
//!    that was there when `last` was set. When the heap has grown, everything is laid out anew.
//!
//! Each entry moves down at most once per bit, in the order of memory; a heap of a million would miss
//! the cache at each level.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::mem;

/// A deadline, in nanoseconds since the loop's start, and the slot that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio::core) struct Deadline {
    pub(in crate::aio::core) when: u64,
    pub(in crate::aio::core) slot: u32,
}

pub(in crate::aio::core) struct Deadlines {
    last: u64,
    front: VecDeque<Deadline>,
    buckets: [Vec<Deadline>; u64::BITS as usize],
    /// Bit `b` is set if bucket `b` is not empty.
    filled: u64,
    early: BinaryHeap<Reverse<(u64, u64, u32)>>,
    /// Counts the early deadlines, so that equal ones keep their order.
    sequence: u64,
    len: usize,
    /// An empty bucket, to share out without an allocation.
    spare: Vec<Deadline>,
}

/// A bucket with more room than this is not kept when it is empty.
const KEPT: usize = 64;
/// Up to this many are sorted at once. (Few in tests, so that they go both ways.)
const SORTED: usize = if cfg!(test) { 64 } else { 4096 };
/// Up to this many early deadlines are no reason to lay everything out anew.
const TOLERATED: usize = 64;

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            last: 0,
            front: VecDeque::new(),
            buckets: [const { Vec::new() }; u64::BITS as usize],
            filled: 0,
            early: BinaryHeap::new(),
            sequence: 0,
            len: 0,
            spare: Vec::new(),
        }
    }
}

impl Deadlines {
    pub(in crate::aio::core) fn len(&self) -> usize {
        self.len
    }

    pub(in crate::aio::core) fn push(&mut self, deadline: Deadline) {
        // With no other deadline, `last` may be anything (invariant 1): then this one is not early.
        if self.len == 0 {
            self.last = self.last.min(deadline.when);
        }
        self.len += 1;
        if deadline.when >= self.last {
            return self.place(deadline);
        }
        self.sequence += 1;
        let Deadline { when, slot } = deadline;
        self.early.push(Reverse((when, self.sequence, slot)));
        // In proportion to all, so that laying out anew, which looks at each, costs each push the same.
        if self.early.len() > TOLERATED + self.len / 8 {
            self.lay_out();
        }
    }

    /// Puts a deadline that is not early where it belongs.
    fn place(&mut self, deadline: Deadline) {
        match (deadline.when ^ self.last).checked_ilog2() {
            None => self.front.push_back(deadline),
            Some(bucket) => {
                self.buckets[bucket as usize].push(deadline);
                self.filled |= 1 << bucket;
            }
        }
    }

    /// Begins anew, with the first deadline of all as `last`.
    fn lay_out(&mut self) {
        let early = mem::take(&mut self.early).into_sorted_vec();
        let front = mem::take(&mut self.front);
        let buckets = self.buckets.each_mut().map(mem::take);
        self.filled = 0;
        let first_early = early.last().map(|Reverse((when, ..))| *when);
        let first_in_front = front.front().map(|first| first.when);
        let firsts = [first_early, first_in_front];
        self.last = firsts.into_iter().flatten().min().unwrap_or(self.last);
        // Equal ones are in the order in which they came: those in front before the early ones (invariant 3). None
        // in a bucket is equal to one of these.
        for deadline in front {
            self.place(deadline);
        }
        // Sorted by `Reverse`, so the last one is the first to come.
        for Reverse((when, _, slot)) in early.into_iter().rev() {
            self.place(Deadline { when, slot });
        }
        for deadline in buckets.into_iter().flatten() {
            self.place(deadline);
        }
    }

    /// Whether a deadline may have come; if not, none has.
    pub(in crate::aio::core) fn may_be_due(&self, now: u64) -> bool {
        if self
            .early
            .peek()
            .is_some_and(|Reverse((when, ..))| *when <= now)
        {
            return true;
        }
        if let Some(first) = self.front.front() {
            return first.when <= now;
        }
        if self.filled == 0 {
            return false;
        }
        // The least that can be in the lowest bucket: as `last` above the bucket's bit, which is set, and 0 below.
        let bucket = self.filled.trailing_zeros();
        ((self.last >> bucket) | 1) << bucket <= now
    }

    /// The first deadline that `keep` accepts. Those before it are dropped.
    pub(in crate::aio::core) fn first(
        &mut self,
        mut keep: impl FnMut(u32) -> bool,
    ) -> Option<Deadline> {
        loop {
            while let Some(first) = self.peek() {
                if keep(first.slot) {
                    return Some(first);
                }
                self.pop();
            }
            if self.filled == 0 {
                return None;
            }
            self.open_bucket(&mut keep);
        }
    }

    /// The first deadline that is not in a bucket.
    fn peek(&self) -> Option<Deadline> {
        if self.is_front_first() {
            return self.front.front().copied();
        }
        let Reverse((when, _, slot)) = *self.early.peek()?;
        Some(Deadline { when, slot })
    }

    /// Whether the first one in `front` comes before the early ones.
    fn is_front_first(&self) -> bool {
        let early = self.early.peek().map(|Reverse((when, ..))| *when);
        let front = self.front.front();
        front.is_some_and(|first| early.is_none_or(|early| first.when <= early))
    }

    /// Sorts the lowest bucket, because the first deadline is in there; a large one is shared out.
    fn open_bucket(&mut self, keep: &mut impl FnMut(u32) -> bool) {
        // `front` and `early` are empty: what is in the bucket comes next, and `last` may move up to it.
        let lowest = self.filled.trailing_zeros() as usize;
        self.filled &= self.filled - 1;
        let spare = mem::take(&mut self.spare);
        let mut bucket = mem::replace(&mut self.buckets[lowest], spare);
        if self.front.capacity() > KEPT {
            self.front = VecDeque::new();
        }
        let before = bucket.len();
        bucket.retain(|deadline| keep(deadline.slot));
        self.len -= before - bucket.len();
        if bucket.len() <= SORTED {
            bucket.sort_by_key(|deadline| deadline.when);
            if let Some(last) = bucket.last() {
                self.last = last.when;
            }
            self.front.extend(bucket.drain(..));
        } else {
            // Each of them differs from the first in a lower bit than this bucket's, so it moves down.
            let whens = bucket.iter().map(|deadline| deadline.when);
            self.last = whens.min().unwrap_or(self.last);
            for deadline in bucket.drain(..) {
                self.place(deadline);
            }
        }
        if bucket.capacity() <= KEPT {
            self.spare = bucket;
        }
    }

    /// Takes away what [`first`](Self::first) gave.
    pub(in crate::aio::core) fn pop(&mut self) {
        let popped = if self.is_front_first() {
            self.front.pop_front().is_some()
        } else {
            self.early.pop().is_some()
        };
        self.len -= usize::from(popped);
    }

    /// Drops all but those that `keep` accepts.
    pub(in crate::aio::core) fn retain(&mut self, mut keep: impl FnMut(u32) -> bool) {
        self.early.retain(|Reverse((.., slot))| keep(*slot));
        self.front.retain(|deadline| keep(deadline.slot));
        self.len = self.early.len() + self.front.len();
        self.filled = 0;
        for (index, bucket) in self.buckets.iter_mut().enumerate() {
            bucket.retain(|deadline| keep(deadline.slot));
            bucket.shrink_to(2 * bucket.len().max(KEPT));
            self.len += bucket.len();
            self.filled |= u64::from(!bucket.is_empty()) << index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Deadline, Deadlines};
    use std::collections::BTreeSet;

    /// A naive model: by deadline, then in the order in which they came.
    #[derive(Default)]
    struct Model(BTreeSet<(u64, u32)>);

    impl Model {
        fn first(&self) -> Option<Deadline> {
            let &(when, slot) = self.0.first()?;
            Some(Deadline { when, slot })
        }
    }

    /// A step of `xorshift64`.
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    fn pop(deadlines: &mut Deadlines, model: &mut Model) -> Option<u64> {
        let first = deadlines.first(|_| true);
        assert_eq!(first, model.first());
        deadlines.pop();
        model.0.pop_first();
        first.map(|first| first.when)
    }

    #[test]
    fn deadlines_come_in_order_as_in_a_naive_model() {
        let steps = if cfg!(miri) { 100 } else { 20_000 };
        for seed in 1..20_u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let (mut deadlines, mut model) = (Deadlines::default(), Model::default());
            let (mut slot, mut now) = (0_u32, 1_u64 << 20);
            for _ in 0..steps {
                let what = random(&mut state);
                let spread = 1 << (random(&mut state) % 20);
                // Popping and pushing balance in some runs, and do not in others.
                match what % (seed % 7 + 2) {
                    0 => now = pop(&mut deadlines, &mut model).map_or(now, |when| when.max(now)),
                    1 if what % 5 == 0 => {
                        let keep = |slot: u32| slot % 3 != 0;
                        deadlines.retain(keep);
                        model.0.retain(|(_, slot)| keep(*slot));
                    }
                    2 if what % 7 == 0 => {
                        assert_eq!(deadlines.first(|_| true), model.first());
                    }
                    _ => {
                        // Some are in the past.
                        let when = now + random(&mut state) % spread - spread.min(now) / 8;
                        slot += 1;
                        deadlines.push(Deadline { when, slot });
                        model.0.insert((when, slot));
                    }
                }
                assert_eq!(deadlines.len(), model.0.len());
                let due = model.first().is_some_and(|first| first.when <= now);
                assert!(deadlines.may_be_due(now) || !due);
            }
            while pop(&mut deadlines, &mut model).is_some() {}
        }
    }

    #[test]
    fn what_is_not_kept_is_passed_over() {
        let mut deadlines = Deadlines::default();
        for slot in 0..100 {
            let when = u64::from(slot) * 1000;
            deadlines.push(Deadline { when, slot });
        }
        let first = deadlines.first(|slot| slot > 41);
        assert_eq!(
            first,
            Some(Deadline {
                when: 42_000,
                slot: 42
            })
        );
        assert_eq!(deadlines.first(|_| false), None);
        assert_eq!(deadlines.len(), 0);
    }
}

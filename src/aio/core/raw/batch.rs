//! The entries of a turn.
//!
//! 1. The entries from `next` up to `end` are initialised, in the memory of `memory`, whose length is 0: they
//!    are ours, and each is given away, or dropped, once.
//! 2. That memory stays where it is until all the entries are gone: only [`refill`](Batch::refill) touches
//!    the vector.

use std::mem;

pub(in crate::aio) struct Batch<T> {
    memory: Vec<T>,
    next: usize,
    end: usize,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self {
            memory: Vec::new(),
            next: 0,
            end: 0,
        }
    }
}

/// Memory for this many entries is kept, however few there are.
const KEPT: usize = 1024;

impl<T> Batch<T> {
    #[inline]
    pub(in crate::aio) fn is_over(&self) -> bool {
        self.next == self.end
    }

    /// Begins with all of `queue`, which gets the memory of this batch and is empty afterwards.
    ///
    /// # Panics
    ///
    /// If this batch is not over.
    #[inline]
    pub(in crate::aio) fn refill(&mut self, queue: &mut Vec<T>) {
        assert!(self.is_over(), "a turn begins when the one before is over");
        self.next = 0;
        self.end = queue.len();
        if self.memory.capacity() > 8 * KEPT {
            self.shrink();
        }
        mem::swap(&mut self.memory, queue);
        // SAFETY: 0 is less than the capacity. What was in there is ours now (invariant 1).
        unsafe { self.memory.set_len(0) };
    }

    /// Gives memory back, if the queue was once far longer than it is now.
    #[cold]
    fn shrink(&mut self) {
        let used = self.end.max(KEPT);
        if self.memory.capacity() / 8 > used {
            self.memory.shrink_to(2 * used);
        }
    }

    /// Looks at the next entry.
    #[inline]
    pub(in crate::aio) fn peek(&self) -> Option<&T> {
        // SAFETY: the entry is initialised, and stays as long as we are borrowed (invariants 1 and 2).
        (!self.is_over()).then(|| unsafe { &*self.memory.as_ptr().add(self.next) })
    }
}

impl<T> Iterator for Batch<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.is_over() {
            return None;
        }
        let at = self.next;
        self.next += 1;
        // SAFETY: the entry is initialised, and no longer ours (invariant 1).
        Some(unsafe { self.memory.as_ptr().add(at).read() })
    }
}

impl<T> Drop for Batch<T> {
    fn drop(&mut self) {
        /// Drops the remaining entries after a destructor has panicked.
        struct Rest<'a, T>(&'a mut Batch<T>);
        impl<T> Drop for Rest<'_, T> {
            fn drop(&mut self) {
                self.0.by_ref().for_each(drop);
            }
        }
        let rest = Rest(self);
        rest.0.by_ref().for_each(drop);
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, KEPT};
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    fn batch(entries: &[Rc<u8>]) -> Batch<Rc<u8>> {
        let mut batch = Batch::default();
        batch.refill(&mut entries.to_vec());
        batch
    }

    #[test]
    fn entries_come_in_order_and_are_given_away_once() {
        let entries = [Rc::new(1), Rc::new(2), Rc::new(3)];
        let mut batch = batch(&entries);
        assert_eq!(batch.peek().map(|entry| **entry), Some(1));
        let taken = batch.by_ref().collect::<Vec<_>>();
        assert_eq!(
            taken.iter().map(|entry| **entry).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert!(batch.is_over() && batch.peek().is_none());
        drop((batch, taken));
        assert!(entries.iter().all(|entry| Rc::strong_count(entry) == 1));
    }

    #[test]
    fn entries_that_nobody_took_are_dropped_with_it() {
        let entries = [Rc::new(1), Rc::new(2), Rc::new(3)];
        let mut batch = batch(&entries);
        drop(batch.next());
        drop(batch);
        assert!(entries.iter().all(|entry| Rc::strong_count(entry) == 1));
    }

    #[test]
    fn the_queue_gets_the_memory_of_the_batch_before() {
        let mut batch = Batch::default();
        let (mut queue, mut memory) = (Vec::with_capacity(8), Vec::new());
        for round in 0..6 {
            queue.extend([round, round + 1]);
            memory.push(queue.as_ptr());
            batch.refill(&mut queue);
            assert!(queue.is_empty());
            batch.by_ref().for_each(drop);
        }
        assert_eq!(memory[2..4], memory[4..]);
    }

    #[test]
    fn memory_of_a_long_queue_is_given_back() {
        let mut batch = Batch::default();
        let mut queue = vec![0_u8; 100 * KEPT];
        for _ in 0..3 {
            batch.refill(&mut queue);
            batch.by_ref().for_each(drop);
            queue.push(0);
        }
        assert!(batch.memory.capacity() <= 8 * KEPT && queue.capacity() <= 8 * KEPT);
    }

    #[test]
    #[should_panic(expected = "a turn begins when the one before is over")]
    fn a_batch_that_is_not_over_is_not_refilled() {
        batch(&[Rc::new(1)]).refill(&mut vec![Rc::new(2)]);
    }

    /// Notes that it was dropped; the second one to be dropped panics.
    struct Hostile(u8, Rc<RefCell<Vec<u8>>>);

    impl Drop for Hostile {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0);
            assert!(self.0 != 2, "hostile");
        }
    }

    #[test]
    fn a_destructor_that_panics_keeps_no_other_from_being_dropped() {
        let dropped = Rc::new(RefCell::new(Vec::new()));
        let mut batch = Batch::default();
        batch.refill(&mut (1..5).map(|n| Hostile(n, dropped.clone())).collect());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(batch))).is_err());
        assert_eq!(*dropped.borrow(), [1, 2, 3, 4]);
    }
}

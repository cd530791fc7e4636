//! Where a queue's items are, and in which order they leave.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

pub(super) trait Store<T>: Default {
    fn push(&mut self, item: T);
    fn pop(&mut self) -> Option<T>;
    fn len(&self) -> usize;
}

/// First in, first out.
impl<T> Store<T> for VecDeque<T> {
    fn push(&mut self, item: T) {
        self.push_back(item);
    }

    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

/// Last in, first out.
impl<T> Store<T> for Vec<T> {
    fn push(&mut self, item: T) {
        self.push(item);
    }

    fn pop(&mut self) -> Option<T> {
        self.pop()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

/// The least first; of equal ones, the first in.
pub(super) struct Least<T> {
    heap: BinaryHeap<Reverse<Numbered<T>>>,
    next: u64,
}

/// An item, and how many were put before it.
struct Numbered<T>(T, u64);

impl<T: Ord> Ord for Numbered<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl<T: Ord> PartialOrd for Numbered<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Numbered<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Numbered<T> {}

impl<T: Ord> Default for Least<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            next: 0,
        }
    }
}

impl<T: Ord> Store<T> for Least<T> {
    fn push(&mut self, item: T) {
        self.heap.push(Reverse(Numbered(item, self.next)));
        self.next += 1;
    }

    fn pop(&mut self) -> Option<T> {
        self.heap.pop().map(|Reverse(Numbered(item, _))| item)
    }

    fn len(&self) -> usize {
        self.heap.len()
    }
}

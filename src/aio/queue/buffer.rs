//! Where a queue's items are, and in which order they leave.

use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// Nothing of a buffer is borrowed while items are compared, because that is somebody else's code.
pub(super) trait Buffer<T>: Default {
    fn push(&self, item: T);
    fn pop(&self) -> Option<T>;
    fn len(&self) -> usize;

    /// Puts an item back that was the next to leave.
    fn put_back(&self, item: T) {
        self.push(item);
    }

    /// Takes all items out, for the caller to drop.
    #[must_use]
    fn take_all(&self) -> Vec<T>;

    /// Whether [`pop`](Self::pop) has given nothing, although there are items, since this was last called.
    fn refused(&self) -> bool {
        false
    }
}

/// First in, first out.
impl<T> Buffer<T> for RefCell<VecDeque<T>> {
    fn push(&self, item: T) {
        self.borrow_mut().push_back(item);
    }

    fn pop(&self) -> Option<T> {
        self.borrow_mut().pop_front()
    }

    fn put_back(&self, item: T) {
        self.borrow_mut().push_front(item);
    }

    fn len(&self) -> usize {
        self.borrow().len()
    }

    fn take_all(&self) -> Vec<T> {
        self.take().into()
    }
}

/// Last in, first out.
impl<T> Buffer<T> for RefCell<Vec<T>> {
    fn push(&self, item: T) {
        self.borrow_mut().push(item);
    }

    fn pop(&self) -> Option<T> {
        self.borrow_mut().pop()
    }

    fn len(&self) -> usize {
        self.borrow().len()
    }

    fn take_all(&self) -> Vec<T> {
        self.take()
    }
}

/// The least first; of equal items, the first in.
///
/// 1. While items are compared, the heap is taken out, and [`Least::sorting`] says so. What is put in
///    meanwhile is [`Least::late`], and joins the heap before the next item leaves it. So does everything
///    if a comparison panics.
/// 2. [`Least::len`] counts both.
pub(super) struct Least<T> {
    heap: Cell<Heap<T>>,
    late: RefCell<Vec<Reverse<Numbered<T>>>>,
    len: Cell<usize>,
    next: Cell<u64>,
    sorting: Cell<bool>,
    refused: Cell<bool>,
}

type Heap<T> = BinaryHeap<Reverse<Numbered<T>>>;

/// An item, and how many were put in before it.
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
            heap: Cell::default(),
            late: RefCell::default(),
            len: Cell::new(0),
            next: Cell::new(0),
            sorting: Cell::new(false),
            refused: Cell::new(false),
        }
    }
}

/// The heap, taken out for comparisons.
struct Sorting<'a, T: Ord> {
    least: &'a Least<T>,
    heap: Heap<T>,
    /// Whether no comparison has panicked.
    sorted: bool,
}

impl<'a, T: Ord> Sorting<'a, T> {
    fn new(least: &'a Least<T>) -> Self {
        least.sorting.set(true);
        let heap = least.heap.take();
        Self {
            least,
            heap,
            sorted: false,
        }
    }

    fn add(mut self, item: Reverse<Numbered<T>>) {
        self.heap.push(item);
        self.sorted = true;
    }

    fn take_least(mut self) -> Option<Reverse<Numbered<T>>> {
        self.add_late();
        let least = self.heap.pop();
        self.sorted = true;
        least
    }

    fn add_late(&mut self) {
        loop {
            let late = self.least.late.borrow_mut().pop();
            match late {
                Some(late) => self.heap.push(late),
                None => return,
            }
        }
    }
}

impl<T: Ord> Drop for Sorting<'_, T> {
    fn drop(&mut self) {
        let least = self.least;
        let heap = std::mem::take(&mut self.heap);
        // An item that was taken out, or lost by a comparison that panicked, no longer counts.
        least.len.set(heap.len() + least.late.borrow().len());
        if self.sorted {
            least.heap.set(heap);
        } else {
            // The items have no order now.
            least.late.borrow_mut().extend(heap);
        }
        least.sorting.set(false);
    }
}

impl<T: Ord> Buffer<T> for Least<T> {
    fn push(&self, item: T) {
        let item = Reverse(Numbered(item, self.next.get()));
        self.next.set(self.next.get() + 1);
        self.len.set(self.len.get() + 1);
        if self.sorting.get() {
            self.late.borrow_mut().push(item);
        } else {
            Sorting::new(self).add(item);
        }
    }

    fn pop(&self) -> Option<T> {
        if self.sorting.get() {
            // Which item is the least is just being found out.
            self.refused.set(true);
            return None;
        }
        let least = Sorting::new(self).take_least();
        least.map(|Reverse(Numbered(item, _))| item)
    }

    fn len(&self) -> usize {
        self.len.get()
    }

    /// The items that are being compared stay.
    fn take_all(&self) -> Vec<T> {
        let (heap, late) = (self.heap.take(), self.late.take());
        self.len.set(self.len.get() - heap.len() - late.len());
        let items = heap.into_iter().chain(late);
        items.map(|Reverse(Numbered(item, _))| item).collect()
    }

    fn refused(&self) -> bool {
        self.refused.take()
    }
}

//! Puts what workers give back into order.
//!
//! 1. Each item from above has a number, in the order in which it came. Each worker has one number
//!    before all of them, for what it gives before it takes an item, and one after them.
//! 2. There is a slot for each number from the first that is not done. A slot is done after its last item: when the
//!    worker that has the number goes on or goes away. The last number of a worker that has gone early is done when
//!    both are known: the number, and that the worker has gone.
//! 3. A worker gives `capacity` items for a number and then waits until that number is the first, so that what waits
//!    in slots is bounded, and the first number is never held up.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::frame::Exception;

/// Results that came out of order.
pub(super) struct Order<Out> {
    slots: VecDeque<Entry<Out>>,
    gate: Arc<Gate>,
    /// The number of the first slot; also in the gate.
    first: u64,
    /// For each worker, whether it has gone.
    gone: Vec<bool>,
    /// The last number of the first worker, when it is known.
    last: Option<u64>,
}

/// How a number ended.
pub(super) enum End {
    Done,
    Failed(Exception),
    Panicked(Box<dyn Any + Send>),
}

struct Entry<Out> {
    /// The usual one item; it is there whenever `more` has any.
    item: Option<Out>,
    more: VecDeque<Out>,
    end: Option<End>,
}

/// What is next.
pub(super) enum Front<Out> {
    Item(Out),
    End(End),
    /// It has not come yet.
    Missing,
}

impl<Out> Order<Out> {
    pub(super) fn new(workers: usize, gate: Arc<Gate>) -> Self {
        let mut order = Self {
            slots: VecDeque::new(),
            gate,
            first: 0,
            gone: vec![false; workers],
            last: None,
        };
        order.slots.extend((0..workers).map(|_| Entry::open()));
        order
    }

    /// How many numbers are open.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds an item, and returns its number.
    pub(super) fn add(&mut self) -> u64 {
        self.slots.push_back(Entry::open());
        self.first + self.slots.len() as u64 - 1
    }

    /// Notes that there are no more items, and returns the last number of the first worker.
    pub(super) fn no_more(&mut self) -> u64 {
        let last = self.first + self.slots.len() as u64;
        for gone in &self.gone {
            self.slots.push_back(Entry {
                end: gone.then_some(End::Done),
                ..Entry::open()
            });
        }
        self.last = Some(last);
        last
    }

    pub(super) fn put(&mut self, number: u64, item: Out) {
        if let Some(slot) = self.slot(number) {
            if slot.item.is_none() {
                slot.item = Some(item);
            } else {
                slot.more.push_back(item);
            }
        }
    }

    pub(super) fn end(&mut self, number: u64, end: End) {
        if let Some(slot) = self.slot(number) {
            slot.end.get_or_insert(end);
        }
    }

    /// Notes that a worker has gone.
    pub(super) fn gone(&mut self, worker: usize, number: u64, end: End) {
        self.gone[worker] = true;
        self.end(number, end);
        if let Some(last) = self.last {
            self.end(last + worker as u64, End::Done);
        }
    }

    /// What is next. Slots that are done are left behind.
    pub(super) fn next(&mut self) -> Front<Out> {
        let before = self.first;
        let front = loop {
            let Some(slot) = self.slots.front_mut() else {
                break Front::Missing;
            };
            if let Some(item) = slot.item.take() {
                slot.item = slot.more.pop_front();
                break Front::Item(item);
            }
            match slot.end.take() {
                None => break Front::Missing,
                Some(End::Done) => {
                    self.slots.pop_front();
                    self.first += 1;
                }
                Some(end) => break Front::End(end),
            }
        };
        if self.first > before {
            self.gate.open(self.first);
        }
        front
    }

    /// The errors that have come, and are not next.
    pub(super) fn errors(&mut self) -> impl Iterator<Item = Exception> + '_ {
        self.slots
            .iter_mut()
            .filter_map(|slot| match slot.end.take() {
                Some(End::Failed(exception)) => Some(exception),
                _ => None,
            })
    }

    fn slot(&mut self, number: u64) -> Option<&mut Entry<Out>> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.slots.get_mut(at)
    }
}

impl<Out> Entry<Out> {
    fn open() -> Self {
        Self {
            item: None,
            more: VecDeque::new(),
            end: None,
        }
    }
}

/// Where workers wait for their number to be the first.
#[derive(Default)]
pub(super) struct Gate {
    first: AtomicU64,
    /// How many wait, or are about to: they look at `first` once more then.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    opened: Condvar,
}

impl Gate {
    /// The numbers up to `first` may pass.
    pub(super) fn open(&self, first: u64) {
        self.first.store(first, Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.opened.notify_all();
        }
    }

    pub(super) fn wait(&self, number: u64) {
        if self.first.load(Ordering::SeqCst) >= number {
            return;
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        while self.first.load(Ordering::SeqCst) < number {
            guard = self
                .opened
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{End, Front, Gate, Order};
    use crate::frame::Exception;

    /// A stage that is stopped tells of the errors that came before their turn.
    #[test]
    fn errors_that_came_out_of_order_are_there() {
        let mut order = Order::<()>::new(2, Arc::new(Gate::default()));
        order.end(0, End::Done);
        order.end(1, End::Done);
        let (slow, fast) = (order.add(), order.add());
        order.end(fast, End::Failed(Exception::new("fast")));
        assert!(matches!(order.next(), Front::Missing));
        order.end(slow, End::Failed(Exception::new("slow")));
        let Front::End(End::Failed(first)) = order.next() else {
            panic!("the first has failed");
        };
        assert_eq!(first.to_string(), "slow");
        let others: Vec<_> = order.errors().map(|error| error.to_string()).collect();
        assert_eq!(others, ["fast"]);
    }
}

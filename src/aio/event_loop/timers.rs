//! Timers: a heap of deadlines over a slab of what is to happen.
//!
//! 1. An entry of the heap names a slot; the slot is free for another timer only when the entry has
//!    left the heap.
//! 2. A cancelled timer leaves an empty slot behind. When more than half of the heap is cancelled, it
//!    is built anew, as asyncio does: cancelled timers do not pile up.
//! 3. Equal deadlines come in the order in which they were set.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::super::completion::{Observer, Wakee};
use super::handle::HandleCell;

/// What happens at a deadline.
pub(in super::super) enum Due {
    Wake(Wakee),
    Notify(Rc<dyn Observer>, usize),
    Handle(Rc<HandleCell>),
}

/// Names a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct TimerId {
    slot: u32,
    sequence: u64,
}

struct Slot {
    /// Of the timer that has the slot.
    sequence: u64,
    /// None: cancelled, or free.
    due: Option<Due>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Nanoseconds since the loop's start.
    when: u64,
    sequence: u64,
    slot: u32,
}

#[derive(Default)]
pub(in super::super) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    cancelled: usize,
    sequence: u64,
}

/// Fewer cancelled timers are left to be met.
const TOLERATED: usize = 100;

impl Timers {
    pub(in super::super) fn set(&mut self, when: u64, due: Due) -> TimerId {
        self.sequence += 1;
        let sequence = self.sequence;
        let content = Slot {
            sequence,
            due: Some(due),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = content;
            slot
        } else {
            self.slots.push(content);
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 timers")
        };
        self.heap.push(Reverse(Entry {
            when,
            sequence,
            slot,
        }));
        TimerId { slot, sequence }
    }

    /// Whether it is still to come.
    pub(in super::super) fn is_set(&self, id: TimerId) -> bool {
        let slot = self.slots.get(id.slot as usize);
        slot.is_some_and(|slot| slot.sequence == id.sequence && slot.due.is_some())
    }

    /// Cancels a timer: what was to happen, if it was still to come.
    pub(in super::super) fn cancel(&mut self, id: TimerId) -> Option<Due> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        if slot.sequence != id.sequence {
            return None;
        }
        let due = slot.due.take()?;
        self.cancelled += 1;
        if self.cancelled > TOLERATED && self.cancelled * 2 > self.heap.len() {
            self.rebuild();
        }
        Some(due)
    }

    fn rebuild(&mut self) {
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        entries.retain(|Reverse(entry)| {
            let keep = self.slots[entry.slot as usize].due.is_some();
            if !keep {
                self.free.push(entry.slot);
            }
            keep
        });
        // A timer that is due and not yet run is cancelled without an entry.
        self.cancelled = 0;
        self.heap = entries.into();
    }

    /// The next deadline.
    pub(in super::super) fn next(&mut self) -> Option<u64> {
        loop {
            let Reverse(entry) = self.heap.peek()?;
            if self.slots[entry.slot as usize].due.is_some() {
                return Some(entry.when);
            }
            self.free.push(entry.slot);
            self.heap.pop();
            self.cancelled = self.cancelled.saturating_sub(1);
        }
    }

    /// Takes the next timer whose deadline has come out of the heap. It is still to run, and can be
    /// cancelled until then.
    pub(in super::super) fn pop(&mut self, now: u64) -> Option<TimerId> {
        if self.next()? > now {
            return None;
        }
        let Reverse(Entry { sequence, slot, .. }) = self.heap.pop()?;
        Some(TimerId { slot, sequence })
    }

    /// Runs out a timer that was popped: what happens now, if nobody cancelled it.
    pub(in super::super) fn fire(&mut self, id: TimerId) -> Option<Due> {
        let slot = &mut self.slots[id.slot as usize];
        debug_assert_eq!(slot.sequence, id.sequence);
        let due = slot.due.take();
        self.free.push(id.slot);
        if due.is_none() {
            self.cancelled = self.cancelled.saturating_sub(1);
        }
        due
    }

    /// How many are to come.
    pub(in super::super) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| slot.due.is_some()).count()
    }

    pub(in super::super) fn clear(&mut self) -> Vec<Due> {
        self.heap.clear();
        self.free.clear();
        self.slots.drain(..).filter_map(|slot| slot.due).collect()
    }
}

//! Timers: [`Deadlines`] over a slab of the things to do.
//!
//! 1. A deadline names a slot; the slot is free for another timer only when the deadline has been taken away.
//! 2. A cancelled timer leaves an empty slot behind. When more than half of the deadlines belong to cancelled
//!    timers, these are dropped, as asyncio does, so cancelled timers do not pile up.
//! 3. Equal deadlines come in the order in which they were set.
//! 4. A timer that is due is popped, and runs as an entry of the ready queue. Until then it can still be cancelled or
//!    renewed: its deadline is gone, its slot is not.
//! 5. A slot that is used again has another generation. So a `TimerId` that its holder has kept for too long finds
//!    nothing, and not somebody else's timer.
//! 6. `cancelled` only decides when to clean up (2). It need not be exact: a timer that is cancelled after it was
//!    popped has no deadline, and is counted until it runs.

use std::mem;

use super::deadlines::{Deadline, Deadlines};

/// Names a timer. The holder forgets it when the timer has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) struct TimerId {
    slot: u32,
    generation: u32,
}

struct Entry<D> {
    /// Counts the timers that have had the slot.
    generation: u32,
    /// `None`: cancelled, or free. Set with the timer, and taken by whatever comes first, its run or a cancel.
    due: Option<D>,
}

/// The timers of a loop. `D`: what happens at a deadline.
pub(in crate::aio) struct Timers<D> {
    deadlines: Deadlines,
    slots: Vec<Entry<D>>,
    free: Vec<u32>,
    cancelled: usize,
}

/// Up to this many cancelled timers are left until their deadlines come.
const TOLERATED: usize = 100;

/// Whether the timer in this slot was not cancelled; if it was, the slot is free from now on.
fn keeps<'a, D>(
    slots: &'a [Entry<D>],
    free: &'a mut Vec<u32>,
) -> impl FnMut(u32) -> bool + use<'a, D> {
    |slot| {
        let keep = slots[slot as usize].due.is_some();
        if !keep {
            free.push(slot);
        }
        keep
    }
}

impl<D> Default for Timers<D> {
    fn default() -> Self {
        Self {
            deadlines: Deadlines::default(),
            slots: Vec::new(),
            free: Vec::new(),
            cancelled: 0,
        }
    }
}

impl<D> Timers<D> {
    pub(in crate::aio) fn set(&mut self, when: u64, due: D) -> TimerId {
        let slot = if let Some(slot) = self.free.pop() {
            slot
        } else {
            self.slots.push(Entry {
                generation: 0,
                due: None,
            });
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 timers")
        };
        let content = &mut self.slots[slot as usize];
        // Invariant 5. It wraps only after four thousand million timers in one slot.
        let generation = content.generation.wrapping_add(1);
        *content = Entry {
            generation,
            due: Some(due),
        };
        self.deadlines.push(Deadline { when, slot });
        TimerId { slot, generation }
    }

    /// Whether the timer is still to come.
    pub(in crate::aio) fn is_set(&self, id: TimerId) -> bool {
        let slot = self.slots.get(id.slot as usize);
        slot.is_some_and(|slot| slot.generation == id.generation && slot.due.is_some())
    }

    /// Changes what happens at the deadline, if it is still to come. Returns what will not happen now.
    pub(in crate::aio) fn renew(&mut self, id: TimerId, due: D) -> D {
        match self.slots.get_mut(id.slot as usize) {
            Some(slot) if slot.generation == id.generation => match &mut slot.due {
                Some(before) => mem::replace(before, due),
                None => due,
            },
            _ => due,
        }
    }

    /// Cancels a timer. Returns what was to happen, if it was still to come.
    pub(in crate::aio) fn cancel(&mut self, id: TimerId) -> Option<D> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let due = slot.due.take()?;
        self.cancelled += 1;
        // More than half, so that dropping them, which looks at each deadline, costs each cancel the same.
        if self.cancelled > TOLERATED && self.cancelled * 2 > self.deadlines.len() {
            let keep = keeps(&self.slots, &mut self.free);
            self.deadlines.retain(keep);
            // A timer that is due and has not run yet has no deadline when it is cancelled.
            self.cancelled = 0;
        }
        Some(due)
    }

    /// The next deadline.
    pub(in crate::aio) fn next(&mut self) -> Option<u64> {
        self.first().map(|first| first.when)
    }

    fn first(&mut self) -> Option<Deadline> {
        let before = self.deadlines.len();
        let keep = keeps(&self.slots, &mut self.free);
        let first = self.deadlines.first(keep);
        let dropped = before - self.deadlines.len();
        self.cancelled = self.cancelled.saturating_sub(dropped);
        first
    }

    /// Whether a deadline may have come; if not, none has.
    pub(in crate::aio) fn may_be_due(&self, now: u64) -> bool {
        self.deadlines.may_be_due(now)
    }

    /// Whether there is nothing to wait for.
    pub(in crate::aio) fn is_empty(&self) -> bool {
        self.deadlines.len() == 0
    }

    /// Takes the next timer whose deadline has come. It has not run yet, and can be cancelled until it does.
    pub(in crate::aio) fn pop(&mut self, now: u64) -> Option<TimerId> {
        let Deadline { slot, .. } = self.first().filter(|first| first.when <= now)?;
        // The slot stays taken until the timer has run (invariants 1 and 4).
        self.deadlines.pop();
        let generation = self.slots[slot as usize].generation;
        Some(TimerId { slot, generation })
    }

    /// Runs out a timer that was popped. Returns what happens now, if nobody cancelled it.
    pub(in crate::aio) fn fire(&mut self, id: TimerId) -> Option<D> {
        let slot = &mut self.slots[id.slot as usize];
        // Nobody else can have had the slot (invariant 1).
        debug_assert_eq!(slot.generation, id.generation);
        let due = slot.due.take();
        self.free.push(id.slot);
        if due.is_none() {
            self.cancelled = self.cancelled.saturating_sub(1);
        }
        due
    }

    /// How many timers are to come.
    pub(in crate::aio) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| slot.due.is_some()).count()
    }

    pub(in crate::aio) fn clear(&mut self) -> Vec<D> {
        let slots = mem::take(self).slots;
        slots.into_iter().filter_map(|slot| slot.due).collect()
    }
}

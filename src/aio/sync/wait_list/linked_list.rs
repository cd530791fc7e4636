//! The slots of the waiters, and the line of those that have not been woken.

use crate::aio::core::event_loop::wakee::Wakee;
use crate::aio::core::foreign_waker::ForeignWaker;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::registration::Registration;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaiterState {
    /// In line.
    Waiting,
    /// Found cancelled when its turn came. It is still in line, and nobody behind it has a turn.
    Called,
    /// Found cancelled when its turn came, and taken out of the line: the next one had the turn.
    Passed,
    /// Taken out of the line.
    Woken,
}

impl WaiterState {
    fn is_in_line(self) -> bool {
        matches!(self, Self::Waiting | Self::Called)
    }
}

pub(super) struct Entry {
    pub(super) state: WaiterState,
    /// Its number, in the order of arrival.
    number: u64,
    previous: u32,
    /// The next slot in the line, or among the free ones.
    next: u32,
    /// With no task: the slot is free.
    pub(super) registration: Registration,
    /// The waker of the combinator that polls the wait, if the task itself does not.
    pub(super) waker: Option<ForeignWaker>,
}

impl Entry {
    /// Whether its task has a cancel on its way: the next step drops the wait, unless a scope beside it takes
    /// the cancel.
    pub(super) fn is_cancelled(&self) -> bool {
        self.registration.is_cancelled()
    }

    /// What to wake.
    fn wakee(&mut self) -> Option<Wakee> {
        match self.waker.take() {
            Some(waker) => Some(Wakee::Waker(waker)),
            None => self.registration.task().cloned().map(Wakee::Task),
        }
    }
}

pub(super) struct LinkedList {
    slots: Vec<Entry>,
    first: u32,
    last: u32,
    free: u32,
    /// How many waiters have come.
    came: u64,
}

impl LinkedList {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first: NONE,
            last: NONE,
            free: NONE,
            came: 0,
        }
    }

    pub(super) fn slot(&mut self, at: u32) -> &mut Entry {
        &mut self.slots[at as usize]
    }

    /// The first in line, and whether it has been cancelled.
    pub(super) fn first(&self) -> Option<(u32, bool)> {
        let slot = self.slots.get(self.first as usize)?;
        Some((self.first, slot.is_cancelled()))
    }

    /// Calls a cancelled waiter whose turn it is. Returns its combinator's waker, for the caller to wake.
    pub(super) fn call(&mut self, at: u32) -> Option<ForeignWaker> {
        let slot = self.slot(at);
        slot.state = WaiterState::Called;
        slot.waker.take()
    }

    /// Passes over a cancelled waiter. Returns its combinator's waker, for the caller to wake.
    pub(super) fn pass(&mut self, at: u32) -> Option<ForeignWaker> {
        self.unlink(at);
        let slot = self.slot(at);
        slot.state = WaiterState::Passed;
        slot.waker.take()
    }

    /// Adds a slot at the end of the line.
    pub(super) fn append(
        &mut self,
        registration: Registration,
        waker: Option<ForeignWaker>,
    ) -> u32 {
        self.came += 1;
        let slot = Entry {
            state: WaiterState::Waiting,
            number: self.came,
            previous: NONE,
            next: NONE,
            registration,
            waker,
        };
        let at = self.place(slot);
        self.link(at, self.last, NONE);
        at
    }

    /// Lets a waiter that was called or passed over wait on, in its place.
    pub(super) fn put_back(&mut self, at: u32) {
        let slot = self.slot(at);
        let (number, state) = (slot.number, slot.state);
        slot.state = WaiterState::Waiting;
        if state.is_in_line() {
            return;
        }
        // Those that came before it were passed over, too, and put back: a few.
        let (mut previous, mut next) = (NONE, self.first);
        while next != NONE && self.slot(next).number < number {
            (previous, next) = (next, self.slot(next).next);
        }
        self.link(at, previous, next);
    }

    /// Puts a slot into the line between two that are neighbours.
    fn link(&mut self, at: u32, previous: u32, next: u32) {
        let slot = self.slot(at);
        (slot.previous, slot.next) = (previous, next);
        match previous {
            NONE => self.first = at,
            previous => self.slot(previous).next = at,
        }
        match next {
            NONE => self.last = at,
            next => self.slot(next).previous = at,
        }
    }

    fn place(&mut self, slot: Entry) -> u32 {
        if self.free == NONE {
            let at = u32::try_from(self.slots.len()).expect("fewer waiters than u32::MAX");
            self.slots.push(slot);
            return at;
        }
        let at = self.free;
        let free = self.slot(at);
        let next = free.next;
        *free = slot;
        self.free = next;
        at
    }

    /// Takes a slot out of the line.
    pub(super) fn unlink(&mut self, at: u32) {
        let Entry { previous, next, .. } = *self.slot(at);
        match previous {
            NONE => self.first = next,
            previous => self.slot(previous).next = next,
        }
        match next {
            NONE => self.last = previous,
            next => self.slot(next).previous = previous,
        }
    }

    /// Gives a slot up, in line or not. Returns what was in it; its task no longer knows the wait.
    pub(super) fn remove(
        &mut self,
        at: u32,
    ) -> (WaiterState, Option<AnyTask>, Option<ForeignWaker>) {
        if self.slot(at).state.is_in_line() {
            self.unlink(at);
        }
        let free = std::mem::replace(&mut self.free, at);
        let slot = self.slot(at);
        slot.next = free;
        (slot.state, slot.registration.leave(), slot.waker.take())
    }

    /// Takes a slot out of the line. The caller wakes the waiter, once it has given the borrow back.
    pub(super) fn take(&mut self, at: u32) -> Option<Wakee> {
        self.unlink(at);
        let slot = self.slot(at);
        slot.state = WaiterState::Woken;
        slot.wakee()
    }

    /// The slots in line.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        let at = |at: u32| self.slots.get(at as usize);
        std::iter::successors(at(self.first), move |slot| at(slot.next))
    }
}

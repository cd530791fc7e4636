//! The children of a group, by index.
//!
//! 1. An index is used again when its child has left, so that a group that lives for long is as large as the most
//!    children that it had at a time.
//! 2. The children come out in the order in which they joined, whatever their indices.

/// Memory for this many is kept, however few there are.
const KEPT: usize = 64;

pub(super) struct Slots<T> {
    places: Vec<Slot<T>>,
    free: Vec<u32>,
    /// How many have joined.
    joined: u64,
}

struct Slot<T> {
    /// The how many-eth it was to join.
    number: u64,
    /// `None`: the index is free, or the child is out for its turn.
    child: Option<T>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            joined: 0,
        }
    }
}

impl<T> Slots<T> {
    /// The index for the child that joins next.
    ///
    /// # Panics
    ///
    /// If 2^32 children are alive.
    pub(super) fn next(&self) -> u32 {
        let fresh = || u32::try_from(self.places.len()).expect("fewer than 2^32 living tasks");
        self.free.last().copied().unwrap_or_else(fresh)
    }

    /// Adds a child at the [`next`](Self::next) index.
    pub(super) fn join(&mut self, child: T) {
        let slot = Slot {
            number: self.joined,
            child: Some(child),
        };
        self.joined += 1;
        match self.free.pop() {
            Some(index) => self.places[index as usize] = slot,
            None => self.places.push(slot),
        }
    }

    /// Takes a child out, if it is there.
    pub(super) fn take(&mut self, index: u32) -> Option<T> {
        self.places.get_mut(index as usize)?.child.take()
    }

    /// Puts a child back that was taken out. Returns it if the group has given up all of them meanwhile.
    #[must_use]
    pub(super) fn put_back(&mut self, index: u32, child: T) -> Option<T> {
        match self.places.get_mut(index as usize) {
            Some(slot) => slot.child.replace(child),
            None => Some(child),
        }
    }

    /// A child that was taken out does not come back.
    pub(super) fn leave(&mut self, index: u32) {
        if (index as usize) < self.places.len() {
            self.free.push(index);
        }
        if self.free.len() == self.places.len() {
            self.free.clear();
            self.places.clear();
            self.free.shrink_to(KEPT);
            self.places.shrink_to(KEPT);
        }
    }

    /// The children that are there, in the order in which they joined.
    pub(super) fn all(&self) -> Vec<&T> {
        let there = |slot: &'_ Slot<T>| slot.child.is_some();
        let mut slots: Vec<_> = self.places.iter().filter(|slot| there(slot)).collect();
        slots.sort_unstable_by_key(|slot| slot.number);
        slots
            .into_iter()
            .filter_map(|slot| slot.child.as_ref())
            .collect()
    }

    /// Gives all up, in the order in which they joined.
    pub(super) fn take_all(&mut self) -> Vec<T> {
        let mut slots = std::mem::take(&mut self.places);
        self.free = Vec::new();
        slots.sort_unstable_by_key(|slot| slot.number);
        slots.into_iter().filter_map(|slot| slot.child).collect()
    }
}

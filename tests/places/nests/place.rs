//! Where something is in a nest, and what may end it there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::super::ledger::at;

/// A part of a nest that may end what is inside it.
#[derive(Debug, Default)]
pub struct Place {
    parent: Option<Rc<Place>>,
    /// When its time limit is over, if it has one.
    deadline: Option<u64>,
    /// When it was cancelled, or closed.
    fires: RefCell<Vec<u64>>,
    /// It drops what is inside, without clean-up, as a select does with its losers.
    drops: Cell<bool>,
    /// It was closed as a generator, for which `catch_cancelled` is not made.
    closes: Cell<bool>,
}

impl Place {
    pub fn inside(self: &Rc<Self>) -> Rc<Self> {
        self.with_deadline(None)
    }

    pub fn limited(self: &Rc<Self>, deadline: u64) -> Rc<Self> {
        self.with_deadline(Some(deadline))
    }

    fn with_deadline(self: &Rc<Self>, deadline: Option<u64>) -> Rc<Self> {
        Rc::new(Self {
            parent: Some(self.clone()),
            deadline,
            ..Self::default()
        })
    }

    pub fn fire(&self) {
        self.fires.borrow_mut().push(at());
    }

    /// From now on it drops what is inside, or no longer does.
    pub fn drops(&self, drops: bool) {
        self.drops.set(drops);
    }

    pub fn close(&self) {
        self.closes.set(true);
        self.fire();
    }

    /// When it was fired first.
    pub fn fired(&self) -> Option<u64> {
        let fires = self.fires.borrow();
        fires
            .iter()
            .copied()
            .chain(self.deadline)
            .min()
            .filter(|first| *first <= at())
    }

    pub fn is_fired_around(&self) -> bool {
        self.around().skip(1).any(|place| place.fired().is_some())
    }

    fn around(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |place| place.parent.as_deref())
    }

    /// Whether what is here may be dropped without its clean-up.
    pub fn is_dropped(&self) -> bool {
        self.around().any(|place| place.drops.get())
    }

    pub fn is_closed(&self) -> bool {
        self.around().any(|place| place.closes.get())
    }

    /// How often something around has ended what is here: at that time, and since.
    pub fn ends(&self, since: u64) -> (usize, usize) {
        let fires = |place: &Self| place.fires.borrow().clone();
        let all = self
            .around()
            .flat_map(|place| fires(place).into_iter().chain(place.deadline));
        let past: Vec<_> = all.filter(|time| (since..=at()).contains(time)).collect();
        let then = past.iter().filter(|time| **time == since).count();
        (then, past.len() - then)
    }

    /// Whether something around has ended what is here, since then.
    pub fn is_ended_since(&self, since: u64) -> bool {
        self.is_dropped() || self.ends(since) != (0, 0)
    }
}

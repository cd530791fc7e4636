//! The async generators that a loop closes at its end.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use crate::aio::core::error::Error;

/// A generator that the loop closes at its end.
pub(in crate::aio) trait Leftover {
    /// Whether it is suspended at a yield.
    fn is_suspended(&self) -> bool;

    /// Closes it.
    fn close(self: Rc<Self>) -> Pin<Box<dyn Future<Output = Result<(), Error>>>>;
}

/// The generators that a loop knows of.
#[derive(Default)]
pub(in crate::aio) struct Leftovers {
    known: RefCell<Vec<Weak<dyn Leftover>>>,
    /// How many may be known before those that are gone are forgotten.
    full: Cell<usize>,
}

impl Leftovers {
    pub(in crate::aio) fn add(&self, generator: Weak<dyn Leftover>) {
        let mut known = self.known.borrow_mut();
        known.push(generator);
        if known.len() > self.full.get().max(64) {
            known.retain(|generator| generator.strong_count() > 0);
            self.full.set(2 * known.len());
        }
    }

    /// The suspended ones, in the order in which they were first iterated.
    pub(in crate::aio) fn suspended(&self) -> Vec<Rc<dyn Leftover>> {
        let known = self.known.take();
        let living = known.iter().filter_map(Weak::upgrade);
        living
            .filter(|generator| generator.is_suspended())
            .collect()
    }
}

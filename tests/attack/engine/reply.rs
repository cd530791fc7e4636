//! The replies that generators are sent, of every kind that the engine might treat differently.

use super::super::common::ledger::Role;
use super::mask::Mask;
use super::value::Val;
use super::world;

/// A reply that the ledger knows.
pub trait Reply: Send + Sized + 'static {
    /// Makes a new reply; `None` if the type has no values.
    fn make() -> Option<Self>;

    /// Records that the reply is about to be sent, in answer to value `at`.
    fn sent(&self, at: Option<u64>);

    /// Records that the reply came back unused.
    fn returned(&self) {}

    /// Records that the yield of value `yielded` has taken the reply.
    fn taken(self, yielded: u64);
}

impl Reply for Val {
    fn make() -> Option<Self> {
        Some(Self::new(Role::Reply))
    }

    fn sent(&self, at: Option<u64>) {
        world::with(|state| state.ledger.sent(self.number(), at));
    }

    fn taken(self, yielded: u64) {
        world::with(|state| state.ledger.taken(self.number(), yielded));
        self.check();
    }
}

/// A number, without a destructor.
#[derive(Debug)]
pub struct Num(u64);

impl Reply for Num {
    fn make() -> Option<Self> {
        let number = world::with(|state| {
            let number = state.ledger.born(Role::Reply);
            state.ledger.forgotten(number);
            number
        });
        number.map(Self)
    }

    fn sent(&self, at: Option<u64>) {
        world::with(|state| state.ledger.sent(self.0, at));
    }

    fn taken(self, yielded: u64) {
        world::with(|state| state.ledger.taken(self.0, yielded));
    }
}

fn pay() {
    world::with(|state| state.ledger.credit += 1);
}

fn pay_back() {
    world::with(|state| state.ledger.credit -= 1);
}

impl Reply for () {
    fn make() -> Option<Self> {
        Some(())
    }

    fn sent(&self, _: Option<u64>) {
        pay();
    }

    fn returned(&self) {
        pay_back();
    }

    fn taken(self, yielded: u64) {
        world::with(|state| {
            if state.mask.has(Mask::UNITS) {
                state.ledger.taken_uncounted(yielded);
            }
        });
    }
}

/// A zero-sized reply without a destructor, which can only be made here.
#[derive(Debug)]
pub struct Token(());

impl Reply for Token {
    fn make() -> Option<Self> {
        Some(Self(()))
    }

    fn sent(&self, _: Option<u64>) {
        pay();
    }

    fn returned(&self) {
        pay_back();
    }

    fn taken(self, yielded: u64) {
        world::with(|state| state.ledger.taken_uncounted(yielded));
    }
}

/// A zero-sized reply with a destructor.
#[derive(Debug)]
pub struct Counted(());

impl Reply for Counted {
    fn make() -> Option<Self> {
        world::with(|state| state.ledger.counted += 1);
        Some(Self(()))
    }

    fn sent(&self, _: Option<u64>) {
        pay();
    }

    fn returned(&self) {
        pay_back();
    }

    fn taken(self, yielded: u64) {
        world::with(|state| state.ledger.taken_uncounted(yielded));
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        world::with(|state| {
            state.ledger.counted -= 1;
            if state.ledger.counted < 0 {
                state
                    .ledger
                    .hole("more values of no size were dropped than made");
            }
        });
        super::act::in_destructor();
    }
}

/// A reply of a type that has no values.
#[derive(Debug)]
pub enum Void {}

impl Reply for Void {
    fn make() -> Option<Self> {
        None
    }

    fn sent(&self, _: Option<u64>) {
        match *self {}
    }

    fn taken(self, _: u64) {
        match self {}
    }
}

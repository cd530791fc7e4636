//! Values that know whether they are alive.

use std::error::Error;
use std::fmt;
use std::mem::ManuallyDrop;

use super::super::common::ledger::Role;
use super::act;
use super::world;

const SEAL: u64 = 0x5AFE_C0DE_5AFE_C0DE;

/// A value. It carries its number and a seal, so that a copy of it is detected before its box is freed twice.
pub struct Val {
    number: u64,
    seal: u64,
    boxed: ManuallyDrop<Box<u64>>,
}

impl Val {
    #[must_use]
    pub fn new(role: Role) -> Self {
        let number = world::with(|state| state.ledger.born(role)).unwrap_or(0);
        Self {
            number,
            seal: number ^ SEAL,
            boxed: ManuallyDrop::new(Box::new(number)),
        }
    }

    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Checks that the value is whole and alive.
    pub fn check(&self) {
        let whole = self.seal == self.number ^ SEAL;
        world::with(|state| {
            if !whole {
                state.ledger.hole("a value is broken");
            }
            state.ledger.used(self.number);
        });
    }

    /// Records that the value comes out of a generator.
    pub fn comes_out(&self, role: Role) {
        world::with(|state| state.ledger.comes_out(self.number, role));
    }
}

impl Drop for Val {
    fn drop(&mut self) {
        let whole = self.seal == self.number ^ SEAL;
        let dies = world::with(|state| {
            if !whole {
                state.ledger.hole("a broken value was dropped");
            }
            whole && state.ledger.dies(self.number)
        });
        if dies == Some(false) {
            return;
        }
        // SAFETY of the attack: the ledger says that this is the first drop.
        assert_eq!(**self.boxed, self.number, "a value was overwritten");
        #[allow(
            unsafe_code,
            reason = "a box must not be freed twice where a hole is looked for"
        )]
        // SAFETY: the value is dropped for the first time, as the ledger says.
        unsafe {
            ManuallyDrop::drop(&mut self.boxed);
        }
        act::in_destructor();
    }
}

impl fmt::Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Val({})", self.number)
    }
}

/// An exception whose destructor polls futures of scopes.
#[derive(Debug)]
pub struct Exc(Val);

impl Exc {
    #[must_use]
    pub fn new() -> Self {
        Self(Val::new(Role::Exception))
    }

    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.number()
    }
}

impl fmt::Display for Exc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exception of the attack")
    }
}

impl Error for Exc {}

impl Drop for Exc {
    fn drop(&mut self) {
        let first = world::with(|state| state.ledger.ends(self.number()));
        if first == Some(true) {
            act::in_exception();
        }
    }
}

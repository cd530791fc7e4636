//! Values that know whether they are alive, and that act.

use std::error::Error;
use std::fmt;
use std::mem::ManuallyDrop;
use std::thread;

use super::act;
use super::common::ledger::Role;
use super::world::{self, chance};

const SEAL: u64 = 0x5AFE_C0DE_5AFE_C0DE;

pub struct Val {
    number: u64,
    seal: u64,
    boxed: ManuallyDrop<Box<u64>>,
}

impl Val {
    pub fn new() -> Self {
        let number = world::with(|state| state.ledger.born(Role::Local)).unwrap_or(0);
        Self {
            number,
            seal: number ^ SEAL,
            boxed: ManuallyDrop::new(Box::new(number)),
        }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn check(&self) {
        let whole = self.seal == self.number ^ SEAL;
        world::with(|state| {
            if !whole {
                state.ledger.hole("a value is broken");
            }
            state.ledger.used(self.number);
        });
    }
}

impl Clone for Val {
    fn clone(&self) -> Self {
        self.check();
        assert!(
            !world::mode().panics || thread::panicking() || !chance(50),
            "a clone of the attack"
        );
        if chance(12) {
            act::act();
        }
        self.check();
        Self::new()
    }
}

impl Drop for Val {
    fn drop(&mut self) {
        let whole = self.seal == self.number ^ SEAL;
        let dies = world::with(|state| whole && state.ledger.dies(self.number));
        if dies == Some(false) {
            world::with(|state| state.ledger.hole("a broken value was dropped"));
            return;
        }
        #[allow(
            unsafe_code,
            reason = "a box must not be freed twice where a hole is looked for"
        )]
        // SAFETY: the value is dropped for the first time, as the ledger says.
        unsafe {
            ManuallyDrop::drop(&mut self.boxed);
        }
        if chance(12) {
            act::act();
        }
        assert!(
            !world::mode().panics || thread::panicking() || !chance(150),
            "a destructor of the attack"
        );
    }
}

impl fmt::Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Val({})", self.number)
    }
}

/// An error that is raised once, at a known place.
#[derive(Debug)]
pub struct Raised(pub Val);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("raised by the attack")
    }
}

impl Error for Raised {}

/// Acts when dropped.
pub struct ActOnDrop;

impl Drop for ActOnDrop {
    fn drop(&mut self) {
        act::act();
    }
}

//! A generator that is not a frame, in a box of frames.
//!
//! It is no engine: what it does with what it is sent, and what it gives back, is up to safe code that this crate
//! does not know. So it refuses each step, which leaves the input with the caller, and the caller then resumes it by
//! the protocol. In this way a box of a frame pays nothing for it.

use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::Waker;
#[cfg(feature = "std")]
use std::sync::{Mutex, PoisonError};

use pin_project::pin_project;

use super::engine::{Engine, Phase};
use super::exception::Exception;
use super::native_stack::is_too_deep;
use super::resumed::Raw;
use super::status::{Op, UnderWay};

/// What a generator that is not a frame tells without being resumed.
pub(crate) trait Outside {
    type Yield;
    type Resume;
    type Return;

    fn phase(&self) -> Phase;

    /// Whether dropping its box closes it.
    fn is_to_close(&self) -> bool;

    fn way(&self) -> UnderWay;

    fn mark_sending(self: Pin<&mut Self>);

    fn size_hint(&self) -> (usize, Option<usize>);

    fn keep(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>);

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>>;
}

/// See the top of the file.
#[pin_project]
pub(crate) struct Outsider<G> {
    /// Held by whoever looks at the generator through a shared reference: see [`Engine`].
    #[cfg(feature = "std")]
    looking: Mutex<()>,
    #[pin]
    generator: G,
}

impl<G: Outside> Outsider<G> {
    pub(crate) fn new(generator: G) -> Self {
        Self {
            #[cfg(feature = "std")]
            looking: Mutex::new(()),
            generator,
        }
    }

    pub(crate) fn generator(self: Pin<&mut Self>) -> Pin<&mut G> {
        self.project().generator
    }

    /// Looks at the generator, one thread at a time.
    fn look<T>(&self, look: impl FnOnce(&G) -> T) -> T {
        #[cfg(feature = "std")]
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        look(&self.generator)
    }
}

impl<G: Outside> Engine for Outsider<G> {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn phase(&self) -> Phase {
        // A generator in a box asks the one inside, which may be in a box, and so on. Where that is too deep it is not
        // resumed either, and looks like one that may be.
        if is_too_deep() {
            return Phase::Suspended;
        }
        self.look(G::phase)
    }

    fn is_guarded(&self) -> bool {
        !is_too_deep() && self.look(G::is_to_close)
    }

    fn way(&self) -> UnderWay {
        if is_too_deep() {
            return UnderWay::Other;
        }
        self.look(G::way)
    }

    fn mark_sending(self: Pin<&mut Self>) {
        self.generator().mark_sending();
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if is_too_deep() {
            return (0, None);
        }
        self.look(G::size_hint)
    }

    unsafe fn step(
        self: Pin<&mut Self>,
        _op: Op,
        _input: MaybeUninit<G::Resume>,
        _caller: *const Waker,
    ) -> Raw<G::Yield, G::Return> {
        Raw::Refused
    }

    unsafe fn step_into(
        self: Pin<&mut Self>,
        _op: Op,
        _input: MaybeUninit<G::Resume>,
        _caller: *const Waker,
        _place: &mut MaybeUninit<G::Yield>,
    ) -> Raw<(), G::Return> {
        Raw::Refused
    }

    fn deliver(self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception> {
        Err(exception)
    }

    fn raised(self: Pin<&mut Self>) -> Option<Exception> {
        None
    }

    fn undelivered(self: Pin<&mut Self>) -> Option<Exception> {
        None
    }

    fn end(self: Pin<&mut Self>) {}

    fn keep(self: Pin<&mut Self>, outcome: Result<G::Return, Exception>) {
        self.generator().keep(outcome);
    }

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<G::Return, Exception>> {
        self.generator().take_kept()
    }
}

//! A generator that is not a frame, in a box of frames.
//!
//! It is resumed by the protocol. What it does with what it is sent, and what it gives back, is up to safe code that this
//! crate does not know: an error may hold another value than the one that was sent. So what comes back with an error is
//! kept, with the phase that the error tells of, until the caller asks for it ([`Engine::unused`],
//! [`Engine::refusal`]). What is yielded goes where that of a frame goes, so that a box of a frame pays nothing for it.

use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Waker};
#[cfg(feature = "std")]
use std::sync::{Mutex, PoisonError};

use pin_project::pin_project;

use super::engine::{Engine, Phase};
use super::exception::Exception;
use super::native_stack::is_too_deep;
use super::resumed::Raw;
use super::status::{Op, UnderWay};

/// What is done to it.
pub(crate) enum Entry<S> {
    Start,
    /// Starts it, or sends.
    Next(S),
    Send(S),
    Continue,
}

/// How that ended.
pub(crate) enum Left<Y, R, S> {
    Yielded(Y),
    Complete(R),
    Raised(Exception),
    /// Holds what was sent, if it was not taken.
    Pending(Option<S>),
    /// The phase that does not admit it. Holds what was sent.
    Refused(Phase, Option<S>),
}

/// A generator that is not a frame.
pub(crate) trait Outside {
    type Yield;
    type Resume;
    type Return;

    fn resume(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        entry: Entry<Self::Resume>,
    ) -> Left<Self::Yield, Self::Return, Self::Resume>;

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
pub(crate) struct Outsider<G: Outside> {
    /// Held by whoever looks at the generator through a shared reference: see [`Engine`].
    #[cfg(feature = "std")]
    looking: Mutex<()>,
    #[pin]
    generator: G,
    left: Leftover<G::Resume>,
}

/// What the last step left: see the top of the file.
struct Leftover<S> {
    unused: Option<S>,
    refusal: Option<Phase>,
    raised: Option<Exception>,
}

// SAFETY: a value is in `unused` only within a resume, which asks for it before it returns.
unsafe impl<S> Send for Leftover<S> {}

impl<G: Outside> Outsider<G> {
    pub(crate) fn new(generator: G) -> Self {
        Self {
            #[cfg(feature = "std")]
            looking: Mutex::new(()),
            generator,
            left: Leftover {
                unused: None,
                refusal: None,
                raised: None,
            },
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
        // Boxes in there say of themselves what they can. Closing takes place where there is room.
        self.look(G::is_to_close)
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

    fn refusal(&self) -> Phase {
        self.left.refusal.unwrap_or_else(|| self.phase())
    }

    unsafe fn unused(self: Pin<&mut Self>, _input: MaybeUninit<G::Resume>) -> G::Resume {
        match self.project().left.unused.take() {
            Some(value) => value,
            None => unreachable!("an error to what was sent gives it back"),
        }
    }

    unsafe fn step(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<G::Resume>,
        caller: *const Waker,
    ) -> Raw<G::Yield, G::Return> {
        // SAFETY: by the contract.
        let input = op.takes_input().then(|| unsafe { input.assume_init() });
        let entry = match input {
            Some(value) if op == Op::NEXT => Entry::Next(value),
            Some(value) => Entry::Send(value),
            None if op == Op::START => Entry::Start,
            None => Entry::Continue,
        };
        // SAFETY: null, or valid, by the contract.
        let mut cx = unsafe { caller.as_ref() }.map(Context::from_waker);
        let this = self.project();
        this.left.refusal = None;
        match this.generator.resume(cx.as_mut(), entry) {
            Left::Yielded(value) => Raw::Yielded(value),
            Left::Complete(value) => Raw::Complete(value),
            Left::Raised(exception) => {
                this.left.raised = Some(exception);
                Raw::Raised
            }
            Left::Pending(None) => Raw::Pending,
            Left::Pending(unused) => {
                this.left.unused = unused;
                Raw::Unused
            }
            Left::Refused(phase, unused) => {
                this.left.unused = unused;
                this.left.refusal = Some(phase);
                Raw::Refused
            }
        }
    }

    unsafe fn step_into(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<G::Resume>,
        caller: *const Waker,
        place: &mut MaybeUninit<G::Yield>,
    ) -> Raw<(), G::Return> {
        // SAFETY: by the contract.
        unsafe { self.step(op, input, caller) }.put(place)
    }

    fn deliver(self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception> {
        Err(exception)
    }

    fn raised(self: Pin<&mut Self>) -> Option<Exception> {
        self.project().left.raised.take()
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

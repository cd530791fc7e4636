//! What a resume led to.
//!
//! There is one alphabet for that, from the engine to the caller of a generator: a [`Step`], or why there is none. It
//! is told by three types, as each of them knows what the one before cannot say at its price:
//!
//! | type | told by | what it says | why it is not the next one |
//! |---|---|---|---|
//! | [`RawStep`] | [`Engine`](super::engine::Engine), one step | the step, or why there is none | It comes back in registers: the exception stays in the frame, and what was sent with the caller. |
//! | [`Resumed`] | [`super::resume`], delegation | the same, with the exception and with what was sent | Why a resume is refused depends on the operation and on the state, which is asked only then. |
//! | `Result<Step, SendError>`, … | the protocol | the same, with the reason of a refusal | |
//!
//! A body that never yields has no step to tell: there it is the `Poll` of a `Result` ([`super::unyielding`]).

use core::mem::MaybeUninit;

use super::exception::Exception;
use super::step::Step;

/// What a step led to.
#[derive(Debug)]
pub(crate) enum RawStep<Y, R> {
    Yielded(Y),
    Complete(R),
    /// The body awaits something foreign.
    Pending,
    /// The same, but the input was not used: it belongs to the caller again.
    Unused,
    /// The body raised; the exception is left in the frame.
    Raised,
    /// The state does not admit the operation: the input belongs to the caller again.
    Refused,
}

impl<Y, R> RawStep<Y, R> {
    /// The same, with the value in `place`.
    #[inline(always)]
    pub(super) fn put(self, place: &mut MaybeUninit<Y>) -> RawStep<(), R> {
        match self {
            Self::Yielded(value) => {
                place.write(value);
                RawStep::Yielded(())
            }
            Self::Complete(value) => RawStep::Complete(value),
            Self::Pending => RawStep::Pending,
            Self::Unused => RawStep::Unused,
            Self::Raised => RawStep::Raised,
            Self::Refused => RawStep::Refused,
        }
    }

    /// The same, with the value that is in `place`.
    ///
    /// # Safety
    ///
    /// It is there if this says `Yielded`, and is not used again.
    #[inline(always)]
    pub(super) unsafe fn taken_from(raw: RawStep<(), R>, place: MaybeUninit<Y>) -> Self {
        match raw {
            // SAFETY: by the contract.
            RawStep::Yielded(()) => Self::Yielded(unsafe { place.assume_init() }),
            RawStep::Complete(value) => Self::Complete(value),
            RawStep::Pending => Self::Pending,
            RawStep::Unused => Self::Unused,
            RawStep::Raised => Self::Raised,
            RawStep::Refused => Self::Refused,
        }
    }
}

/// What a resume led to.
pub type Resumed<Y, R, S> = Result<Step<Y, R>, NoStep<S>>;

/// Why a resume led to no step.
#[derive(Debug)]
pub enum NoStep<S> {
    /// The body raised.
    Raised(Exception),
    /// The body awaits something foreign. Holds what was sent, if the body did not take it.
    Pending(Option<S>),
    /// The state does not admit the operation. Holds what was sent.
    Refused(Option<S>),
}

//! How a step of a frame ended, and how a resume did.

use core::mem::MaybeUninit;

use super::exception::Exception;

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Raw<Y, R> {
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

impl<Y, R> Raw<Y, R> {
    /// The same, with the value in `place`.
    #[inline(always)]
    pub(super) fn put(self, place: &mut MaybeUninit<Y>) -> Raw<(), R> {
        match self {
            Raw::Yielded(value) => {
                place.write(value);
                Raw::Yielded(())
            }
            Raw::Complete(value) => Raw::Complete(value),
            Raw::Pending => Raw::Pending,
            Raw::Unused => Raw::Unused,
            Raw::Raised => Raw::Raised,
            Raw::Refused => Raw::Refused,
        }
    }
}

/// How a resume ended.
#[derive(Debug)]
pub(crate) enum Resumed<Y, R, S> {
    Yielded(Y),
    Complete(R),
    Raised(Exception),
    /// The body awaits something foreign. Holds the input, if the body did not take it.
    Pending(Option<S>),
    /// The state does not admit the operation. Holds the input.
    Refused(Option<S>),
}

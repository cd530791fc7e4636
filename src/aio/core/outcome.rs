//! How a task or a promise ended.
//!
//! | outcome | set by | until |
//! |---|---|---|
//! | `Pending` | the making of a promise; for a task it is never stored | the end |
//! | `Ended` | the end | the value is taken: an error stays, so that each owner gets it |
//! | `Taken` | [`take`](Outcome::take), of a value | for ever |

use std::cell::RefCell;

use crate::aio::core::error::Error;

/// How a task ended, or that it has not.
pub(in crate::aio) enum Outcome<T> {
    Pending,
    Ended(Result<T, Error>),
    /// Its value went to an owner.
    Taken,
}

impl<T> Outcome<T> {
    /// The same as [`take`](Self::take), for an outcome that may be in use: cloning a value is somebody
    /// else's code.
    #[inline]
    pub(in crate::aio) fn take_from(outcome: &RefCell<Self>) -> Result<T, Error> {
        // If it is borrowed, we are inside the `clone` of this value, in the user's code.
        match outcome.try_borrow_mut() {
            Ok(mut outcome) => outcome.take(),
            Err(_) => Err(Error::InvalidState("the result is being cloned")),
        }
    }

    /// Takes the value; an error stays, for other owners.
    #[inline]
    pub(in crate::aio) fn take(&mut self) -> Result<T, Error> {
        match self {
            Self::Ended(Err(error)) => Err(error.clone()),
            Self::Ended(Ok(_)) => match std::mem::replace(self, Self::Taken) {
                Self::Ended(result) => result,
                _ => unreachable!("it has ended with a value"),
            },
            unavailable => unavailable.unavailable(),
        }
    }

    /// A clone of the value.
    pub(in crate::aio) fn get(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        match self {
            Self::Ended(result) => result.clone(),
            unavailable => unavailable.unavailable(),
        }
    }

    fn unavailable(&self) -> Result<T, Error> {
        Err(Error::InvalidState(match self {
            Self::Taken => {
                "the result has been taken by another owner: await a reference, as in \
                 `(&task).await`, where others need the value, too"
            }
            _ => "the result is not set",
        }))
    }

    /// How it ended, without the value.
    pub(in crate::aio) fn end(&self) -> Option<Result<(), Error>> {
        match self {
            Self::Pending => None,
            Self::Ended(Err(error)) => Some(Err(error.clone())),
            Self::Ended(Ok(_)) | Self::Taken => Some(Ok(())),
        }
    }

    pub(in crate::aio) fn is_cancelled(&self) -> bool {
        matches!(self.error(), Some(Error::Cancelled(_)))
    }

    /// The error it ended with.
    pub(in crate::aio) fn error(&self) -> Option<&Error> {
        match self {
            Self::Ended(Err(error)) => Some(error),
            _ => None,
        }
    }
}

//! What a loop over a generator does with an error, for which neither an iterator nor a stream has a place: it panics,
//! so that the loop does not end as if the generator had. Where a body delegates to the loop itself
//! ([`Co::yield_all`](crate::Co::yield_all)), the error is raised in that body instead, as Python's `yield from` does.
//! If there is something between (`g.iter().map(…)`), it panics: what is between must not see an end that is none.
//!
//! 1. While a delegation of this thread asks an iterator for an item, by `nth(0)`, `ASKED` has the address and the type of
//!    that iterator. A loop that finds its own there knows that a delegation asks, and clears `ASKED` before it resumes
//!    its generator. (The type tells the loop from an iterator that begins with one, such as a chain.)
//! 2. Such a loop puts its error into `LEFT` and gives `None`. The delegation then takes the error out at once: nothing
//!    runs in between.

use alloc::string::String;
use core::fmt::Write;

use super::errors::NextError;
use super::recursion::{RecursionError, too_deep};
use crate::frame::Exception;

/// The generator of a loop cannot be resumed, and the loop has no other place for that error.
#[cold]
#[inline(never)]
#[track_caller]
pub(super) fn refused(refusal: Refusal) -> ! {
    match refusal {
        Refusal::TooDeep => too_deep(),
        Refusal::Pending => panic!(
            "the generator of this loop awaits a future: loop over `into_stream()`, or go on with `acontinue()` or \
             `try_continue()`; `results()` gives this as an error"
        ),
        Refusal::Running => panic!(
            "the generator of this loop cannot be resumed: {}; `results()` gives this as an error",
            NextError::Running
        ),
    }
}

/// A stream has no place for `error`: it panics, and `keep` is given the exception that the body raised.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn fail(error: NextError, keep: impl FnOnce(Exception)) -> ! {
    match error {
        NextError::Raised(exception) => {
            let message = message(&exception);
            keep(exception);
            message.panic()
        }
        error => refused(error.into()),
    }
}

/// Why a generator was not resumed.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    Running,
    Pending,
    TooDeep,
}

impl From<NextError> for Refusal {
    #[inline(always)]
    fn from(error: NextError) -> Self {
        match error {
            NextError::Pending => Self::Pending,
            NextError::TooDeep => Self::TooDeep,
            _ => Self::Running,
        }
    }
}

/// What a loop panics with.
pub(super) struct Message(Option<String>);

impl Message {
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn panic(self) -> ! {
        match self.0 {
            Some(text) => panic!("{text}"),
            None => too_deep(),
        }
    }
}

/// What a loop panics with that has no place for `exception`.
#[cold]
#[inline(never)]
pub(super) fn message(exception: &Exception) -> Message {
    if exception.is::<RecursionError>() {
        return Message(None);
    }
    Message(Some(text("the generator of this loop raised", exception)))
}

/// A panic for which an exception is the reason. (To format that within `panic!` would abort if its `Display` panics.)
#[cfg(feature = "std")]
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn panic_with(what: &str, exception: &Exception) -> ! {
    panic!("{}", text(what, exception))
}

/// A message that ends with an exception and its sources.
fn text(what: &str, exception: &Exception) -> String {
    let mut message = String::from(what);
    message.push_str(": ");
    // A message that cannot be told, even one that panics, is no reason to lose the exception.
    let tell = || {
        let _untold = write!(message, "{exception:#}");
    };
    #[cfg(feature = "std")]
    super::unraisable::quietly(tell);
    #[cfg(not(feature = "std"))]
    {
        let mut tell = tell;
        tell();
    }
    message
}

pub(super) use hand_up::{ask, is_asked, leave, take};

#[cfg(not(feature = "std"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "with `std` it may give the other variant"
)]
mod hand_up {
    use super::Exception;

    /// Asks for the next item. Without thread-locals a loop cannot learn that a delegation asks.
    #[inline(always)]
    pub(in crate::generator) fn ask<I: Iterator>(items: &mut I) -> Option<I::Item> {
        items.next()
    }

    #[inline(always)]
    pub(in crate::generator) fn is_asked<I>(_loop: *const I) -> bool {
        false
    }

    pub(in crate::generator) fn leave(exception: Exception) -> Option<Exception> {
        Some(exception)
    }

    #[inline(always)]
    pub(in crate::generator) fn take() -> Option<Exception> {
        None
    }
}

#[cfg(feature = "std")]
mod hand_up {
    use std::any::TypeId;
    use std::cell::Cell;

    use super::Exception;
    use crate::frame::type_id;

    thread_local! {
        static ASKED: Cell<Option<(usize, TypeId)>> = const { Cell::new(None) };
        static LEFT: Cell<Option<Exception>> = const { Cell::new(None) };
    }

    /// Asks for the next item.
    #[inline(always)]
    #[allow(
        clippy::iter_nth_zero,
        reason = "this is how a loop is told that a delegation asks"
    )]
    pub(in crate::generator) fn ask<I: Iterator>(items: &mut I) -> Option<I::Item> {
        ASKED.set(Some(((&raw const *items).addr(), type_id::<I>())));
        let _asking = Asking;
        items.nth(0)
    }

    struct Asking;

    impl Drop for Asking {
        #[inline(always)]
        fn drop(&mut self) {
            ASKED.set(None);
        }
    }

    /// Whether a delegation asks the loop at this address.
    #[inline(always)]
    pub(in crate::generator) fn is_asked<I>(looping: *const I) -> bool {
        let is_asked = ASKED.get() == Some((looping.addr(), type_id::<I>()));
        if is_asked {
            ASKED.set(None);
        }
        is_asked
    }

    /// Leaves an error for the delegation that asks, or gives it back: where the thread ends there is no place.
    #[cold]
    #[inline(never)]
    pub(in crate::generator) fn leave(exception: Exception) -> Option<Exception> {
        let mut exception = Some(exception);
        // (There is nothing in it.)
        let _gone = LEFT.try_with(|left| left.set(exception.take()));
        exception
    }

    /// The error that was left.
    #[cold]
    #[inline(never)]
    pub(in crate::generator) fn take() -> Option<Exception> {
        LEFT.try_with(Cell::take).unwrap_or_default()
    }
}

//! What a loop over a generator does with an error, for which neither an iterator nor a stream has a place: it panics,
//! so that the loop does not end as if the generator had. Where the loop is part of what a body delegates to
//! ([`Co::yield_all`](crate::Co::yield_all)), the error is raised in that body instead, as Python's `for` and
//! `yield from` do.
//!
//! 1. `PLACE` is the memory of the innermost iterator (or stream) that a delegation of this thread is asking for an
//!    item. The delegation sets it before, and restores what was there after.
//! 2. A loop that lies in that memory leaves its error in `LEFT`, and marks the size in `PLACE`, by which the delegation
//!    notices. Only the first error is left: Python would not come to the second, which is reported.
//! 3. An error in `LEFT` belongs to the delegation whose iterator begins at that address, the last one first: it takes
//!    the error out as soon as the iterator has returned, or unwinds.

use alloc::string::String;
use core::fmt::Write;

use super::errors::NextError;
use super::recursion::{RecursionError, too_deep};
use crate::frame::Exception;

/// A loop at this address has no place for `error`. Either a delegation takes the error, or this panics, and `keep`
/// is given the exception that the body raised.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn fail<L>(looping: *const L, error: NextError, keep: impl FnOnce(Exception)) {
    let Some(error) = hand_up::leave(looping.addr(), error) else {
        return;
    };
    match error {
        NextError::TooDeep => too_deep(),
        NextError::Raised(exception) if exception.is::<RecursionError>() => {
            keep(exception);
            too_deep()
        }
        NextError::Raised(exception) => {
            let mut message = String::from("the generator of this loop raised: ");
            // A message that cannot be told is no reason to lose the exception.
            let _untold = write!(message, "{exception:#}");
            keep(exception);
            panic!("{message}")
        }
        NextError::Pending => panic!(
            "the generator of this loop awaits a future: loop over `into_stream()`, or go on with `acontinue()` or \
             `try_continue()`; `results()` gives this as an error"
        ),
        NextError::Running | NextError::Finished | NextError::NotAwaiting => panic!(
            "the generator of this loop cannot be resumed: {error}; `results()` gives this as an error"
        ),
    }
}

pub(super) use hand_up::{delegated, take};

#[cfg(not(feature = "std"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "with `std` they may give the other variant"
)]
mod hand_up {
    use super::{Exception, NextError};

    /// Asks for the next item. There is no memory of this thread through which a loop could hand up its error.
    #[inline(always)]
    pub(in crate::generator) fn delegated<I, T>(
        _items: *const I,
        next: impl FnOnce() -> T,
    ) -> (T, bool) {
        (next(), false)
    }

    pub(in crate::generator) fn take(_start: usize) -> Option<Exception> {
        None
    }

    pub(super) fn leave(_address: usize, error: NextError) -> Option<NextError> {
        Some(error)
    }
}

#[cfg(feature = "std")]
mod hand_up {
    use core::mem;
    use std::cell::{Cell, RefCell};
    use std::vec::Vec;

    use super::{Exception, NextError};
    use crate::generator::unraisable;

    /// What is told of an error that another one, or a panic, is in the place of.
    const IGNORED: &str = "an iterator that is delegated to";

    thread_local! {
        /// Where it begins, and its size: in one word, which each item of a delegation pays for.
        static PLACE: Cell<Place> = const { Cell::new(Place(0)) };
        static LEFT: RefCell<Vec<(u64, Exception)>> = const { RefCell::new(Vec::new()) };
    }

    /// From below: 48 bits of an address, 15 bits of a size, which is at most [`Place::MOST`], and a mark.
    #[derive(Clone, Copy, PartialEq, Eq)]
    struct Place(u64);

    impl Place {
        /// An error was left.
        const MARK: u64 = 1 << 63;
        /// A loop further inside than this panics.
        const MOST: usize = 0x7fff;
        const ADDRESS: u64 = (1 << 48) - 1;

        #[inline(always)]
        fn of<I>(start: usize) -> Self {
            let size = const {
                let size = size_of::<I>();
                if size > Self::MOST { Self::MOST } else { size }
            };
            Self(start as u64 & Self::ADDRESS | (size as u64) << 48)
        }

        fn has(self, address: usize) -> bool {
            let size = (self.0 & !Self::MARK) >> 48;
            let inside = (address as u64).wrapping_sub(self.0) & Self::ADDRESS;
            inside < size
        }

        /// The part of the address that is here.
        fn start(self) -> u64 {
            self.0 & Self::ADDRESS
        }

        fn is_marked(self) -> bool {
            self.0 & Self::MARK != 0
        }
    }

    /// Asks `items` for the next item. Also says whether a loop in it has left an error, which [`take`] takes.
    #[inline(always)]
    pub(in crate::generator) fn delegated<I, T>(
        items: *const I,
        next: impl FnOnce() -> T,
    ) -> (T, bool) {
        // No loop has an error that lies in nothing.
        if const { size_of::<I>() == 0 } {
            return (next(), false);
        }
        let place = Place::of::<I>(items.addr());
        let asking = Asking {
            start: items.addr(),
            outer: PLACE.replace(place),
        };
        let item = next();
        let is_left = PLACE.get() != place;
        PLACE.set(asking.outer);
        mem::forget(asking);
        (item, is_left)
    }

    /// An iterator that is being asked. Dropped only if it panics.
    struct Asking {
        start: usize,
        outer: Place,
    }

    impl Drop for Asking {
        #[cold]
        fn drop(&mut self) {
            let is_left = PLACE.get().is_marked();
            PLACE.set(self.outer);
            if is_left {
                if let Some(exception) = take(self.start) {
                    unraisable::ignored(IGNORED, exception);
                }
            }
        }
    }

    /// The error that a loop has left in an iterator that begins there.
    #[cold]
    #[inline(never)]
    pub(in crate::generator) fn take(start: usize) -> Option<Exception> {
        LEFT.with_borrow_mut(|left| {
            let start = start as u64 & Place::ADDRESS;
            let at = left.iter().rposition(|(of, _)| *of == start)?;
            Some(left.remove(at).1)
        })
    }

    /// Leaves an error for the delegation that asks for what is at this address, or gives it back.
    pub(super) fn leave(address: usize, error: NextError) -> Option<NextError> {
        let place = PLACE.get();
        // The list is gone where the thread ends.
        if !place.has(address) || LEFT.try_with(|_| ()).is_err() {
            return Some(error);
        }
        let exception = error.into_exception();
        if place.is_marked() {
            unraisable::ignored(IGNORED, exception);
        } else {
            LEFT.with_borrow_mut(|left| left.push((place.start(), exception)));
            PLACE.set(Place(place.0 | Place::MARK));
        }
        None
    }
}

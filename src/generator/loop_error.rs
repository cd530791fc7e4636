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

pub(super) use hand_up::delegated;

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
    ) -> Result<T, Exception> {
        Ok(next())
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
        /// Where it begins, and its size.
        static PLACE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
        static LEFT: RefCell<Vec<(usize, Exception)>> = const { RefCell::new(Vec::new()) };
    }

    /// In the size: an error was left. No value is that large.
    const MARK: usize = 1 << (usize::BITS - 1);

    /// Asks `items` for the next item. The error of a loop in it comes out; an item that came with it is dropped.
    #[inline(always)]
    pub(in crate::generator) fn delegated<I, T>(
        items: *const I,
        next: impl FnOnce() -> T,
    ) -> Result<T, Exception> {
        if size_of::<I>() == 0 {
            return Ok(next());
        }
        let start = items.addr();
        let asking = Asking {
            start,
            outer: PLACE.replace((start, size_of::<I>())),
        };
        let item = next();
        let is_left = PLACE.get().1 != size_of::<I>();
        PLACE.set(asking.outer);
        mem::forget(asking);
        if is_left {
            if let Some(exception) = take(start) {
                drop(item);
                return Err(exception);
            }
        }
        Ok(item)
    }

    /// An iterator that is being asked. Dropped only if it panics.
    struct Asking {
        start: usize,
        outer: (usize, usize),
    }

    impl Drop for Asking {
        #[cold]
        fn drop(&mut self) {
            let is_left = PLACE.get().1 & MARK != 0;
            PLACE.set(self.outer);
            if is_left {
                if let Some(exception) = take(self.start) {
                    unraisable::ignored(IGNORED, exception);
                }
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn take(start: usize) -> Option<Exception> {
        LEFT.with_borrow_mut(|left| {
            let at = left.iter().rposition(|(of, _)| *of == start)?;
            Some(left.remove(at).1)
        })
    }

    /// Leaves an error for the delegation that asks for what is at this address, or gives it back.
    pub(super) fn leave(address: usize, error: NextError) -> Option<NextError> {
        let (start, size) = PLACE.get();
        let is_first = size & MARK == 0;
        // The list is gone where the thread ends.
        if !(start..start + (size & !MARK)).contains(&address) || LEFT.try_with(|_| ()).is_err() {
            return Some(error);
        }
        let exception = error.into_exception();
        if is_first {
            LEFT.with_borrow_mut(|left| left.push((start, exception)));
            PLACE.set((start, size | MARK));
        } else {
            unraisable::ignored(IGNORED, exception);
        }
        None
    }
}

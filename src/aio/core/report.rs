//! What went wrong where nobody looked, and other people's code that may do so. Python: what a loop's
//! exception handler is called with.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location};
use std::task::Waker;

use super::panicked::Panicked;
use super::trace;
use crate::generator::{Unraisable, quietly};

/// A task or a promise ended with an error, and was dropped before anybody looked at it: tells `tracing`, if
/// that feature is on and there is a subscriber, and the hook, if there is one ([`set_unraisable_hook`](crate::set_unraisable_hook)); if there is
/// neither, it writes to stderr, as asyncio's default handler does.
///
/// It is called from destructors, so it does not panic, whatever an error's `Display` or a subscriber
/// does.
pub(in crate::aio) fn never_retrieved(
    name: &str,
    created_at: &Location<'_>,
    error: &dyn fmt::Display,
) {
    quietly(|| {
        trace::event!(error, name, %created_at, %error, "the error was never retrieved");
        // In one expression: older compilers let such arguments live no longer.
        tell(&Unraisable::new(
            &format_args!("the error of {name}, created at {created_at}, was never retrieved"),
            error,
        ));
    });
}

/// Something ended with an error in the end of its loop, where nobody can look at it. Python: what `asyncio.run` tells
/// the loop's exception handler.
pub(in crate::aio) fn unhandled(name: &dyn fmt::Display, error: &dyn fmt::Display) {
    quietly(|| {
        trace::event!(error, %name, %error, "an error at the end of the loop");
        tell(&Unraisable::new(
            &format_args!("the error of {name} at the end of its loop"),
            error,
        ));
    });
}

/// A callback, or a destructor, panicked. It is told as the errors are that were never retrieved.
fn callback_panicked(panicked: &Panicked) {
    quietly(|| {
        let message = panicked.message();
        trace::event!(error, message, "a callback panicked");
        tell(&Unraisable::new(&"a callback panicked", &message));
    });
}

/// Where a subscriber of `tracing` was told, nothing is written. The feature alone tells nobody: some other crate may
/// have switched it on.
#[cfg(feature = "tracing")]
fn tell(unraisable: &Unraisable<'_>) {
    let mut heard = false;
    quietly(|| heard = tracing::enabled!(target: "cogen::aio", tracing::Level::ERROR));
    if heard {
        crate::generator::is_told(unraisable);
    } else {
        crate::generator::report(unraisable);
    }
}

#[cfg(not(feature = "tracing"))]
fn tell(unraisable: &Unraisable<'_>) {
    crate::generator::report(unraisable);
}

/// Runs somebody else's code: a panic in it is reported, and stops nothing.
pub(crate) fn guarded(run: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        panicked(payload);
    }
}

#[cold]
fn panicked(payload: Box<dyn Any + Send>) {
    let panicked = Panicked::new(payload);
    callback_panicked(&panicked);
    // A payload may have a destructor as well.
    quietly(|| drop(panicked));
}

/// Drops a value that may have somebody else's destructor.
pub(crate) fn discard<T>(value: T) {
    guarded(|| drop(value));
}

/// Drops each of them, whatever the destructors of the others do. (A list whose items are dropped
/// together aborts the process if two of them panic.)
pub(in crate::aio) fn discard_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(discard);
}

/// Calls a waker that somebody else made. If it panics, the others who wait are woken all the same.
#[cold]
pub(crate) fn wake(waker: Waker) {
    guarded(|| waker.wake());
}

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;

use super::error::{Error, Panicked};
use super::trace;

/// Something that went wrong where nobody looked. Python: what a loop's exception handler is called
/// with.
#[derive(Debug)]
pub(in crate::aio) enum Report {
    /// A callback, or a destructor, panicked.
    CallbackPanicked(Panicked),
    /// A task or a promise ended with an error, and was dropped before anybody looked at it.
    NeverRetrieved { name: String, error: Error },
}

/// Tells `tracing` of it, if that feature is on; otherwise writes to stderr, as asyncio's default handler
/// does.
///
/// It is called from destructors, so it does not panic, whatever an error's `Display` or a subscriber
/// does.
pub(in crate::aio) fn report(report: &Report) {
    unreported(|| tell(report));
}

fn tell(report: &Report) {
    match report {
        Report::CallbackPanicked(panicked) => {
            let message = panicked.message();
            trace::event!(error, message, "a callback panicked");
            say(format_args!("a callback panicked: {message}"));
        }
        Report::NeverRetrieved { name, error } => {
            trace::event!(error, name, %error, "the error was never retrieved");
            say(format_args!(
                "the error of {name} was never retrieved: {error}"
            ));
        }
    }
}

/// Runs somebody else's code: a panic in it is reported, and stops nothing.
pub(crate) fn guarded(run: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        panicked(payload);
    }
}

#[cold]
fn panicked(payload: Box<dyn Any + Send>) {
    let panicked = Report::CallbackPanicked(Panicked::new(payload));
    report(&panicked);
    // A payload may have a destructor as well.
    unreported(|| drop(panicked));
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

/// There is nobody left to tell of a panic in here.
pub(in crate::aio) fn unreported(run: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        // Its destructor may be what panicked; a plain message has none that can.
        if payload.is::<&str>() || payload.is::<String>() {
            drop(payload);
        } else {
            mem::forget(payload);
        }
    }
}

#[cfg(feature = "tracing")]
fn say(_message: std::fmt::Arguments<'_>) {}

#[cfg(not(feature = "tracing"))]
#[allow(clippy::print_stderr, reason = "nothing else can report the error")]
fn say(message: std::fmt::Arguments<'_>) {
    // Formatted before stderr is locked: it may be somebody else's code.
    let message = message.to_string();
    eprintln!("cogen: {message}");
}

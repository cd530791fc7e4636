use std::panic::{self, AssertUnwindSafe};

use super::error::{Error, Panicked};
use super::trace;

/// Something that went wrong where nobody looked. Python: what a loop's exception handler is called
/// with.
#[derive(Debug)]
pub(super) enum Report {
    /// A callback, or a destructor, panicked.
    CallbackPanicked(Panicked),
    /// A task or a promise ended with an error, and was dropped before anybody looked at it.
    NeverRetrieved { name: String, error: Error },
}

/// Tells `tracing` of it, with that feature; else stderr, as asyncio's default handler does.
pub(super) fn report(report: &Report) {
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

/// Runs what somebody else wrote: a panic is reported, and stops nothing.
pub(super) fn guarded(run: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        report(&Report::CallbackPanicked(Panicked::new(payload)));
    }
}

#[cfg(feature = "tracing")]
fn say(_message: std::fmt::Arguments<'_>) {}

#[cfg(not(feature = "tracing"))]
#[allow(clippy::print_stderr, reason = "there is nobody else to tell")]
fn say(message: std::fmt::Arguments<'_>) {
    eprintln!("cogen: {message}");
}

use super::error::{Error, Panicked};

/// Something that went wrong where nobody looked. Python: what a loop's exception handler is called
/// with.
#[derive(Debug)]
#[non_exhaustive]
pub(super) enum Report {
    /// A callback panicked.
    CallbackPanicked(Panicked),
    /// A task or a promise ended with an error, and was dropped before anybody looked at it.
    NeverRetrieved { name: String, error: Error },
}

/// Tells of it.
pub(super) fn report(report: &Report) {
    match report {
        Report::CallbackPanicked(panicked) => {
            eprintln!("cogen: a callback panicked: {}", panicked.message());
        }
        Report::NeverRetrieved { name, error } => {
            eprintln!("cogen: the error of {name} was never retrieved: {error}");
        }
    }
}

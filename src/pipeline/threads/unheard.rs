use crate::frame::Exception;

/// Tells of errors that nobody is left to learn of.
#[allow(clippy::print_stderr, reason = "nothing else can report the error")]
pub(super) fn tell(place: &str, errors: Vec<Exception>) {
    for error in errors {
        eprintln!("cogen: exception ignored in {place}: {error}");
    }
}

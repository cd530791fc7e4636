use crate::frame::Exception;
use crate::generator::{Unraisable, quietly, report};

/// Tells the hook ([`set_unraisable_hook`](crate::set_unraisable_hook)) of errors that nobody is left to learn of.
pub(super) fn tell(place: &str, errors: Vec<Exception>) {
    for error in errors {
        // In one expression: older compilers let such arguments live no longer.
        report(
            &Unraisable::new(&format_args!("exception ignored in {place}"), &error)
                .with_error(&*error),
        );
        // This is called in destructors, and an error may have one.
        quietly(|| drop(error));
    }
}

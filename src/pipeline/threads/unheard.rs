use crate::frame::Exception;
use crate::generator::{Unraisable, report};

/// Tells the hook ([`set_unraisable_hook`](crate::set_unraisable_hook)) of errors that nobody is left to learn of.
pub(super) fn tell(place: &str, errors: Vec<Exception>) {
    for error in errors {
        let place = format_args!("exception ignored in {place}");
        report(&Unraisable::new(&place, &error).with_error(&*error));
    }
}

//! Messages for people.

use std::io;

/// The system's words, without Rust's "(os error 2)".
pub(crate) fn reason(error: &io::Error) -> String {
    let message = error.to_string();
    let words = message.split(" (os error").next();
    words.unwrap_or_default().to_owned()
}

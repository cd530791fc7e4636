//! How an [`Error`] is shown: as anyhow shows its own, and the errors of a group below each other, as Python's traceback
//! of an `ExceptionGroup` does.

use std::error::Error as StdError;
use std::fmt::{self, Write};

use super::error::{Error, Group};
use crate::frame::write_error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Timeout => f.write_str("timed out"),
            Self::Group(group) => fmt::Display::fmt(group, f),
            Self::Panicked(panicked) => panicked.fmt(f),
            Self::Deadlock(deadlock) => fmt::Display::fmt(deadlock, f),
            Self::InvalidState(message) | Self::Value(message) | Self::Runtime(message) => {
                f.write_str(message)
            }
            Self::User(error) => write_error(&**error, f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.write_structure(f);
        }
        write_report(self, f, 0)
    }
}

impl Error {
    fn write_structure(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => f.debug_tuple("Cancelled").field(cancelled).finish(),
            Self::Interrupted => f.write_str("Interrupted"),
            Self::Timeout => f.write_str("Timeout"),
            Self::Group(group) => fmt::Debug::fmt(group, f),
            Self::Panicked(panicked) => f.debug_tuple("Panicked").field(panicked).finish(),
            Self::InvalidState(text) => f.debug_tuple("InvalidState").field(text).finish(),
            Self::Value(text) => f.debug_tuple("Value").field(text).finish(),
            Self::Runtime(text) => f.debug_tuple("Runtime").field(text).finish(),
            Self::Deadlock(deadlock) => f.debug_tuple("Deadlock").field(deadlock).finish(),
            Self::User(error) => f.debug_tuple("User").field(error).finish(),
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&headline(self))?;
        write_errors(self, f, 0)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&headline(self))?;
        if !f.alternate() {
            return Ok(());
        }
        // All on one line. Nested groups are counted, not listed.
        let mut before = ": ";
        for error in self.errors() {
            f.write_str(before)?;
            match error {
                Error::Group(nested) => f.write_str(&headline(nested))?,
                other => write!(f, "{other:#}")?,
            }
            before = "; ";
        }
        Ok(())
    }
}

fn headline(group: &Group) -> String {
    let count = group.errors().len();
    let plural = if count == 1 { "" } else { "s" };
    format!("unhandled errors in a task group ({count} sub-error{plural})")
}

/// Writes the error, and what it comes from, for a group that is `depth` groups deep.
fn write_report(error: &Error, f: &mut dyn Write, depth: usize) -> fmt::Result {
    let Error::User(user) = error else {
        if let Error::Group(group) = error {
            f.write_str(&headline(group))?;
            return write_errors(group, f, depth);
        }
        if let Error::Deadlock(deadlock) = error {
            return write!(f, "{deadlock:?}");
        }
        return write!(f, "{error}");
    };
    write!(f, "{user}")?;
    write_causes(user.source(), f)?;
    if let Some(context) = error.context() {
        write!(f, "\n\nWhile this was being handled:\n    {context:#}")?;
    }
    Ok(())
}

fn write_causes(source: Option<&(dyn StdError + 'static)>, f: &mut dyn Write) -> fmt::Result {
    let Some(first) = source else { return Ok(()) };
    f.write_str("\n\nCaused by:")?;
    if first.source().is_none() {
        return write!(f, "\n    {first}");
    }
    let (mut next, mut number) = (Some(first), 0);
    while let Some(source) = next {
        write!(f, "\n    {number}: {source}")?;
        next = source.source();
        number += 1;
    }
    Ok(())
}

/// Writes the errors of a group, numbered, each with its own lines below its number.
fn write_errors(group: &Group, f: &mut dyn Write, depth: usize) -> fmt::Result {
    const DEEP: usize = 32;
    if depth >= DEEP {
        return f.write_str(" …");
    }
    for (index, error) in group.errors().iter().enumerate() {
        write!(f, "\n{}: ", index + 1)?;
        let mut to = Indented {
            to: &mut *f,
            begun: false,
        };
        write_report(error, &mut to, depth + 1)?;
    }
    Ok(())
}

/// Indents each line but the first.
struct Indented<'f> {
    to: &'f mut dyn Write,
    /// A line has begun, in which there is nothing yet.
    begun: bool,
}

impl Write for Indented<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive('\n') {
            if self.begun && part != "\n" {
                self.to.write_str("    ")?;
            }
            self.to.write_str(part)?;
            self.begun = part.ends_with('\n');
        }
        Ok(())
    }
}

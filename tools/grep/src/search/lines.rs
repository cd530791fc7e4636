use std::fmt::Display;
use std::io;

use grep_searcher::{Sink, SinkError};

use super::parts::Part;

/// Takes the lines that are found, one window at a time.
pub(super) trait Lines: Sink<Error = Stop> {
    /// Passes to the next window, which begins right after this one. Only called if lines have no context.
    fn pass(&mut self, window: &[u8]);

    /// Takes the results of a part of a large file; the next part begins right after it.
    fn part(&mut self, part: &Part) -> Result<(), Stop>;
}

/// Why a search ends before the end of its input.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is nothing more to find out.
    Done,
    /// The stage below wants no more reports.
    BrokenOff,
    /// The input cannot be read.
    Unreadable(io::Error),
}

impl Stop {
    /// A coroutine has broken the protocol, so that it cannot print lines.
    pub(super) fn other(error: impl Display) -> Self {
        Self::Unreadable(io::Error::other(error.to_string()))
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl SinkError for Stop {
    fn error_message<T: Display>(message: T) -> Self {
        Self::other(message)
    }

    fn error_io(error: io::Error) -> Self {
        error.into()
    }
}

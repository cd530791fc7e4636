use std::fmt::Display;
use std::io;

use grep_searcher::{Sink, SinkError};

use super::parts::Part;

/// Takes the lines that are found, window by window.
pub(super) trait Lines: Sink<Error = Stop> {
    /// The window is done: the next one begins after it. Only where lines have no context.
    fn pass(&mut self, window: &[u8]);

    /// A part of a large file is done: the next one begins after it.
    fn part(&mut self, part: &Part) -> Result<(), Stop>;
}

/// Why a search ends before the end of its input.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is no more to find out.
    Done,
    /// Nobody wants more.
    BrokenOff,
    /// The input cannot be read.
    Unreadable(io::Error),
}

impl Stop {
    /// A coroutine has broken the protocol: no line can be printed by it.
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

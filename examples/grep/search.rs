use std::error::Error;
use std::io::{self, Write};

use cogen::{Generator, Step};
use regex::bytes::Regex;

use crate::coroutine::{Report, grep};
use crate::input::Source;

/// Why a search ended early.
pub(crate) enum Failure {
    /// The source cannot be read: others may be.
    Input(io::Error),
    /// Nothing can be written any more.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

/// Sends the lines of a source into the coroutine: whether one matched.
pub(crate) fn search(
    pattern: &Regex,
    source: &Source,
    prefix: Option<&[u8]>,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    let mut lines = source.open()?;
    let name = &source.name();
    let mut grep = grep(pattern, lines.look_binary()?, Report { name, prefix, out });
    let mut step = grep.start().map_err(protocol)?;
    loop {
        let mut line = match step {
            Step::Yielded(line) => line,
            Step::Complete(matched) => return matched.map_err(Failure::Output),
        };
        if !lines.read(&mut line)? {
            let answer = grep.close().map_err(protocol)?;
            return answer.unwrap_or(Ok(false)).map_err(Failure::Output);
        }
        step = grep.send(line).map_err(protocol)?;
    }
}

/// A coroutine that does not keep to the protocol: no line can be printed by it.
fn protocol(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::Output(io::Error::other(error))
}

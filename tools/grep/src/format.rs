//! Coroutines that turn lines into output: [`text`] or [`json`].

mod json;
mod text;

use cogen::LocalBoxGen;
pub(crate) use json::put as put_message;
pub(crate) use text::separator;

use crate::config::Config;
use crate::options::Output;
use crate::search::Binary;
use crate::walk::Job;

/// A coroutine that is sent the lines of a job.
///
/// It yields after each line. Closing it says that there are no more lines.
pub(crate) type Formatter<'a> = LocalBoxGen<'a, Reply, Line, Tail>;

/// Makes the formatter of a job.
pub(crate) fn formatter<'a>(config: &'a Config, job: &'a Job, binary: &'a Binary) -> Formatter<'a> {
    match config.options.output {
        Output::Json => json::json(config, job, binary),
        _ => text::text(config, job),
    }
}

/// A line to print, without its end.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
    /// The place where the line starts, in bytes.
    pub(crate) offset: u64,
    pub(crate) number: Option<u64>,
}

impl Line {
    /// The place where the next line starts.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64 + 1
    }
}

/// Why a line is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Selected,
    /// It comes before a selected line, perhaps with other lines in between.
    Before,
    After,
}

/// What a formatter yields when it wants the next line.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The last line that it was sent, whose memory can be used again.
    pub(crate) spare: Line,
    /// Output to be passed on, if there is enough.
    pub(crate) chunk: Option<Vec<u8>>,
}

/// What a formatter returns.
#[derive(Debug)]
pub(crate) struct Tail {
    /// The rest of the output.
    pub(crate) chunk: Vec<u8>,
    /// Whether a line was left out because it is not text.
    pub(crate) binary: bool,
    /// Matching parts; counted for JSON only.
    pub(crate) matches: u64,
}

/// Takes the output, if it is long enough to be passed on.
fn take_chunk(out: &mut Vec<u8>, config: &Config) -> Option<Vec<u8>> {
    (out.len() >= config.chunk).then(|| std::mem::take(out))
}

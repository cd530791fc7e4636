//! What is asked for, whatever the command line looked like.

use std::ffi::OsString;

use crate::locale::Charset;

/// What is asked for.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "GNU's options, one by one")]
pub(crate) struct Options {
    pub(crate) patterns: Patterns,
    /// What to search, `-` being standard input. Never empty.
    pub(crate) operands: Vec<OsString>,
    pub(crate) charset: Charset,
    pub(crate) output: Output,
    pub(crate) invert: bool,
    /// Lines that are selected in a file, at most.
    pub(crate) max_count: Option<u64>,
    pub(crate) context: Context,
    pub(crate) prefix: Prefix,
    pub(crate) color: bool,
    pub(crate) no_ignore: bool,
    pub(crate) no_messages: bool,
    /// For the stage `search`.
    pub(crate) threads: usize,
}

impl Options {
    /// No line can be selected, so nothing need be read.
    pub(crate) fn select_nothing(&self) -> bool {
        self.max_count == Some(0) || self.patterns.list.is_empty() && !self.invert
    }
}

/// What selects a line.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "GNU's options, one by one")]
pub(crate) struct Patterns {
    /// A line is selected if one of them matches.
    pub(crate) list: Vec<Vec<u8>>,
    pub(crate) fixed: bool,
    pub(crate) ignore_case: bool,
    pub(crate) words: bool,
    pub(crate) lines: bool,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Lines,
    /// `-o`.
    Matches,
    /// `-c`.
    Count,
    /// `-l`.
    Names,
    /// `-q`.
    Nothing,
    /// `--json`.
    Json,
}

/// Lines around the selected ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// Whether groups of lines have `--` between them: with any of `-A`, `-B`, `-C`, 0 lines included.
    pub(crate) separated: bool,
}

impl Context {
    /// Whether there are such lines.
    pub(crate) fn any(self) -> bool {
        self.before > 0 || self.after > 0
    }
}

/// What stands before a line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Prefix {
    /// The file's name: always, never, or if there is more than one file.
    pub(crate) name: Option<bool>,
    pub(crate) number: bool,
}

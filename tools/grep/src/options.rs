//! The options, however the command line spelled them.

use std::ffi::OsString;

use crate::locale::Charset;

/// All options.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "GNU's options, one by one")]
pub(crate) struct Options {
    pub(crate) patterns: Patterns,
    /// What to search, where `-` is standard input. Never empty.
    pub(crate) operands: Vec<OsString>,
    pub(crate) charset: Charset,
    pub(crate) output: Output,
    pub(crate) invert: bool,
    /// The most lines to select in a file.
    pub(crate) max_count: Option<u64>,
    pub(crate) context: Context,
    pub(crate) prefix: Prefix,
    pub(crate) color: bool,
    pub(crate) no_ignore: bool,
    pub(crate) no_messages: bool,
    /// The number of threads for the stage `search`.
    pub(crate) threads: usize,
}

impl Options {
    /// Whether no line can be selected, so that nothing need be read.
    pub(crate) fn select_nothing(&self) -> bool {
        self.max_count == Some(0) || self.patterns.list.is_empty() && !self.invert
    }
}

/// How lines are selected.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "GNU's options, one by one")]
pub(crate) struct Patterns {
    /// A line is selected if one of these matches.
    pub(crate) list: Vec<Vec<u8>>,
    pub(crate) fixed: bool,
    pub(crate) ignore_case: bool,
    pub(crate) words: bool,
    pub(crate) lines: bool,
}

/// What to print.
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

/// How many lines to print around the selected ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// Whether groups of lines have `--` between them: with any of `-A`, `-B`, `-C`, 0 lines included.
    pub(crate) separated: bool,
}

impl Context {
    /// Whether there are any such lines.
    pub(crate) fn any(self) -> bool {
        self.before > 0 || self.after > 0
    }
}

/// What to print before each line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Prefix {
    /// The file's name: always, never, or only if there is more than one file.
    pub(crate) name: Option<bool>,
    pub(crate) number: bool,
}

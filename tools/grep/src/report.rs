//! What the stage `search` reports to the stage `print`.

/// Something about a job. Reports come in the order in which they must be shown.
#[derive(Debug)]
pub(crate) enum Report {
    /// Bytes for standard output: whole lines. A job without lines to print has no chunk.
    Chunk(Vec<u8>),
    /// A message for standard error that no option suppresses.
    Notice(String),
    /// An error message, for standard error.
    Problem(String),
    /// The job is done. A job without selected lines has no end, unless its statistics are printed.
    End(Tally),
}

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Selected lines.
    pub(crate) lines: u64,
    /// Matching parts of them; counted for JSON only.
    pub(crate) matches: u64,
}

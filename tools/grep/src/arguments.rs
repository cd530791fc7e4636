//! The command line, by `clap`, made into [`Options`].

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::{ArgAction, Parser, ValueEnum};

use crate::locale::Charset;
use crate::message::reason;
use crate::options::{Context, Options, Output, Patterns, Prefix};

const AFTER_HELP: &str = "\
With no PATH, standard input is read; with -r, the working directory. PATH `-` is standard input.
Directories are walked, in the order of names; hidden files and those that .gitignore names are skipped.

PATTERN is one of the Rust crate regex; newlines in it separate patterns.

--json prints one message a line, {\"type\": T, \"data\": {…}}, as ripgrep does. T is
  begin    path
  match    path, lines, line_number, absolute_offset, submatches: [{match, start, end}]
  context  the same, for a line around a match
  end      path, binary_offset (null for text), stats: {matched_lines, matches}
  summary  stats: {searches, searches_with_match, matched_lines, matches}
A text is {\"text\": STRING}, or {\"bytes\": BASE64} if it is not UTF-8. Offsets are in bytes, from 0.

Exit status: 0 if a line is selected, 1 if none is, 2 if there was an error (unless -q selected a line).";

/// Print the lines of PATHs that match PATTERN.
#[derive(Parser, Debug)]
#[command(
    name = "grep",
    version,
    disable_help_flag = true,
    args_override_self = true,
    infer_long_args = true,
    override_usage = "grep [OPTION]... PATTERN [PATH]...\n       grep [OPTION]... -e PATTERN [PATH]...",
    after_help = AFTER_HELP
)]
#[expect(clippy::struct_excessive_bools, reason = "one for each option")]
pub(crate) struct Arguments {
    /// The pattern, unless -e or -f gives it, and paths
    #[arg(value_name = "PATTERN, PATH")]
    operands: Vec<OsString>,

    /// Accepted: patterns are extended regular expressions anyway
    #[arg(short = 'E', long, conflicts_with = "fixed_strings")]
    extended_regexp: bool,
    /// PATTERN is a string
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    /// A pattern; may be given several times
    #[arg(short = 'e', long, value_name = "PATTERN", allow_hyphen_values = true)]
    regexp: Vec<OsString>,
    /// Take patterns from FILE, one a line
    #[arg(short, long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// Ignore case
    #[arg(short, long)]
    ignore_case: bool,
    /// Match only whole words
    #[arg(short, long)]
    word_regexp: bool,
    /// Match only whole lines
    #[arg(short = 'x', long)]
    line_regexp: bool,
    /// Select the lines that do not match
    #[arg(short = 'v', long)]
    invert_match: bool,

    /// Stop a file after NUM selected lines
    #[arg(short, long, value_name = "NUM", allow_hyphen_values = true)]
    max_count: Option<i64>,
    /// Print only how many lines of each file are selected
    #[arg(short, long, conflicts_with = "json")]
    count: bool,
    /// Print only the names of files with selected lines
    #[arg(short = 'l', long, conflicts_with = "json")]
    files_with_matches: bool,
    /// Print only the nonempty parts that match
    #[arg(short, long, conflicts_with = "json")]
    only_matching: bool,
    /// Print nothing, and end at the first selected line
    #[arg(short, long, visible_alias = "silent")]
    quiet: bool,
    /// Print JSON messages
    #[arg(long)]
    json: bool,
    /// Print line numbers
    #[arg(short = 'n', long)]
    line_number: bool,
    /// Print file names
    #[arg(short = 'H', long, overrides_with = "no_filename")]
    with_filename: bool,
    /// Print no file names
    #[arg(short = 'h', long, overrides_with = "with_filename")]
    no_filename: bool,
    /// Say nothing about files that cannot be read
    #[arg(short = 's', long)]
    no_messages: bool,
    /// Colour names, numbers and matches
    #[arg(
        long, visible_alias = "colour", value_name = "WHEN", num_args = 0..=1,
        require_equals = true, default_value = "never", default_missing_value = "auto"
    )]
    color: When,

    /// Print NUM lines after each selected one
    #[arg(short = 'A', long, value_name = "NUM")]
    after_context: Option<usize>,
    /// Print NUM lines before each selected one
    #[arg(short = 'B', long, value_name = "NUM")]
    before_context: Option<usize>,
    /// Print NUM lines before and after each selected one
    #[arg(short = 'C', long, value_name = "NUM")]
    context: Option<usize>,

    /// With no PATH, search the working directory
    #[arg(short, long, short_alias = 'R', alias = "dereference-recursive")]
    recursive: bool,
    /// Search hidden files, and those that .gitignore names, too
    #[arg(long)]
    no_ignore: bool,
    /// Search with NUM threads [default: one for each core]
    #[arg(short = 'j', long, value_name = "NUM")]
    threads: Option<NonZeroUsize>,

    /// Print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    #[value(alias = "yes", alias = "force")]
    Always,
    #[value(alias = "no", alias = "none")]
    Never,
    #[value(alias = "tty", alias = "if-tty")]
    Auto,
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

impl Arguments {
    /// The options that the arguments ask for, or a message for the user.
    pub(crate) fn into_options(mut self) -> Result<Options, String> {
        let list = self.take_patterns()?;
        Ok(Options {
            operands: self.take_operands(),
            charset: Charset::from_environment(),
            output: self.output(),
            invert: self.invert_match,
            max_count: self.max_count.and_then(|count| count.try_into().ok()),
            context: self.context(),
            prefix: self.prefix(),
            color: self.color.now(),
            no_ignore: self.no_ignore,
            no_messages: self.no_messages,
            threads: self.threads.map_or_else(cores, NonZeroUsize::get),
            patterns: Patterns {
                list,
                fixed: self.fixed_strings,
                ignore_case: self.ignore_case,
                words: self.word_regexp,
                lines: self.line_regexp,
            },
        })
    }

    /// Takes the patterns of `-e` and `-f`, or else the first operand.
    fn take_patterns(&mut self) -> Result<Vec<Vec<u8>>, String> {
        let mut list = Vec::new();
        for pattern in &self.regexp {
            add_patterns(&mut list, pattern.as_encoded_bytes());
        }
        for file in &self.file {
            let content = read_patterns(file)
                .map_err(|error| format!("grep: {}: {}", file.display(), reason(&error)))?;
            if !content.is_empty() {
                add_patterns(&mut list, content.strip_suffix(b"\n").unwrap_or(&content));
            }
        }
        if self.regexp.is_empty() && self.file.is_empty() {
            if self.operands.is_empty() {
                return Err(USAGE.to_owned());
            }
            add_patterns(&mut list, self.operands.remove(0).as_encoded_bytes());
        }
        Ok(list)
    }

    fn take_operands(&mut self) -> Vec<OsString> {
        let mut operands = std::mem::take(&mut self.operands);
        if operands.is_empty() {
            operands.push(if self.recursive { "" } else { "-" }.into());
        }
        operands
    }

    /// The kind of output; if the user asks for several, GNU grep's choice.
    fn output(&self) -> Output {
        if self.quiet {
            Output::Nothing
        } else if self.files_with_matches {
            Output::Names
        } else if self.count {
            Output::Count
        } else if self.json {
            Output::Json
        } else if self.only_matching {
            Output::Matches
        } else {
            Output::Lines
        }
    }

    fn context(&self) -> Context {
        let lines = |own: Option<usize>| own.or(self.context);
        let (before, after) = (lines(self.before_context), lines(self.after_context));
        Context {
            before: before.unwrap_or(0),
            after: after.unwrap_or(0),
            separated: before.or(after).is_some(),
        }
    }

    fn prefix(&self) -> Prefix {
        let name = match (self.with_filename, self.no_filename) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Prefix {
            name,
            number: self.line_number,
        }
    }
}

const USAGE: &str = "\
Usage: grep [OPTION]... PATTERN [PATH]...
Try 'grep --help' for more information.";

impl When {
    fn now(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let term = std::env::var_os("TERM");
                io::stdout().is_terminal() && term.is_some_and(|term| term != "dumb")
            }
        }
    }
}

/// Adds one pattern per line.
fn add_patterns(list: &mut Vec<Vec<u8>>, text: &[u8]) {
    list.extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
}

/// Reads a file of patterns; `-` is standard input.
fn read_patterns(file: &PathBuf) -> io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return fs::read(file);
    }
    let mut content = Vec::new();
    io::stdin().lock().read_to_end(&mut content)?;
    Ok(content)
}

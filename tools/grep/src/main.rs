//! `grep [OPTION]... PATTERN [PATH]...`: a full-grown version of the second program in section 2 of the tutorial.
//!
//! It prints the matching lines of files, as GNU grep 3.8 does with `-E` and `-r`, in three stages: [`walk`](walk())
//! finds what to search, [`search`](search()) turns each file into [`report`]s on all cores, and [`print`](print())
//! prints these in the order of the files. In `search`, the lines to print are sent into a coroutine,
//! [`format`](mod@format), as in the tutorial.
//!
//! # What differs from GNU grep
//!
//! - Patterns are those of the crate `regex`: there are no backreferences; `a+?` is `+` and not `(a+)?`; `[[a]&&b]` is
//!   a set. In UTF-8 locales, `\W`, `\b` and `-w` take a character for a letter if Unicode does.
//! - Directories are searched without `-r`, in the order of their names, without hidden files and those that
//!   `.gitignore` names.
//! - A pattern that is not UTF-8 is refused in a UTF-8 locale. All other locales are taken as C.
//! - A line that is not UTF-8 is left out, as in GNU grep; but with `-A`, `-B` and `-C`, GNU grep then also leaves out
//!   other lines around it, or prints others.
//! - With `-B`, the blocks that GNU grep takes as binary or text are shorter when lines are carried over.
//! - `-l`, `-m` and `-q` leave standard input where they stopped reading, not where they stopped searching.
//! - A file with holes is binary if a hole is read, not just because it has one.
//! - There is no `-a`, `-b`, `-G`, `-I`, `-L`, `-P`, `-T`, `-U`, `-z`, `-Z`, `-NUM`, and no `--include`.
//! - `GREP_COLORS` is not read; output to `/dev/null` is written.

mod arguments;
mod color;
mod config;
mod format;
mod heading;
mod identity;
mod locale;
mod message;
mod options;
mod pattern;
mod print;
mod progress;
mod report;
mod search;
mod walk;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use cogen::pipeline::{Pipeline, parallel, source};

use arguments::Arguments;
use config::Config;
use pattern::Pattern;
use print::print;
use search::search;
use walk::walk;

/// How many files are searched before the first of them is printed.
const AHEAD: usize = 256;

fn main() -> ExitCode {
    match configure() {
        Ok(config) if config.options.select_nothing() => ExitCode::from(1),
        Ok(config) => run(config),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// The configuration that the command line asks for, or a message for the user.
fn configure() -> Result<Config, String> {
    let options = Arguments::parse().into_options()?;
    let pattern = Pattern::new(&options.patterns, options.charset)?;
    Ok(Config::new(options, pattern, io::stdout().is_terminal()))
}

/// Walk → search, on all cores → print.
fn run(config: Config) -> ExitCode {
    let config = Arc::new(config);
    let search = parallel(config.options.threads, || search(&config));
    let exit = source(walk(&config.options))
        .pipe(search.ahead(AHEAD))
        .run(print(&config, output()));
    exit.unwrap_or_else(|error| {
        eprintln!("grep: {error}");
        ExitCode::from(2)
    })
}

/// Standard output: unbuffered on a terminal, so that a person sees each line at once, and otherwise written in blocks.
fn output() -> Box<dyn Write> {
    let stdout = io::stdout().lock();
    if stdout.is_terminal() {
        Box::new(stdout)
    } else {
        Box::new(BufWriter::with_capacity(64 * 1024, stdout))
    }
}

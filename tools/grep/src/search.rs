//! The second stage: turns one job after the other into [`Report`]s.
//!
//! `grep-searcher` looks at the lines of a file, one window at a time; the lines to print are sent into a coroutine,
//! which formats them. So there is a switch for each printed line and for each chunk of output, but none for lines that
//! do not match.

mod binary;
mod counter;
mod lines;
mod parts;
mod printed;
mod windows;

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use cogen::pipeline::{Stage, callback};
use grep_searcher::{BinaryDetection, SearcherBuilder};

use crate::config::Config;
use crate::message::reason;
use crate::options::Output;
use crate::report::{Report, Tally};
use crate::walk::{Input, Job, Unreadable};
pub(crate) use binary::Binary;
use counter::Counter;
use lines::{Lines, Stop};
use parts::LargeFile;
use printed::Printed;
use windows::{Buffer, WindowReader, Windows};

/// Makes the stage. It gives what it finds in each job; a job that cannot be searched is reported in its place.
pub(crate) fn search(
    config: &Arc<Config>,
) -> impl Stage<In = Result<Job, Unreadable>, Item = Report> + Send + use<> {
    let mut searcher = Searcher::new(Arc::clone(config));
    callback(move |job, emit: Emit<'_>| match job {
        Ok(job) => searcher.search(&job, emit),
        Err(Unreadable(words)) => emit(Report::Problem(format!("grep: {words}"))),
    })
}

/// Takes reports, and says whether to go on.
type Emit<'e> = &'e mut dyn FnMut(Report) -> ControlFlow<()>;

/// Searches jobs; there is one for each thread.
struct Searcher {
    config: Arc<Config>,
    lines: grep_searcher::Searcher,
    buffer: Buffer,
}

impl Searcher {
    fn new(config: Arc<Config>) -> Self {
        Self {
            lines: line_searcher(&config),
            config,
            buffer: Buffer::default(),
        }
    }

    /// Searches one job. The search stops if `emit` breaks.
    fn search(&mut self, job: &Job, emit: Emit<'_>) -> ControlFlow<()> {
        match &job.input {
            Input::Stdin => self.search_in(job, &mut io::stdin().lock(), false, emit),
            Input::File { path, regular } => match self.open(path) {
                Ok(mut file) => self.search_in(job, &mut file, *regular, emit),
                Err(reason) => {
                    emit(Report::Problem(problem(job, &reason)))?;
                    emit_end(&self.config, emit, 0, 0)
                }
            },
        }
    }

    /// Opens a file to read, or says why it cannot be read.
    fn open(&self, path: &std::path::Path) -> Result<File, String> {
        let file = File::open(path).map_err(|error| reason(&error))?;
        if self.config.is_output(&file) {
            return Err("input file is also the output".to_owned());
        }
        Ok(file)
    }

    fn search_in(
        &mut self,
        job: &Job,
        input: &mut dyn Read,
        regular: bool,
        emit: Emit<'_>,
    ) -> ControlFlow<()> {
        let config = Arc::clone(&self.config);
        let binary = Binary::default();
        match config.options.output {
            Output::Lines | Output::Matches | Output::Json => {
                let mut sink = Printed::new(&config, job, &binary, emit);
                let ended = self.run(job, input, regular, &binary, &mut sink);
                sink.finish(ended)
            }
            Output::Count | Output::Names | Output::Nothing => {
                let mut sink = Counter::new(&config);
                let ended = self.run(job, input, regular, &binary, &mut sink);
                sink.finish(&config, job, ended, emit)
            }
        }
    }

    /// Shows the lines of an input to a sink.
    fn run(
        &mut self,
        job: &Job,
        input: &mut dyn Read,
        regular: bool,
        binary: &Binary,
        sink: &mut impl Lines,
    ) -> Result<(), Stop> {
        let progress = &self.config.progress;
        let mut windows = Windows::new(input, regular, 0, &mut self.buffer, binary, progress);
        windows.advance()?;
        let divisible = job.alone && self.config.divisible() && !binary.is_binary();
        if windows.is_last() || !divisible {
            return show(&self.config, &mut self.lines, windows, sink);
        }
        let Some(file) = LargeFile::of(&job.input)? else {
            return show(&self.config, &mut self.lines, windows, sink);
        };
        let Some(start) = file.search(&self.config, sink)? else {
            return Ok(());
        };
        let mut rest = file.open_at(start)?;
        let mut windows = Windows::new(&mut rest, true, start, &mut self.buffer, binary, progress);
        windows.advance()?;
        show(&self.config, &mut self.lines, windows, sink)
    }
}

/// Shows the lines of all windows to a sink.
fn show(
    config: &Config,
    lines: &mut grep_searcher::Searcher,
    mut windows: Windows<'_>,
    sink: &mut impl Lines,
) -> Result<(), Stop> {
    let matcher = config.pattern.lines();
    if config.context().any() && !windows.is_last() {
        return lines.search_reader(matcher, WindowReader::new(windows), sink);
    }
    loop {
        lines.search_slice(matcher, windows.window(), &mut *sink)?;
        sink.pass(windows.window());
        if config.is_stopped() {
            return Err(Stop::BrokenOff);
        }
        if windows.is_last() {
            return Ok(());
        }
        windows.advance()?;
    }
}

fn line_searcher(config: &Config) -> grep_searcher::Searcher {
    SearcherBuilder::new()
        .binary_detection(BinaryDetection::none())
        .bom_sniffing(false)
        .line_number(config.numbered())
        .invert_match(config.options.invert)
        .before_context(config.context().before)
        .after_context(config.context().after)
        .build()
}

/// Emits the end of a job, if it matters: most files have nothing to report.
fn emit_end(config: &Config, emit: Emit<'_>, lines: u64, matches: u64) -> ControlFlow<()> {
    if lines == 0 && config.options.output != Output::Json {
        return ControlFlow::Continue(());
    }
    emit(Report::End(Tally { lines, matches }))
}

/// An error message about a job.
fn problem(job: &Job, reason: &str) -> String {
    let name = String::from_utf8_lossy(job.input.name());
    format!("grep: {name}: {reason}")
}

//! The last stage: prints reports on standard output and standard error, in order.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;

use cogen::pipeline::{Ends, Sink, sink};
use serde_json::json;

use crate::config::Config;
use crate::format::{put_message, separator};
use crate::message::reason;
use crate::options::Output;
use crate::report::{Report, Tally};

/// The sink: gives the program's exit code.
pub(crate) fn print(
    config: &Arc<Config>,
    out: impl Write,
) -> impl Sink<In = Report, Output = ExitCode> {
    let mut printer = Printer::new(Arc::clone(config), out);
    sink(|io: Ends<'_, Report>| async move {
        while let Some(report) = io.recv().await {
            if printer.print(report).is_break() {
                break;
            }
        }
        printer.finish()
    })
}

/// Prints the reports of jobs, one job after the other.
struct Printer<W> {
    config: Arc<Config>,
    out: W,
    /// Whether nothing of the current job has been printed yet.
    fresh: bool,
    searches: Searches,
    failed: bool,
    /// Whether the reader of the output is gone.
    closed: bool,
}

/// What all jobs found.
#[derive(Debug, Default)]
struct Searches {
    all: u64,
    with_match: u64,
    lines: u64,
    matches: u64,
}

impl<W: Write> Printer<W> {
    fn new(config: Arc<Config>, out: W) -> Self {
        Self {
            config,
            out,
            fresh: true,
            searches: Searches::default(),
            failed: false,
            closed: false,
        }
    }

    /// Prints a report. Breaks when more reports would be pointless.
    fn print(&mut self, report: Report) -> ControlFlow<()> {
        match report {
            Report::Chunk(bytes) => self.chunk(&bytes),
            Report::Notice(words) => self.say(&words),
            Report::Problem(words) => self.problem(&words),
            Report::End(tally) => self.end(tally),
        }
    }

    /// Prints what is left. Returns the program's exit code.
    fn finish(mut self) -> ExitCode {
        self.config.stop();
        self.config.progress.clear();
        if self.config.options.output == Output::Json {
            let _closed = self.summary();
        }
        let _closed = self.flush();
        let matched = self.searches.with_match > 0;
        let quiet = self.config.options.output == Output::Nothing;
        if self.failed && !(quiet && matched) {
            return ExitCode::from(2);
        }
        // A reader that closed the pipe has read some lines.
        ExitCode::from(u8::from(!matched && !self.closed))
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.config.progress.clear();
        let separated = self.config.separated() && self.searches.with_match > 0;
        if std::mem::take(&mut self.fresh) && separated {
            let mut line = Vec::new();
            separator(self.config.paint(), &mut line);
            self.write(&line)?;
        }
        self.write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let written = self.out.write_all(bytes);
        self.check(written)
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let flushed = if self.closed {
            Ok(())
        } else {
            self.out.flush()
        };
        self.check(flushed)
    }

    fn check(&mut self, written: io::Result<()>) -> ControlFlow<()> {
        let Err(error) = written else {
            return ControlFlow::Continue(());
        };
        self.closed = true;
        if error.kind() != io::ErrorKind::BrokenPipe {
            eprintln!("grep: write error: {}", reason(&error));
            self.failed = true;
        }
        ControlFlow::Break(())
    }

    fn problem(&mut self, words: &str) -> ControlFlow<()> {
        self.failed = true;
        if self.config.options.no_messages {
            return ControlFlow::Continue(());
        }
        self.say(words)
    }

    /// Prints a message, after writing all lines that were found before it.
    fn say(&mut self, words: &str) -> ControlFlow<()> {
        self.flush()?;
        self.config.progress.clear();
        eprintln!("{words}");
        ControlFlow::Continue(())
    }

    fn end(&mut self, tally: Tally) -> ControlFlow<()> {
        self.fresh = true;
        self.searches.add(tally);
        if tally.lines > 0 && self.config.options.output == Output::Nothing {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn summary(&mut self) -> ControlFlow<()> {
        let Searches {
            all,
            with_match,
            lines,
            matches,
        } = self.searches;
        let stats = json!({
            "searches": all,
            "searches_with_match": with_match,
            "matched_lines": lines,
            "matches": matches,
        });
        let mut out = Vec::new();
        put_message(&mut out, "summary", &json!({ "stats": stats }));
        self.write(&out)
    }
}

impl Searches {
    fn add(&mut self, tally: Tally) {
        self.all += 1;
        self.with_match += u64::from(tally.lines > 0);
        self.lines += tally.lines;
        self.matches += tally.matches;
    }
}

use std::ops::ControlFlow;

use cogen::{Generator, Step};
use grep_searcher::{Searcher, Sink, SinkContext, SinkContextKind, SinkMatch};

use super::binary::{BLOCK, Binary};
use super::lines::{Lines, Stop};
use super::parts::Part;
use super::{Emit, emit_end, problem};
use crate::config::Config;
use crate::format::{Formatter, Kind, Line, Tail, formatter};
use crate::message::reason;
use crate::options::Output;
use crate::report::Report;
use crate::walk::Job;

/// Sends lines into a coroutine that formats them, and emits the coroutine's output.
pub(super) struct Printed<'a> {
    config: &'a Config,
    job: &'a Job,
    binary: &'a Binary,
    emit: Emit<'a>,
    /// Absent until there is a line to print.
    formatter: Option<Formatter<'a>>,
    /// Memory for the next line.
    spare: Line,
    /// Lines around selected ones in a binary file; it is not known yet whether they are printed.
    held: Vec<Line>,
    /// The number of selected lines.
    count: u64,
    /// How many lines are still to be printed after the last line that may be selected, once that is known.
    after: Option<usize>,
    /// The bytes and lines of the windows that are done.
    passed: (u64, u64),
    /// The last numbered line of this window: its place and its number in the window.
    numbered: (usize, u64),
    /// Whether a line in the binary part is selected.
    binary_match: bool,
}

impl<'a> Printed<'a> {
    pub(super) fn new(
        config: &'a Config,
        job: &'a Job,
        binary: &'a Binary,
        emit: Emit<'a>,
    ) -> Self {
        Self {
            config,
            job,
            binary,
            emit,
            formatter: None,
            spare: Line::default(),
            held: Vec::new(),
            count: 0,
            after: None,
            passed: (0, 0),
            numbered: (0, 1),
            binary_match: false,
        }
    }

    /// Prints what is left, and tells whether to go on with other jobs.
    pub(super) fn finish(mut self, ended: Result<(), Stop>) -> ControlFlow<()> {
        if matches!(ended, Err(Stop::BrokenOff)) {
            return ControlFlow::Break(());
        }
        if let Err(Stop::BrokenOff) = self.release_all() {
            return ControlFlow::Break(());
        }
        let matches = self.finish_lines()?;
        if let Err(Stop::Unreadable(error)) = ended {
            (self.emit)(Report::Problem(problem(self.job, &reason(&error))))?;
        }
        emit_end(self.config, self.emit, self.count, matches)
    }

    /// Emits the last chunk, and what must be said about a binary file. Gives the number of matches.
    fn finish_lines(&mut self) -> ControlFlow<(), u64> {
        let Some(tail) = self.close() else {
            self.notice_binary(false)?;
            return ControlFlow::Continue(0);
        };
        (self.emit)(Report::Chunk(tail.chunk))?;
        self.notice_binary(tail.binary)?;
        ControlFlow::Continue(tail.matches)
    }

    fn notice_binary(&mut self, unprintable: bool) -> ControlFlow<()> {
        let json = self.config.options.output == Output::Json;
        if json || !(unprintable || self.binary_match) {
            return ControlFlow::Continue(());
        }
        let notice = problem(self.job, "binary file matches");
        (self.emit)(Report::Notice(notice))
    }

    /// Tells the formatter that there are no more lines.
    fn close(&mut self) -> Option<Tail> {
        self.formatter.take()?.close().ok().flatten()
    }

    /// Makes a line, in memory that is used again.
    fn line(&mut self, kind: Kind, text: &[u8], offset: u64, number: Option<u64>) -> Line {
        let mut line = std::mem::take(&mut self.spare);
        line.bytes.clear();
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        line.bytes.extend_from_slice(text);
        line.kind = kind;
        line.offset = self.passed.0 + offset;
        line.number = number.map(|number| self.passed.1 + number);
        line
    }

    /// Sends a line to the formatter: one switch.
    fn send(&mut self, line: Line) -> Result<(), Stop> {
        let reply = match self.formatter()?.send(line).map_err(Stop::other)? {
            Step::Yielded(reply) => reply,
            Step::Complete(_) => return Err(Stop::Done),
        };
        self.spare = reply.spare;
        let Some(chunk) = reply.chunk else {
            return Ok(());
        };
        match (self.emit)(Report::Chunk(chunk)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::BrokenOff),
        }
    }

    /// The formatter, which is started if necessary.
    fn formatter(&mut self) -> Result<&mut Formatter<'a>, Stop> {
        if self.formatter.is_none() {
            let mut new = formatter(self.config, self.job, self.binary);
            new.start().map_err(Stop::other)?;
            return Ok(self.formatter.insert(new));
        }
        self.formatter.as_mut().ok_or(Stop::Done)
    }

    /// A selected line.
    fn select(&mut self, line: Line) -> Result<(), Stop> {
        self.count += 1;
        if self.binary.reaches(line.end()) {
            return self.select_binary(&line);
        }
        self.release_all()?;
        self.send(line)?;
        if Some(self.count) == self.config.options.max_count {
            return self.go_on_after(self.config.context().after);
        }
        Ok(())
    }

    /// GNU grep does not print the lines after an earlier match either, if they are in this block.
    fn select_binary(&mut self, line: &Line) -> Result<(), Stop> {
        self.binary_match = true;
        let block = block(line);
        for held in std::mem::take(&mut self.held) {
            if held.kind == Kind::After && self::block(&held) < block {
                self.send(held)?;
            }
        }
        if self.config.options.output == Output::Json {
            self.formatter()?;
        }
        Err(Stop::Done)
    }

    /// A line around a selected one.
    fn surround(&mut self, line: Line) -> Result<(), Stop> {
        if self.binary.is_binary() {
            self.held.push(line);
            return Ok(());
        }
        self.send(line)
    }

    fn release_all(&mut self) -> Result<(), Stop> {
        for line in std::mem::take(&mut self.held) {
            self.send(line)?;
        }
        Ok(())
    }

    /// From here on no line may be selected, but this many more may be printed.
    fn go_on_after(&mut self, lines: usize) -> Result<(), Stop> {
        self.after = Some(lines);
        if lines == 0 { Err(Stop::Done) } else { Ok(()) }
    }

    fn take(&mut self, line: Line) -> Result<bool, Stop> {
        match (self.after, line.kind) {
            (None, Kind::Selected) => self.select(line)?,
            (None, _) => self.surround(line)?,
            (Some(left), _) => {
                let line = Line {
                    kind: Kind::After,
                    ..line
                };
                self.surround(line)?;
                self.go_on_after(left - 1)?;
            }
        }
        Ok(true)
    }
}

/// The number of the block in which a line ends.
fn block(line: &Line) -> u64 {
    (line.end() - 1) / BLOCK as u64
}

impl Sink for Printed<'_> {
    type Error = Stop;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, Stop> {
        if let Some(number) = found.line_number() {
            self.numbered = (found.bytes_range_in_buffer().start, number);
        }
        let offset = found.absolute_byte_offset();
        let line = self.line(Kind::Selected, found.bytes(), offset, found.line_number());
        self.take(line)
    }

    fn context(&mut self, _: &Searcher, found: &SinkContext<'_>) -> Result<bool, Stop> {
        let kind = match found.kind() {
            SinkContextKind::Before => Kind::Before,
            _ => Kind::After,
        };
        let offset = found.absolute_byte_offset();
        let line = self.line(kind, found.bytes(), offset, found.line_number());
        self.take(line)
    }
}

impl Lines for Printed<'_> {
    fn pass(&mut self, window: &[u8]) {
        self.passed.0 += window.len() as u64;
        if self.config.numbered() {
            let (start, number) = self.numbered;
            let rest = memchr::memchr_iter(b'\n', &window[start..]).count() as u64;
            self.passed.1 += number - 1 + rest;
            self.numbered = (0, 1);
        }
    }

    fn part(&mut self, part: &Part) -> Result<(), Stop> {
        for (offset, text) in part.lines() {
            // `line` counts from the end of the previous parts.
            let line = self.line(Kind::Selected, text, offset, None);
            self.take(line)?;
        }
        self.passed.0 += part.length;
        Ok(())
    }
}

//! Lines as GNU grep prints them.

use cogen::{GeneratorExit, generator};

use super::{Formatter, Kind, Line, Reply, Tail, take_chunk};
use crate::color::{self, Paint};
use crate::config::Config;
use crate::heading::Heading;
use crate::options::Output;
use crate::walk::Job;

/// Formats lines. Lines that are not text are left out, and the tail says so.
pub(crate) fn text<'a>(config: &'a Config, job: &'a Job) -> Formatter<'a> {
    generator(move |co| async move {
        let mut page = Page::new(config, job);
        let lines = async {
            let mut line = Line::default();
            loop {
                let chunk = take_chunk(&mut page.out, config);
                line = co.yield_(Reply { spare: line, chunk }).await;
                page.separate(&line);
                page.print(&line);
            }
        };
        // The lines end when the coroutine is closed.
        let _closed: Result<(), GeneratorExit> = co.catch_as(lines).await;
        page.tail()
    })
    .boxed_local()
}

/// The output for one job.
struct Page<'a> {
    config: &'a Config,
    heading: Heading<'a>,
    paint: Paint,
    out: Vec<u8>,
    /// The place right after the last line that was printed, if any.
    next: Option<u64>,
    /// Whether a line was left out.
    binary: bool,
}

impl<'a> Page<'a> {
    fn new(config: &'a Config, job: &'a Job) -> Self {
        Self {
            config,
            heading: Heading::new(config, job),
            paint: config.paint(),
            out: Vec::new(),
            next: None,
            binary: false,
        }
    }

    fn tail(self) -> Tail {
        Tail {
            chunk: self.out,
            binary: self.binary,
            matches: 0,
        }
    }

    /// Separates groups of lines. The separators between jobs are added when their output is put together.
    fn separate(&mut self, line: &Line) {
        let gap = self.next.is_some_and(|next| next != line.offset);
        if gap && self.config.separated() {
            separator(self.paint, &mut self.out);
        }
    }

    fn print(&mut self, line: &Line) {
        let matches = self.config.options.output == Output::Matches;
        if !matches && !self.config.options.charset.has(&line.bytes) {
            self.binary = true;
            self.next.get_or_insert(0);
            return;
        }
        self.next = Some(line.end());
        if matches {
            self.print_matches(line);
        } else {
            self.print_line(line);
        }
    }

    /// Prints the matching parts, each on its own line.
    fn print_matches(&mut self, line: &Line) {
        if !self.matches(line) {
            return;
        }
        let separator = if self.config.options.invert {
            b'-'
        } else {
            b':'
        };
        for part in self.config.pattern.parts().nonempty(&line.bytes) {
            self.heading.put(&mut self.out, line.number, separator);
            self.paint
                .put(&mut self.out, color::MATCH, &line.bytes[part]);
            self.out.push(b'\n');
        }
    }

    fn print_line(&mut self, line: &Line) {
        let selected = line.kind == Kind::Selected;
        let separator = if selected { b':' } else { b'-' };
        self.heading.put(&mut self.out, line.number, separator);
        let mut from = 0;
        if self.paint.is_on() && self.matches(line) {
            for part in self.config.pattern.parts().nonempty(&line.bytes) {
                self.out.extend_from_slice(&line.bytes[from..part.start]);
                from = part.end;
                self.paint
                    .put(&mut self.out, color::MATCH, &line.bytes[part]);
            }
        }
        self.out.extend_from_slice(&line.bytes[from..]);
        self.out.push(b'\n');
    }

    /// Whether the pattern matches the line, which is then not selected under `-v`.
    fn matches(&self, line: &Line) -> bool {
        (line.kind == Kind::Selected) != self.config.options.invert
    }
}

/// The line between groups of lines.
pub(crate) fn separator(paint: Paint, out: &mut Vec<u8>) {
    paint.put(out, color::SEPARATOR, b"--");
    out.push(b'\n');
}

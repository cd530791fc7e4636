//! What stands before a line.

use std::io::Write as _;

use crate::color::{self, Paint};
use crate::config::Config;
use crate::walk::Job;

/// What stands before the lines of a file: its name, and their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading<'a> {
    name: Option<&'a [u8]>,
    paint: Paint,
}

impl<'a> Heading<'a> {
    pub(crate) fn new(config: &Config, job: &'a Job) -> Self {
        Self {
            name: job.named.then(|| job.input.name()),
            paint: config.paint(),
        }
    }

    /// Puts the heading before a line, with a separator that says which kind of line it is.
    pub(crate) fn put(&self, out: &mut Vec<u8>, number: Option<u64>, separator: u8) {
        if let Some(name) = self.name {
            self.paint.put(out, color::NAME, name);
            self.paint.put(out, color::SEPARATOR, &[separator]);
        }
        if let Some(number) = number {
            self.paint.start(out, color::NUMBER);
            // A write to a vector does not fail.
            let _written = write!(out, "{number}");
            self.paint.end(out);
            self.paint.put(out, color::SEPARATOR, &[separator]);
        }
    }

    /// A line that says how many were selected.
    pub(crate) fn count(&self, count: u64) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out, None, b':');
        let _written = writeln!(out, "{count}");
        out
    }

    /// A line that is a file's name.
    pub(crate) fn name_line(&self, name: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(name.len() + 1);
        self.paint.put(&mut out, color::NAME, name);
        out.push(b'\n');
        out
    }
}

//! The text before a line.

use std::io::Write as _;

use crate::color::{self, Paint};
use crate::config::Config;
use crate::walk::Job;

/// The text before the lines of a file: the file's name, and the lines' numbers.
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

    /// Puts the heading before a line, with a separator that tells the kind of the line.
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

    /// A line with the number of selected lines.
    pub(crate) fn count(&self, count: u64) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out, None, b':');
        let _written = writeln!(out, "{count}");
        out
    }

    /// A line with a file's name.
    pub(crate) fn name_line(&self, name: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(name.len() + 1);
        self.paint.put(&mut out, color::NAME, name);
        out.push(b'\n');
        out
    }
}

//! Reads inputs, with one buffer for all inputs of a thread.

use std::io::{self, Read};

use super::binary::{BLOCK, Binary};
use crate::progress::Progress;

/// How much is read at a time.
const READ: usize = 4 * BLOCK;

/// The memory of windows. Its first bytes are the window; they are followed by a part of a line.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

/// An input, cut into windows of whole lines.
pub(super) struct Windows<'a> {
    input: &'a mut dyn Read,
    /// Whether a read may be repeated until it has got enough.
    regular: bool,
    bytes: &'a mut Vec<u8>,
    binary: &'a Binary,
    progress: &'a Progress,
    /// How many bytes of the input have been read.
    read: u64,
    /// How many bytes of the memory hold input.
    filled: usize,
    /// How many of those bytes belong to the window.
    window: usize,
    ended: bool,
}

impl<'a> Windows<'a> {
    /// `start` is the number of bytes of the input that were read before.
    pub(super) fn new(
        input: &'a mut dyn Read,
        regular: bool,
        start: u64,
        buffer: &'a mut Buffer,
        binary: &'a Binary,
        progress: &'a Progress,
    ) -> Self {
        Self {
            input,
            regular,
            bytes: &mut buffer.bytes,
            binary,
            progress,
            read: start,
            filled: 0,
            window: 0,
            ended: false,
        }
    }

    /// The window: whole lines, except that the last line of the input may have no end.
    pub(super) fn window(&self) -> &[u8] {
        &self.bytes[..self.window]
    }

    /// Whether there is nothing after this window.
    pub(super) fn is_last(&self) -> bool {
        self.ended
    }

    /// Goes on to the next window.
    pub(super) fn advance(&mut self) -> io::Result<()> {
        self.bytes.copy_within(self.window..self.filled, 0);
        self.filled -= self.window;
        self.window = 0;
        while self.window == 0 && !self.ended {
            let new = self.filled;
            self.fill()?;
            let end = memchr::memrchr(b'\n', &self.bytes[new..self.filled]);
            self.window = end.map_or(0, |end| new + end + 1);
        }
        if self.ended {
            self.window = self.filled;
        }
        Ok(())
    }

    /// Reads some more; from a regular file a multiple of [`BLOCK`], except at its end.
    fn fill(&mut self) -> io::Result<()> {
        let start = self.filled;
        let limit = start + READ;
        if self.bytes.len() < limit {
            self.bytes.resize(limit, 0);
        }
        while self.filled < limit {
            let length = self.read_into(limit)?;
            self.filled += length;
            self.ended = length == 0;
            if self.ended || !self.regular {
                break;
            }
        }
        let new = &mut self.bytes[start..self.filled];
        self.binary.look(new, self.read);
        self.read += new.len() as u64;
        self.progress.searched(new.len());
        Ok(())
    }

    fn read_into(&mut self, limit: usize) -> io::Result<usize> {
        loop {
            match self.input.read(&mut self.bytes[self.filled..limit]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Reads the windows, one after the other.
pub(super) struct WindowReader<'a> {
    windows: Windows<'a>,
    /// How many bytes of the window have been read.
    at: usize,
}

impl<'a> WindowReader<'a> {
    /// Begins with the current window.
    pub(super) fn new(windows: Windows<'a>) -> Self {
        Self { windows, at: 0 }
    }
}

impl Read for WindowReader<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.at == self.windows.window().len() && !self.windows.is_last() {
            self.windows.advance()?;
            self.at = 0;
        }
        let length = (&self.windows.window()[self.at..]).read(bytes)?;
        self.at += length;
        Ok(length)
    }
}

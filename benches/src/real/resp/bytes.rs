//! The bytes that a server has read.

use std::ops::Range;

/// Bytes, some of which have been used.
#[derive(Debug, Default)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub struct Bytes {
    all: Vec<u8>,
    at: usize,
}

/// A number on a line.
pub(super) enum Number {
    Is(usize),
    /// The line has no end yet.
    Partial,
    Malformed,
}

impl Bytes {
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.all.extend_from_slice(chunk);
    }

    pub(super) fn unread(&self) -> usize {
        self.all.len() - self.at
    }

    /// The number of the next line, which begins with `mark`.
    pub(super) fn number(&mut self, mark: u8) -> Number {
        let rest = &self.all[self.at..];
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
            return Number::Partial;
        };
        let number = number_of(&rest[..end], mark);
        self.at += end + 1;
        number.map_or(Number::Malformed, Number::Is)
    }

    /// Uses this many bytes and the end of line after them.
    pub(super) fn take(&mut self, length: usize) -> Range<usize> {
        let begin = self.at;
        self.at += length + 2;
        begin..begin + length
    }

    pub(super) fn at(&self, place: &Range<usize>) -> &[u8] {
        &self.all[place.clone()]
    }

    /// Drops what has been used.
    pub(super) fn forget(&mut self) {
        self.all.drain(..self.at);
        self.at = 0;
    }
}

fn number_of(line: &[u8], mark: u8) -> Option<usize> {
    let digits = line.strip_prefix(&[mark])?.strip_suffix(b"\r")?;
    digits.iter().try_fold(0_usize, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        number.checked_mul(10)?.checked_add(usize::from(digit))
    })
}

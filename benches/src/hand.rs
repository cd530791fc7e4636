//! The state machines that one would write by hand, against which "zero cost" is measured.

/// An iterator: 0, 1, 2, …
#[derive(Debug)]
pub struct Counter(u64);

impl Counter {
    /// Begins at `from`.
    #[inline]
    pub fn new(from: u64) -> Self {
        Self(from)
    }
}

impl Iterator for Counter {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let value = self.0;
        self.0 += 1;
        Some(value)
    }
}

/// Where [`Counter3`] and [`Summer3`] resume.
#[derive(Debug, Clone, Copy)]
enum At {
    First,
    Second,
    Third,
}

/// An iterator: 0, 1, 2, … from three states in turn.
#[derive(Debug)]
pub struct Counter3 {
    at: At,
    i: u64,
}

impl Counter3 {
    /// Begins at `from`.
    #[inline]
    pub fn new(from: u64) -> Self {
        Self {
            at: At::First,
            i: from,
        }
    }
}

impl Iterator for Counter3 {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let i = self.i;
        Some(match self.at {
            At::First => {
                self.at = At::Second;
                i
            }
            At::Second => {
                self.at = At::Third;
                i + 1
            }
            At::Third => {
                self.at = At::First;
                self.i = i + 3;
                i + 2
            }
        })
    }
}

/// Adds up what it is sent.
#[derive(Debug)]
pub struct Summer(u64);

impl Summer {
    /// Begins at `from`.
    #[inline]
    pub fn new(from: u64) -> Self {
        Self(from)
    }

    /// Adds `value`, and returns the sum.
    #[inline]
    pub fn send(&mut self, value: u64) -> u64 {
        self.0 += value;
        self.0
    }
}

/// Adds up what it is sent, in three states in turn.
#[derive(Debug)]
pub struct Summer3 {
    at: At,
    sum: u64,
}

impl Summer3 {
    /// Begins at `from`.
    #[inline]
    pub fn new(from: u64) -> Self {
        Self {
            at: At::First,
            sum: from,
        }
    }

    /// Adds `value`, and returns the sum.
    #[inline]
    pub fn send(&mut self, value: u64) -> u64 {
        self.at = match self.at {
            At::First => At::Second,
            At::Second => At::Third,
            At::Third => At::First,
        };
        self.sum += value;
        self.sum
    }
}

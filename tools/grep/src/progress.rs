//! A line on the terminal that shows the progress of a long search.

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time after which a search is long; the line is rewritten this often, too.
const EVERY: Duration = Duration::from_millis(500);

/// The progress of the search. It is shown if standard error is a terminal and standard output is not.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: Option<Mutex<Shown>>,
    bytes: AtomicU64,
}

#[derive(Debug)]
struct Shown {
    last: Instant,
    on_screen: bool,
}

impl Progress {
    pub(crate) fn new(stdout_is_terminal: bool) -> Self {
        let shown = !stdout_is_terminal && io::stderr().is_terminal();
        let shown = shown.then(|| {
            Mutex::new(Shown {
                last: Instant::now(),
                on_screen: false,
            })
        });
        Self {
            shown,
            bytes: AtomicU64::new(0),
        }
    }

    /// Adds to the bytes that were searched.
    pub(crate) fn searched(&self, bytes: usize) {
        let Some(shown) = &self.shown else { return };
        let bytes = bytes as u64;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .show(bytes);
    }

    /// Clears the line, to make room for other output.
    pub(crate) fn clear(&self) {
        if let Some(shown) = &self.shown {
            shown.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl Shown {
    fn show(&mut self, bytes: u64) {
        if self.last.elapsed() < EVERY {
            return;
        }
        self.last = Instant::now();
        self.on_screen = true;
        write_over(&format!("grep: {} MB searched", bytes / 1_000_000));
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.on_screen) {
            write_over("");
        }
    }
}

/// Replaces the line that the cursor is on.
fn write_over(line: &str) {
    // A terminal that is gone needs no progress.
    let _written = write!(io::stderr(), "\r{line}\x1b[K");
}

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Parser;

use crate::server::{self, Faults};

/// Fetches pages with several processes, and several requests at a time in each of them.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The pages to fetch.
    #[arg(value_name = "URL")]
    arguments: Vec<String>,
    /// A file with more of them, one a line.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Worker processes.
    #[arg(long, default_value_t = 4)]
    pub(crate) processes: usize,
    /// Requests at a time in each of them.
    #[arg(long, default_value_t = 10)]
    pub(crate) at_a_time: usize,
    /// Milliseconds until a request is given up.
    #[arg(long, default_value_t = 10_000, value_name = "MS")]
    pub(crate) timeout: u64,
    /// Attempts at each page.
    #[arg(long, default_value_t = 3)]
    pub(crate) attempts: u32,
    /// Milliseconds from the first attempt to the second; twice as many to the third, and so on.
    #[arg(long, default_value_t = 100, value_name = "MS")]
    pub(crate) backoff: u64,
    /// Pages to fetch from the server of its own, if no URL is given.
    #[arg(long, default_value_t = 400)]
    pages: usize,
    /// That server answers after so many milliseconds.
    #[arg(long, default_value_t = 20, value_name = "MS")]
    delay: u64,
    /// It fails one request in so many.
    #[arg(long, value_name = "N")]
    fail: Option<u64>,
    /// It resets one connection in so many requests.
    #[arg(long, value_name = "N")]
    reset: Option<u64>,
    /// It never answers one request in so many.
    #[arg(long, value_name = "N")]
    stall: Option<u64>,
}

impl Options {
    /// What to fetch; if nothing was said, pages of a server that it starts.
    pub(crate) fn urls(&self) -> io::Result<Vec<String>> {
        let mut urls = self.arguments.clone();
        if let Some(file) = &self.file {
            let text = fs::read_to_string(file)
                .map_err(|error| io::Error::other(format!("{}: {error}", file.display())))?;
            let lines = text.lines().map(str::trim);
            urls.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
        } else if urls.is_empty() {
            let address = server::start(self.faults())?;
            urls.extend((0..self.pages).map(|page| format!("http://{address}/{page}")));
        }
        Ok(urls)
    }

    const fn faults(&self) -> Faults {
        Faults {
            delay: self.delay,
            fail: self.fail,
            reset: self.reset,
            stall: self.stall,
        }
    }
}

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
    /// A file with more URLs, one per line.
    #[arg(long)]
    file: Option<PathBuf>,
    /// The number of worker processes.
    #[arg(long, default_value_t = 4)]
    pub(crate) processes: usize,
    /// The number of requests at a time in each process.
    #[arg(long, default_value_t = 10)]
    pub(crate) at_a_time: usize,
    /// Milliseconds until a request is given up.
    #[arg(long, default_value_t = 10_000, value_name = "MS")]
    pub(crate) timeout: u64,
    /// The number of attempts at each page.
    #[arg(long, default_value_t = 3)]
    pub(crate) attempts: u32,
    /// Milliseconds from the first attempt to the second; twice as many to the third, and so on.
    #[arg(long, default_value_t = 100, value_name = "MS")]
    pub(crate) backoff: u64,
    /// The number of pages to fetch from its own server, if no URL is given.
    #[arg(long, default_value_t = 400)]
    pages: usize,
    /// Its own server answers after this many milliseconds.
    #[arg(long, default_value_t = 20, value_name = "MS")]
    delay: u64,
    /// Its own server fails one request in N.
    #[arg(long, value_name = "N")]
    fail: Option<u64>,
    /// Its own server resets one connection in N requests.
    #[arg(long, value_name = "N")]
    reset: Option<u64>,
    /// Its own server never answers one request in N.
    #[arg(long, value_name = "N")]
    stall: Option<u64>,
}

impl Options {
    /// The URLs to fetch; if none were given, those of a server that it starts.
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

use std::collections::BTreeMap;
use std::time::Duration;

use crate::page::{Kind, Page};

/// Counts what was done.
pub(crate) struct Summary {
    /// How often each page was reported: once, or not at all if it was not done.
    reported: Vec<u32>,
    failed: usize,
    bytes: u64,
    times: Vec<Duration>,
    errors: BTreeMap<Kind, usize>,
}

impl Summary {
    pub(crate) fn new(pages: usize) -> Self {
        Self {
            reported: vec![0; pages],
            failed: 0,
            bytes: 0,
            times: Vec::new(),
            errors: BTreeMap::new(),
        }
    }

    pub(crate) fn pages(&self) -> usize {
        self.reported.len()
    }

    pub(crate) fn add(&mut self, page: Page) {
        self.reported[page.number] += 1;
        for kind in page.errors {
            *self.errors.entry(kind).or_default() += 1;
        }
        match page.fetched {
            Some((bytes, time)) => {
                self.bytes += bytes;
                self.times.push(time);
            }
            None => self.failed += 1,
        }
    }

    /// Whether all pages were fetched.
    pub(crate) fn is_complete(&self) -> bool {
        self.times.len() == self.pages()
    }

    pub(crate) fn print(&self, elapsed: Duration) {
        let not_done = self.reported.iter().filter(|&&times| times == 0).count();
        let twice = self.reported.iter().filter(|&&times| times > 1).count();
        println!(
            "pages: {} fetched, {} failed, {not_done} not done, {twice} twice",
            self.times.len(),
            self.failed
        );
        println!("bytes: {}", self.bytes);
        for (kind, count) in &self.errors {
            println!("error: {kind}, {count} times");
        }
        let mut times = self.times.clone();
        times.sort_unstable();
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&times, percent));
        println!("times: p50 {p50:.1?}, p95 {p95:.1?}, p99 {p99:.1?}");
        println!("elapsed: {:.3} s", elapsed.as_secs_f64());
    }
}

/// The least time that this many percent of the times do not exceed; zero if there are none.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

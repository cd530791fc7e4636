//! Times the runs of a row, in turn.

use crate::rows::{Amount, Bar, Peer, Row, Run};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many times each run is measured: an odd number, so that one of them is the median.
const ROUNDS: usize = 31;
/// The least time that one measurement takes.
const SLICE: Duration = Duration::from_millis(3);

/// The times of a row's runs.
#[derive(Debug)]
pub struct Times {
    /// Each run's nanoseconds per operation, by round.
    runs: Vec<(Peer, Vec<f64>)>,
}

impl Times {
    /// Measures every run in turn in each round; each round begins with a different one.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        let (rounds, operations) = amounts(row);
        let mut runs: Vec<_> = row
            .runs
            .iter()
            .map(|&(peer, _)| (peer, Vec::new()))
            .collect();
        for round in 0..rounds {
            for turn in 0..runs.len() {
                let at = (round + turn) % runs.len();
                let time = time(row.runs[at].1, operations[at]);
                runs[at].1.push(nanoseconds(time) / to_f64(operations[at]));
            }
        }
        Self { runs }
    }

    /// The median of a peer's nanoseconds per operation.
    #[must_use]
    pub fn median(&self, peer: Peer) -> Option<f64> {
        self.rounds(peer).map(|rounds| median(rounds.to_vec()))
    }

    /// The median of the ratios of two peers' times in the same round.
    #[must_use]
    pub fn ratio(&self, peer: Peer, against: Peer) -> Option<f64> {
        let (ours, theirs) = (self.rounds(peer)?, self.rounds(against)?);
        Some(median(
            ours.iter().zip(theirs).map(|(a, b)| a / b).collect(),
        ))
    }

    /// The ratio, if it is above the bar.
    #[must_use]
    pub fn missed(&self, bar: &Bar) -> Option<f64> {
        self.ratio(bar.peer, bar.against)
            .filter(|&ratio| ratio > bar.ratio)
    }

    fn rounds(&self, peer: Peer) -> Option<&[f64]> {
        self.runs
            .iter()
            .find(|(run, _)| *run == peer)
            .map(|(_, rounds)| &rounds[..])
    }
}

/// How many rounds, and how many operations of each run in a round.
fn amounts(row: &Row) -> (usize, Vec<u64>) {
    let each = |&(_, run): &(Peer, Run)| match row.amount {
        Amount::Slices => calibrate(run),
        Amount::Fixed { operations, .. } => operations,
    };
    let rounds = match row.amount {
        Amount::Slices => ROUNDS,
        Amount::Fixed { rounds, .. } => rounds,
    };
    (rounds, row.runs.iter().map(each).collect())
}

/// How many operations take a slice. Warms the run up, too.
fn calibrate(run: Run) -> u64 {
    let mut operations = 1000;
    while time(run, operations) < SLICE {
        operations *= 2;
    }
    operations
}

fn time(run: Run, operations: u64) -> Duration {
    let begin = Instant::now();
    black_box(run)(operations);
    begin.elapsed()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a count of operations is far below 2^52"
)]
fn to_f64(operations: u64) -> f64 {
    operations as f64
}

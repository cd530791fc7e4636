//! What the ways of real bodies cost: measured here, kept as JSON, shown as tables and as a plot.

mod files;
mod plot;
mod tables;

pub use files::{Files, files};
pub use plot::plot;
pub use tables::{Unit, costs, table, versus};

use crate::real::{Done, Input, Kind, WORKS, Way, Work};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How many times each way is timed. An odd number is better, because then one of them is the median.
    pub rounds: usize,
    /// About how many items there are each time.
    pub items: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            rounds: 151,
            items: 10_000,
        }
    }
}

/// Instructions per item, by "work/way".
pub type Counts = BTreeMap<String, f64>;

/// The figures of all works, in one build of the program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    /// In the order of [`WORKS`].
    pub works: Vec<Measured>,
}

/// The figures of a work.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Measured {
    /// The work's name.
    pub work: String,
    /// What is counted.
    pub item: String,
    /// The ways, the one by hand first.
    pub ways: Vec<Figures>,
}

/// The figures of a way to do a work.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figures {
    /// The way's name.
    pub way: String,
    /// Instructions per item, where they were counted.
    pub instructions: Option<f64>,
    /// How many more these are than those of the way by hand.
    pub instructions_above: Option<f64>,
    /// Nanoseconds per item: the median.
    pub nanoseconds: f64,
    /// Nanoseconds above the way by hand: the median of the differences in each round.
    pub nanoseconds_above: f64,
}

impl Report {
    /// Times the rows in `counts`, or all rows if nothing was counted.
    #[must_use]
    pub fn measured(counts: &Counts, effort: Effort) -> Self {
        let is_wanted =
            |work: &&Work| counts.is_empty() || counts.contains_key(&row(work, &work.ways[0]));
        let works = WORKS.iter().filter(is_wanted);
        Self {
            works: works
                .map(|work| Measured::of(work, counts, effort))
                .collect(),
        }
    }

    /// Adds the ways that only another build has. Their figures above the way by hand refer to that build's way by
    /// hand.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for theirs in other.works {
            let ours = self.works.iter_mut().find(|ours| ours.work == theirs.work);
            let Some(ours) = ours else { continue };
            for figures in theirs.ways {
                if ours.way(&figures.way).is_none() {
                    ours.ways.push(figures);
                }
            }
        }
        self
    }
}

impl Measured {
    /// Times a work. In each round every way has its turn, and each round begins with a different one.
    #[must_use]
    pub fn of(work: &Work, counts: &Counts, effort: Effort) -> Self {
        let input: &Input = Box::leak(Box::new((work.prepare)(effort.items)));
        let hand = (work.ways[0].run)(input);
        let is_wanted = |way: &&Way| counts.is_empty() || counts.contains_key(&row(work, way));
        let ways: Vec<_> = work.ways.iter().filter(is_wanted).collect();
        let mut times = vec![Vec::new(); ways.len()];
        for round in 0..effort.rounds {
            for turn in 0..ways.len() {
                let at = (round + turn) % ways.len();
                times[at].push(time(work, ways[at], input, hand));
            }
        }
        let count = |way: &Way| counts.get(&row(work, way)).copied();
        let figures = |(way, mine): (&&Way, &Vec<f64>)| {
            let above = mine.iter().zip(&times[0]).map(|(time, hand)| time - hand);
            let instructions_above = count(way).zip(count(ways[0])).map(|(way, hand)| way - hand);
            Figures {
                way: way.name.to_owned(),
                instructions: count(way),
                instructions_above: instructions_above.map(rounded),
                nanoseconds: rounded(median(mine.clone())),
                nanoseconds_above: rounded(median(above.collect())),
            }
        };
        Self {
            work: work.name.to_owned(),
            item: work.item.to_owned(),
            ways: ways.iter().zip(&times).map(figures).collect(),
        }
    }

    /// The figures of a way.
    #[must_use]
    pub fn way(&self, name: &str) -> Option<&Figures> {
        self.ways.iter().find(|figures| figures.way == name)
    }

    fn hand(&self) -> &Figures {
        &self.ways[0]
    }
}

impl Figures {
    fn kind(&self) -> Option<&'static Kind> {
        Kind::named(&self.way)
    }
}

/// The row's name in `counts.sh`.
fn row(work: &Work, way: &Way) -> String {
    format!("{}/{}", work.name, way.name)
}

/// Reads the output of `counts.sh`: lines of "work/way instructions".
#[must_use]
pub fn counts(lines: &str) -> Counts {
    let count = |line: &str| {
        let (row, count) = line.split_once(' ')?;
        Some((row.to_owned(), count.trim().parse().ok()?))
    };
    lines.lines().filter_map(count).collect()
}

/// Nanoseconds per item.
fn time(work: &Work, way: &Way, input: &'static Input, hand: Done) -> f64 {
    let begin = Instant::now();
    let done = black_box(way.run)(input);
    let time = begin.elapsed();
    assert_eq!(done, hand, "{}: {}", work.name, way.name);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let items = done.items as f64;
    time.as_secs_f64() * 1e9 / items
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Rounds to hundredths: more would be noise.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

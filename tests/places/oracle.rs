//! What each cell should end with: the rules at the head of `main.rs`, as arithmetic.

use super::branch::{Form, clean_up, delay};
use super::columns::{Column, Ends};
use super::ledger::End;
use super::outcomes::{By, Outcome};

/// How a branch's future should end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Ended(End, u64),
    /// Cut short or dropped: so many clean-ups begin, and so many of them come to their end.
    Short {
        begun: u32,
        done: u32,
    },
}

#[derive(Debug)]
pub struct Expected {
    /// For each branch, the fates of the futures that were made of it.
    pub branches: Vec<Vec<Fate>>,
    pub end: End,
    pub at: u64,
    /// Something is dropped, and not cancelled.
    pub drops: bool,
}

/// When a branch panics.
const PANIC: u64 = 2_000;

/// How long after the first cancel the second one comes, in the outcome that has one. All clean-ups take longer.
pub const SECOND: u64 = 500;

/// A branch that nothing cuts short.
#[derive(Clone)]
struct Natural {
    end: End,
    /// When its wait ends.
    from: u64,
    clean_ups: u32,
    takes: u64,
}

impl Natural {
    fn at(&self) -> u64 {
        self.from + u64::from(self.clean_ups) * self.takes
    }

    /// The clean-ups that have begun by then, and those that are done.
    fn by(&self, time: u64) -> Fate {
        let count = |first: u64| {
            (0..self.clean_ups)
                .filter(|n| first + u64::from(*n) * self.takes <= time)
                .count()
        };
        let count = |first| u32::try_from(count(first)).expect("few");
        Fate::Short {
            begun: count(self.from),
            done: count(self.from + self.takes),
        }
    }
}

fn natural(column: &Column, outcome: &Outcome, form: Form, (i, start): (usize, u64)) -> Natural {
    let natural = |end, from| Natural {
        end,
        from,
        clean_ups: form.of(i).count(),
        takes: clean_up(i),
    };
    if outcome.panics && i + 1 == column.branches {
        return Natural {
            clean_ups: 0,
            ..natural(End::Panicked, PANIC)
        };
    }
    match (outcome.limit)(i) {
        Some(limit) if start + limit < delay(i) => natural(End::Timeout, start + limit),
        _ => natural(End::Value, delay(i)),
    }
}

/// When the column ends if nothing cuts it short.
fn natural_end(column: &Column, naturals: &[Natural]) -> u64 {
    let ends = naturals.iter().map(Natural::at);
    let last = ends.clone().max().expect("there is a branch");
    match column.ends {
        Ends::All | Ends::Repeated(_) => last,
        Ends::First => ends.min().expect("there is a branch"),
        Ends::Against(other) => last.min(other),
        Ends::FirstError => {
            let errors = naturals.iter().filter(|natural| natural.end != End::Value);
            errors.map(Natural::at).min().unwrap_or(last)
        }
    }
}

/// What a branch goes through after the cut, and how long that takes.
fn after_cut(outcome: &Outcome, (i, form): (usize, Form)) -> (Fate, u64) {
    let takes = clean_up(i);
    let short = |begun, done| Fate::Short { begun, done };
    match form {
        Form::Bare => (short(0, 0), 0),
        // `catch_cancelled` is not for the close of a generator.
        Form::Catch if outcome.by == By::Exit => (short(0, 0), 0),
        Form::Nested if outcome.by == By::Exit => (short(1, 1), takes),
        Form::Nested if outcome.by == By::Cancels => (short(2, 1), SECOND + takes),
        _ if outcome.by == By::Cancels => (short(1, 0), SECOND),
        form => (
            short(form.count(), form.count()),
            u64::from(form.count()) * takes,
        ),
    }
}

pub fn expected(column: &Column, outcome: &Outcome, form: Form) -> Expected {
    let (repeats, start) = match column.ends {
        Ends::Repeated(times) => (times.len(), times[times.len() - 1]),
        _ => (0, 0),
    };
    let naturals: Vec<_> = (0..column.branches)
        .map(|i| natural(column, outcome, form, (i, start)))
        .collect();
    let mut at = natural_end(column, &naturals);
    let mut end = End::Value;
    if outcome.panics && !column.contains {
        (at, end) = (PANIC, End::Panicked);
    }
    let cut = outcome.cut.as_ref().filter(|(cut, _)| *cut < at);
    if let Some((cut, cut_end)) = cut {
        let open = (0..column.branches).filter(|i| naturals[*i].at() > *cut);
        let takes = open
            .map(|i| after_cut(outcome, (i, form.of(i))).1)
            .max()
            .unwrap_or(0);
        (at, end) = (cut + takes, cut_end.clone());
    }
    let fate = |i: usize| {
        let natural = &naturals[i];
        match cut {
            Some((cut, _)) if natural.at() > *cut => after_cut(outcome, (i, form.of(i))).0,
            None if natural.at() > at || (natural.at() == at && end == End::Panicked) => {
                natural.by(at)
            }
            _ => Fate::Ended(natural.end.clone(), natural.at()),
        }
    };
    let drops = repeats > 0 || cut.is_none() && naturals.iter().any(|natural| natural.at() > at);
    let branches = (0..column.branches).map(|i| {
        if outcome.panics && i + 1 == column.branches {
            return Vec::new();
        }
        let mut fates = vec![Fate::Short { begun: 0, done: 0 }; repeats];
        fates.push(fate(i));
        fates
    });
    Expected {
        branches: branches.collect(),
        end,
        at,
        drops,
    }
}

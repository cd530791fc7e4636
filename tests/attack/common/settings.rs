//! How long an attack runs, where it begins, and what it leaves out.
//!
//! `COGEN_ATTACK_SEED` is the first seed, `COGEN_ATTACK_ROUNDS` the number of rounds, each with the next seed.
//! `COGEN_ATTACK_SECONDS` limits a run by hand to a time; without `COGEN_ATTACK_ROUNDS` the number of rounds is then
//! unlimited. With `COGEN_ATTACK_ALL` the attack counts holes instead of ending at the first. `COGEN_ATTACK_WITHOUT`
//! names the features to leave out, separated by commas. `COGEN_ATTACK_SHOW` prints the panics that are part of the
//! attack.

use std::collections::BTreeMap;
use std::env;
use std::time::{Duration, Instant};

use super::child;

/// The number of rounds if the settings give none: natively, and under Miri.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    pub native: u64,
    pub miri: u64,
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    let parsed = value.parse();
    Some(parsed.unwrap_or_else(|_| panic!("{name} is not a number: {value}")))
}

/// Whether `COGEN_ATTACK_WITHOUT` names `what`.
#[must_use]
pub fn is_without(what: &str) -> bool {
    env::var("COGEN_ATTACK_WITHOUT").is_ok_and(|list| list.split(',').any(|word| word == what))
}

/// Which seeds to run, and until when.
struct Plan {
    next: u64,
    end: u64,
    /// The clock is read only if a limit was given.
    limit: Option<(Instant, Duration)>,
}

impl Plan {
    fn read(rounds: Rounds) -> Self {
        let next = number("COGEN_ATTACK_SEED").unwrap_or(1);
        let limit = number("COGEN_ATTACK_SECONDS").map(Duration::from_secs);
        let usual = if cfg!(miri) {
            rounds.miri
        } else {
            rounds.native
        };
        let usual = if limit.is_some() { u64::MAX } else { usual };
        let rounds = number("COGEN_ATTACK_ROUNDS").unwrap_or(usual);
        Self {
            next,
            end: next.saturating_add(rounds),
            limit: limit.map(|limit| (Instant::now(), limit)),
        }
    }

    fn is_over(&self) -> bool {
        let late = |(start, limit): (Instant, Duration)| start.elapsed() >= limit;
        self.next >= self.end || self.limit.is_some_and(late)
    }
}

/// Runs the rounds of the attack in test `test` of the test program `program`. `round` gives the hole that a seed leads
/// to, if any.
///
/// The rounds run in a child process, as a hole may bring the process down; under Miri, which has no child processes,
/// they run in this one.
///
/// # Panics
///
/// At the first hole, with the command that repeats it.
pub fn attack(
    program: &str,
    test: &str,
    rounds: Rounds,
    round: impl FnMut(u64) -> Result<(), String>,
) {
    if cfg!(miri) {
        return parent(program, test, rounds, round);
    }
    if child::is_one() {
        return child::run(round);
    }
    let mut rounds_in_child = child::Child::new(test);
    parent(program, test, rounds, |seed| rounds_in_child.round(seed));
}

fn parent(
    program: &str,
    test: &str,
    rounds: Rounds,
    mut round: impl FnMut(u64) -> Result<(), String>,
) {
    let counts = env::var_os("COGEN_ATTACK_ALL").is_some();
    let mut plan = Plan::read(rounds);
    let first = plan.next;
    let mut holes = BTreeMap::<String, Vec<u64>>::new();
    while !plan.is_over() {
        let seed = plan.next;
        plan.next += 1;
        let Err(hole) = round(seed) else { continue };
        let again =
            format!("COGEN_ATTACK_SEED={seed} COGEN_ATTACK_ROUNDS=1 cargo test {program} {test}");
        assert!(counts, "{hole}\nround {}; again: {again}", seed - first);
        holes.entry(kind(&hole)).or_default().push(seed);
    }
    println!("{} rounds from seed {first}", plan.next - first);
    for (hole, seeds) in &holes {
        println!("{} times, first seed {}: {hole}", seeds.len(), seeds[0]);
    }
    assert!(holes.is_empty(), "the attack found holes, listed above");
}

/// A hole without its numbers.
fn kind(hole: &str) -> String {
    let hole = hole.split("printed:").next().unwrap_or(hole);
    let words = hole.split(|c: char| c.is_ascii_digit());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("N")
}

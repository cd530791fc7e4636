//! How long an attack is, where it begins, and what it leaves out.
//!
//! `COGEN_ATTACK_SEED` is the first seed, `COGEN_ATTACK_ROUNDS` how many rounds there are, one seed each.
//! `COGEN_ATTACK_SECONDS` is a limit for runs by hand, beside the number of rounds, which is then without a
//! bound. With `COGEN_ATTACK_ALL` holes are counted, and do not end the attack. `COGEN_ATTACK_WITHOUT` names what is left out, with commas between.

use std::collections::BTreeMap;
use std::env;
use std::time::{Duration, Instant};

/// The numbers of rounds that run where nothing is said: natively, and in an interpreter.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    pub native: u64,
    pub miri: u64,
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    let parsed = value.parse();
    Some(parsed.unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

/// Whether `COGEN_ATTACK_WITHOUT` names `what`.
#[must_use]
pub fn is_without(what: &str) -> bool {
    env::var("COGEN_ATTACK_WITHOUT").is_ok_and(|list| list.split(',').any(|word| word == what))
}

/// Runs the rounds of the attack in test `test`. `round` gives the hole that a seed leads to.
///
/// # Panics
///
/// At the first hole, with the command that repeats it.
pub fn attack(test: &str, rounds: Rounds, mut round: impl FnMut(u64) -> Result<(), String>) {
    let first = number("COGEN_ATTACK_SEED").unwrap_or(1);
    let limit = number("COGEN_ATTACK_SECONDS").map(Duration::from_secs);
    let usual = if cfg!(miri) {
        rounds.miri
    } else {
        rounds.native
    };
    let usual = if limit.is_some() { u64::MAX } else { usual };
    let rounds = number("COGEN_ATTACK_ROUNDS").unwrap_or(usual);
    // A clock is read only where a limit was asked for.
    let start = limit.map(|_| Instant::now());
    let is_late = || {
        start
            .zip(limit)
            .is_some_and(|(start, limit)| start.elapsed() >= limit)
    };
    let counts = env::var_os("COGEN_ATTACK_ALL").is_some();
    let mut holes = BTreeMap::<String, Vec<u64>>::new();
    let mut done = 0;
    while done < rounds && !is_late() {
        let seed = first.wrapping_add(done);
        if env::var_os("COGEN_ATTACK_TRACE").is_some() {
            eprintln!("seed {seed}");
        }
        done += 1;
        let Err(hole) = round(seed) else { continue };
        if counts {
            holes.entry(kind(&hole)).or_default().push(seed);
        } else {
            panic!(
                "{hole}\nround {done}; again: COGEN_ATTACK_SEED={seed} COGEN_ATTACK_ROUNDS=1 cargo test {test}"
            );
        }
    }
    println!("{done} rounds from seed {first}");
    for (hole, seeds) in &holes {
        println!("{} times, first seed {}: {hole}", seeds.len(), seeds[0]);
    }
    assert!(holes.is_empty(), "there are holes");
}

/// A hole without its numbers.
fn kind(hole: &str) -> String {
    let words = hole.split(|c: char| c.is_ascii_digit());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("N")
}

//! Every wait of the library in every place: a table of waits × combinators × outcomes, and random nests of them.
//!
//! A *cell* is a row ([`rows`]: what is waited for), in a column ([`columns`]: the combinator that polls one or more
//! *branches*, each with such a wait), with an outcome ([`outcomes`]: what happens meanwhile), in a form ([`branch`]: what
//! cleans up around the wait). It runs on a virtual clock, or on tokio's, paused. What it should lead to is computed
//! ([`oracle`]) from these rules, and compared with what its ledger says ([`cell`]):
//!
//! 1. A wait ends at its time, and a combinator does what it does with any futures.
//! 2. **A limit ends its own block, and nothing else.** It does so at its time: the wait inside is dropped or cancelled,
//!    what cleans up around it does so, and the block ends with `Timeout`. (asyncio's `timeout` in tasks of their own.)
//! 3. **A cancel of the task reaches all places where it waits.** In each, clean-up runs once, and to its end, before
//!    anything around it is dropped: the task ends when the last one has. It ends as cancelled, and `cancelling` is 1 for
//!    a body that catches the cancel. What asyncio does for the tasks of a `gather` or a group, each place gets here.
//! 4. The same holds for whatever cancels: the task, one that it is awaited by, a limit around, a group that fails or is
//!    cancelled, the end of the loop, the call of an async generator. A cancel of the task beats a limit. A second cancel
//!    interrupts each clean-up, as in CPython.
//! 5. **No code behind the await runs**: my own cancel raises, however often the future is polled after that.
//! 6. What loses a `select!` is dropped, and so is what a panic passes: clean-up does not begin, or ends where it is.
//! 7. `aclose` after a call that was dropped throws `GeneratorExit` where the body waits. `finally` cleans up after it,
//!    `catch_cancelled` does not.
//! 8. Afterwards nothing is left: no task, no timer, nothing in line at a lock or a queue, no future that leaked.
//!
//! `COGEN_PLACES_ONLY='join! | cancel'` picks the cells with that in their names, `COGEN_PLACES_ALL=1` runs each cell in
//! all its forms. The random nests have their rules in [`nests`].

#![allow(unreachable_pub, reason = "modules of a test program")]

mod branch;
mod cell;
#[expect(dead_code, reason = "a module that attacks use, too")]
#[path = "../attack/common/choose.rs"]
mod choose;
mod columns;
mod found;
mod ledger;
mod nests;
mod oracle;
mod outcomes;
mod quiet;
mod rows;

use branch::Form;
use cell::Cell;
use columns::{COLUMNS, Column};
use rows::ROWS;

/// The forms in which a cell runs: one of them always, one of the others by turns, and all if `COGEN_PLACES_ALL` is set.
fn forms(turn: usize) -> Vec<Form> {
    const OTHERS: [Form; 5] = [
        Form::Bare,
        Form::Catch,
        Form::With,
        Form::Nested,
        Form::Mixed,
    ];
    let all = std::env::var_os("COGEN_PLACES_ALL").is_some();
    let others = OTHERS
        .iter()
        .enumerate()
        .filter(|(i, _)| all || *i == turn % OTHERS.len());
    std::iter::once(Form::Finally)
        .chain(others.map(|(_, form)| *form))
        .collect()
}

/// Cells that fail, without their forms. Each must fail in a form that runs, so that the list only gets shorter.
///
/// After a move, the cancel of a limit does not reach an `aclose` that the combinator has not polled since.
const KNOWN: &[&str] = &[
    "aclose | moved in FuturesUnordered | each has its limit |",
    "aclose | moved in FuturesUnordered | the first has a limit |",
    "aclose | moved in FuturesUnordered | equal limits |",
];

/// In so many tests, which may run at the same time.
const PARTS: usize = 4;

/// Runs every fourth column. The failing cells are listed at the end.
fn table(part: usize) {
    let only = std::env::var("COGEN_PLACES_ONLY").unwrap_or_default();
    let outcomes = outcomes::outcomes();
    let (mut count, mut failed) = (0, Vec::new());
    for (i, column) in COLUMNS.iter().enumerate().skip(part).step_by(PARTS) {
        for (j, outcome) in outcomes.iter().enumerate() {
            for (k, row) in ROWS.iter().enumerate() {
                for form in forms(i + j + k) {
                    let cell = Cell {
                        row,
                        column,
                        outcome,
                        form,
                    };
                    if cell.applies() && cell.name().contains(&only) {
                        count += 1;
                        let fault = cell.check().err();
                        failed.extend(fault.map(|fault| format!("{}: {fault}", cell.name())));
                    }
                }
            }
        }
    }
    report(part, count, &failed);
}

fn report(part: usize, count: u32, failed: &[String]) {
    let is_known = |line: &String| KNOWN.iter().any(|known| line.starts_with(known));
    let (known, new): (Vec<_>, Vec<_>) = failed.iter().partition(|line| is_known(line));
    for (what, lines) in [("known to fail", known), ("FAIL", new.clone())] {
        for line in lines {
            println!("{what} {line}");
        }
    }
    println!("part {part}: {} of {count} cells fail", failed.len());
    assert!(new.is_empty(), "{} cells fail, listed above", new.len());
    let is_here = |known: &str| {
        let is_in = |column: &&Column| known.contains(&format!("| {} |", column.name));
        COLUMNS
            .iter()
            .skip(part)
            .step_by(PARTS)
            .any(|column| is_in(&column))
    };
    let passes = |known: &str| !failed.iter().any(|line| line.starts_with(known));
    let passing: Vec<_> = KNOWN
        .iter()
        .filter(|known| is_here(known) && passes(known))
        .collect();
    let filtered = std::env::var_os("COGEN_PLACES_ONLY").is_some();
    assert!(
        filtered || passing.is_empty(),
        "to be taken out of KNOWN: {passing:?}"
    );
}

#[test]
fn the_first_quarter_of_the_table() {
    table(0);
}

#[test]
fn the_second_quarter_of_the_table() {
    table(1);
}

#[test]
fn the_third_quarter_of_the_table() {
    table(2);
}

#[test]
fn the_last_quarter_of_the_table() {
    table(3);
}

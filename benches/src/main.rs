//! The timing tables: median nanoseconds per operation, and the ratio to the first column (for
//! generators: to the hand-written state machine, or where there is none to the pinned generator).
//!
//! `--row NAME` measures one row, `--check` compares with the bars and ends with status 1 if one is missed.
//! The last row, `fetch`, measures whole programs, in seconds.

mod fetch;

use cogen_bench::measure::Times;
use cogen_bench::rows::{Bar, Peer, Row, TABLES, Table, all};
use std::process::ExitCode;

#[derive(Default)]
struct Options {
    row: Option<String>,
    check: bool,
}

fn main() -> ExitCode {
    let Some(options) = parse(std::env::args().skip(1)) else {
        let names: Vec<_> = all().map(|row| row.name).chain([fetch::NAME]).collect();
        eprintln!(
            "usage: cogen-bench [--row NAME] [--check]\nrows: {}",
            names.join(" ")
        );
        return ExitCode::from(2);
    };
    let mut missed = Vec::new();
    for table in TABLES {
        missed.extend(measure(table, &options));
    }
    missed.extend(measure_fetch(&options));
    report(&options, &missed)
}

/// Measures the rows that are asked for. Returns the bars that they miss.
fn measure(table: &Table, options: &Options) -> Vec<String> {
    let wanted = |row: &&Row| options.row.as_ref().is_none_or(|name| name == row.name);
    let mut missed = Vec::new();
    for (number, row) in table.rows.iter().filter(wanted).enumerate() {
        if number == 0 {
            let names = table.peers.iter().map(|peer| peer.name().to_owned());
            print_line("ns/op (ratio)", names);
        }
        let times = Times::of(row);
        print_line(
            row.name,
            table.peers.iter().map(|&peer| cell(table, &times, peer)),
        );
        missed.extend(misses(row, &times));
    }
    missed
}

/// The row of whole programs, if it is asked for.
fn measure_fetch(options: &Options) -> Option<String> {
    if options.row.as_ref().is_some_and(|name| name != fetch::NAME) {
        return None;
    }
    match fetch::measure() {
        Ok(missed) => missed,
        Err(error) => Some(format!("{}: {error}", fetch::NAME)),
    }
}

/// `None`: the arguments are not understood.
fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match &argument[..] {
            "--check" => options.check = true,
            "--row" => {
                let name = arguments.next()?;
                let mut names = all().map(|row| row.name).chain([fetch::NAME]);
                options.row = Some(names.find(|known| *known == name)?.to_owned());
            }
            _ => return None,
        }
    }
    Some(options)
}

fn print_line(head: &str, cells: impl Iterator<Item = String>) {
    print!("{head:<14}");
    for cell in cells {
        print!("{cell:>16}");
    }
    println!();
}

fn cell(table: &Table, times: &Times, peer: Peer) -> String {
    let ratio = table.base.iter().find_map(|&base| times.ratio(peer, base));
    match (times.median(peer), ratio) {
        (Some(time), Some(ratio)) => format!("{time:.2} ({ratio:.2})"),
        _ => "-".to_owned(),
    }
}

fn misses(row: &Row, times: &Times) -> Vec<String> {
    let describe = |bar: &Bar| {
        let Bar {
            peer,
            against,
            ratio,
        } = bar;
        let is = times.missed(bar)?;
        let (peer, against) = (peer.name(), against.name());
        Some(format!(
            "{}: {peer} is {is:.2}x of {against}, the bar is {ratio:.2}x",
            row.name
        ))
    };
    row.bars.iter().filter_map(describe).collect()
}

fn report(options: &Options, missed: &[String]) -> ExitCode {
    for miss in missed {
        println!("MISSED {miss}");
    }
    if options.check && !missed.is_empty() {
        return ExitCode::FAILURE;
    }
    if options.check {
        println!("all bars hold");
    }
    ExitCode::SUCCESS
}

//! Runs programs that were also run with `CPython`'s asyncio, and compares the results.
//!
//! `README.md` describes the cases. `COGEN_AIO_CASES=FILE` runs those of another file instead; `COGEN_AIO_CASE=ID` runs
//! one case, and prints both the expected events and those that happened.

#![forbid(unsafe_code)]

mod body;
mod case;
mod error;
mod features;
mod generator;
mod kept;
mod named;
mod object;
mod report;
mod runtime;
mod statement;
mod verdict;
mod worker;

use std::process::ExitCode;

use case::Case;
use report::Report;
use serde_json::Value as Json;
use verdict::Verdict;

const SHOWN_FAILURES: usize = 10;

fn main() -> ExitCode {
    let cases = case::load();
    if worker::work(cases) {
        return ExitCode::SUCCESS;
    }
    if case::chosen().is_some() {
        cases.iter().for_each(show);
    }
    let checks = cases.iter().zip(worker::check_all(cases));
    let verdicts: Vec<_> = checks
        .map(|(case, check)| verdict::judge(case, check))
        .collect();
    let mut report = Report::default();
    for (case, verdict) in cases.iter().zip(&verdicts) {
        report.add(case, verdict);
    }
    print_exceptional(cases, &verdicts);
    println!("{report}");
    if report.all.failed == 0 && report.all.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print_exceptional(cases: &[Case], verdicts: &[Verdict]) {
    let mut shown = 0;
    for (case, verdict) in cases.iter().zip(verdicts) {
        match verdict {
            Verdict::Different(reason) => println!("DIFFERENCE {}: {reason}", case.id),
            Verdict::Failed(how) if shown < SHOWN_FAILURES => {
                shown += 1;
                println!("FAILED {}: {how}", case.id);
            }
            Verdict::Failed(_) => println!("FAILED {}", case.id),
            Verdict::Passed | Verdict::NotRun => {}
        }
    }
}

fn show(case: &'static Case) {
    println!("{} ({:?})", case.id, case.order);
    for expected in &case.traces {
        println!("expected");
        print_trace(expected);
    }
    match verdict::run(case) {
        Ok(run) => {
            println!("got");
            print_trace(&run.trace);
            println!("run gave {}", run.result);
        }
        Err(failure) => println!("got {failure}"),
    }
}

fn print_trace(trace: &[Json]) {
    for event in trace {
        println!("    {event}");
    }
}

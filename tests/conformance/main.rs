//! Applies to this crate's generators what was applied to those of `CPython`, and compares the results.
//!
//! `cases/README.md` describes the cases. `COGEN_CASES=FILE` runs those of another file instead.

#![forbid(unsafe_code)]

mod body;
mod case;
mod driver;
mod error;
mod forms;
mod statement;
mod summary;
mod verdict;

use std::process::ExitCode;

use case::Case;
use summary::{Count, Summary};
use verdict::Verdict;

const SHOWN_FAILURES: usize = 10;

fn main() -> ExitCode {
    let cases = case::load();
    let runs = forms::runs();
    let verdicts: Vec<_> = runs.iter().map(|run| judge(run, cases)).collect();
    let summaries: Vec<_> = verdicts.iter().map(|of| summarize(cases, of)).collect();
    println!("conformance: {} cases\n{}", summaries[0].all, summaries[0]);
    for ((form, mode, _), summary) in runs.iter().zip(&summaries) {
        println!("conformance: {} cases ({form}{})", summary.all, mode.name());
    }
    let total = total(&verdicts);
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 && total.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn judge((form, mode, judge): &forms::Run, cases: &'static [Case]) -> Vec<Verdict> {
    let verdicts: Vec<_> = cases.iter().map(|case| judge(case, *mode)).collect();
    let failures = cases
        .iter()
        .zip(&verdicts)
        .filter_map(|(case, verdict)| match verdict {
            Verdict::Failed(how) => Some((case, how)),
            Verdict::Passed => None,
        });
    for (case, how) in failures.take(SHOWN_FAILURES) {
        println!("FAILED {} ({form}{}): {how}", case.id, mode.name());
    }
    verdicts
}

fn summarize<'a>(cases: &'a [Case], verdicts: &[Verdict]) -> Summary<'a> {
    let mut summary = Summary::default();
    for (case, verdict) in cases.iter().zip(verdicts) {
        summary.add(case, verdict);
    }
    summary
}

/// A case counts once: it has failed if it failed in any form.
fn total(forms: &[Vec<Verdict>]) -> Count {
    let mut total = Count::default();
    for (index, verdict) in forms[0].iter().enumerate() {
        let mut verdicts = forms.iter().map(|verdicts| &verdicts[index]);
        let failed = verdicts.find(|verdict| matches!(verdict, Verdict::Failed(_)));
        total.add(failed.unwrap_or(verdict));
    }
    total
}

//! Does to this crate's generators what was done to `CPython`'s, and compares.
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
use std::rc::Rc;

use case::Case;
use forms::{FORMS, Form};
use summary::{Count, Summary};
use verdict::Verdict;

const SHOWN_FAILURES: usize = 10;

fn main() -> ExitCode {
    let cases: Vec<_> = case::load().into_iter().map(Rc::new).collect();
    let verdicts: Vec<_> = FORMS.iter().map(|form| run(form, &cases)).collect();
    let summaries: Vec<_> = verdicts.iter().map(|of| summarize(&cases, of)).collect();
    println!("conformance: {} cases\n{}", summaries[0].all, summaries[0]);
    for ((form, _), summary) in FORMS.iter().zip(&summaries) {
        println!("conformance: {} cases ({form})", summary.all);
    }
    let total = total(&verdicts);
    println!(
        "{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.not_run
    );
    if total.failed == 0 && total.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run((form, judge): &Form, cases: &[Rc<Case>]) -> Vec<Verdict> {
    let verdicts: Vec<_> = cases.iter().map(judge).collect();
    let failures = cases
        .iter()
        .zip(&verdicts)
        .filter_map(|(case, verdict)| match verdict {
            Verdict::Failed(how) => Some((case, how)),
            Verdict::Passed | Verdict::NotRun => None,
        });
    for (case, how) in failures.take(SHOWN_FAILURES) {
        println!("FAILED {} ({form}): {how}", case.id);
    }
    verdicts
}

fn summarize<'a>(cases: &'a [Rc<Case>], verdicts: &[Verdict]) -> Summary<'a> {
    let mut summary = Summary::default();
    for (case, verdict) in cases.iter().zip(verdicts) {
        summary.add(case, verdict);
    }
    summary
}

/// A case counts once: it fails if it fails in any form.
fn total(forms: &[Vec<Verdict>]) -> Count {
    let mut total = Count::default();
    for (index, verdict) in forms[0].iter().enumerate() {
        let mut verdicts = forms.iter().map(|verdicts| &verdicts[index]);
        let failed = verdicts.find(|verdict| matches!(verdict, Verdict::Failed(_)));
        total.add(failed.unwrap_or(verdict));
    }
    total
}

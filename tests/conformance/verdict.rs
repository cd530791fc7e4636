//! Compares what happened with what `CPython` did.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::case::Case;
use crate::driver::{self, Make};
use crate::forms::Gen;

pub(crate) enum Verdict {
    Passed,
    /// The first operation that differs, and how.
    Failed(String),
    NotRun,
}

pub(crate) fn judge<G: Gen>(case: &Rc<Case>, make: Make<G>) -> Verdict {
    if !case.is_supported() {
        return Verdict::NotRun;
    }
    let (records, panic) = driver::run(case, make);
    if panic.is_none() && case.traces.contains(&records) {
        return Verdict::Passed;
    }
    Verdict::Failed(difference(&case.traces[0], &records, panic))
}

fn difference(expected: &[Json], records: &[Json], panic: Option<String>) -> String {
    let same = expected
        .iter()
        .zip(records)
        .take_while(|(expected, got)| expected == got)
        .count();
    let show = |record: Option<&Json>| record.map_or("nothing".to_owned(), Json::to_string);
    let got = match (records.get(same), panic) {
        (None, Some(message)) => format!("panic: {message}"),
        (record, _) => show(record),
    };
    format!(
        "operation {same}\n    expected {}\n    got      {got}",
        show(expected.get(same))
    )
}

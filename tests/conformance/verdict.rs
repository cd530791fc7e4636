//! Compares what happened with what `CPython` did.

use serde_json::Value as Json;

use crate::case::Case;
use crate::driver;
use crate::forms::{Form, Mode};

pub(crate) enum Verdict {
    Passed,
    /// Holds the first operation that differs, and how it differs.
    Failed(String),
}

pub(crate) fn judge<F: Form>(case: &'static Case, mode: Mode) -> Verdict {
    let (records, panic) = driver::run::<F>(case, mode);
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

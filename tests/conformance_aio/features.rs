//! The parts of the language that cannot be run, and the deliberate differences.

use crate::case::Case;

/// The tags of features that are not built yet. A case with one of them is not run.
const NOT_BUILT: &[&str] = &[];

/// Cases in which this crate deliberately behaves differently, and why. Each is marked `DIFFERENCE` in `README.md`.
const DIFFERENCES: &[(&str, &str)] = &[(
    "agen-aclose-ignored-then-aclose",
    "CPython 3.11 forgets that a generator which ignored its close is suspended: the next anext ends it. \
     Here it goes on from where it is, as a generator that ignored `close` does",
)];

pub(crate) fn is_built(case: &Case) -> bool {
    !case.tags.iter().any(|tag| NOT_BUILT.contains(&&**tag))
}

/// Why the crate deliberately behaves differently in this case, if it does.
pub(crate) fn difference(case: &Case) -> Option<&'static str> {
    let mut listed = DIFFERENCES.iter().filter(|(id, _)| *id == case.id);
    listed.next().map(|(_, reason)| *reason)
}

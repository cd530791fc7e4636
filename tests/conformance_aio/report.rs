//! Counts verdicts: overall, and by tag.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::Case;
use crate::verdict::Verdict;

#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) different: usize,
    pub(crate) failed: usize,
    pub(crate) not_run: usize,
}

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Different(_) => self.different += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::NotRun => self.not_run += 1,
        }
    }

    fn run(&self) -> usize {
        self.passed + self.different + self.failed
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} passed, {} not run",
            self.passed,
            self.run(),
            self.not_run
        )?;
        match self.different {
            0 => Ok(()),
            different => write!(f, ", {different} different on purpose"),
        }
    }
}

#[derive(Default)]
pub(crate) struct Report<'a> {
    pub(crate) all: Count,
    tags: BTreeMap<&'a str, Count>,
}

impl<'a> Report<'a> {
    pub(crate) fn add(&mut self, case: &'a Case, verdict: &Verdict) {
        self.all.add(verdict);
        for tag in &case.tags {
            self.tags.entry(tag).or_default().add(verdict);
        }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (tag, count) in &self.tags {
            writeln!(f, "tag {tag}: {count}")?;
        }
        let all = self.all;
        writeln!(f, "all: {all}")?;
        let total = all.run() + all.not_run;
        write!(f, "conformance-aio: {} of {total} cases", all.passed)
    }
}

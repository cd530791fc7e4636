//! Counts verdicts: overall, by tier, and by tag.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::Case;
use crate::verdict::Verdict;

#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Count {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.passed, self.passed + self.failed)
    }
}

#[derive(Default)]
pub(crate) struct Summary<'a> {
    pub(crate) all: Count,
    tiers: BTreeMap<u64, Count>,
    tags: BTreeMap<&'a str, Count>,
}

impl<'a> Summary<'a> {
    pub(crate) fn add(&mut self, case: &'a Case, verdict: &Verdict) {
        self.all.add(verdict);
        self.tiers.entry(case.tier).or_default().add(verdict);
        for tag in &case.tags {
            self.tags.entry(tag).or_default().add(verdict);
        }
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (tier, count) in &self.tiers {
            writeln!(f, "tier {tier}: {count}")?;
        }
        for (tag, count) in &self.tags {
            writeln!(f, "tag {tag}: {count}")?;
        }
        Ok(())
    }
}

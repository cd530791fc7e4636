//! Figures as tables in Markdown: a line for each way, a column for each work.

use super::{Figures, Measured, Report};
use crate::real::{By, Kind};
use std::fmt::Write;

/// What a table shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Instructions per item.
    Instructions,
    /// Nanoseconds per item.
    Nanoseconds,
}

/// All ways: the cost of the one by hand, and the costs of the others above that.
#[must_use]
pub fn table(report: &Report, unit: Unit) -> String {
    lines(report, Kind::ALL, |measured, figures| {
        let is_hand = figures.way == measured.hand().way;
        match unit {
            Unit::Instructions if is_hand => figures.instructions.map(plain),
            Unit::Instructions => figures.instructions_above.map(signed),
            Unit::Nanoseconds if is_hand => Some(plain(figures.nanoseconds)),
            Unit::Nanoseconds => Some(signed(figures.nanoseconds_above)),
        }
    })
}

/// The costs of cogen's ways above the one by hand, in instructions and nanoseconds.
#[must_use]
pub fn costs(report: &Report) -> String {
    let ours: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| kind.by == By::Cogen)
        .collect();
    lines(report, ours, |_, figures| {
        let instructions = figures.instructions_above?;
        let time = signed(figures.nanoseconds_above);
        let instructions = format!("{instructions:+.0}").replace('-', "−");
        Some(format!("{instructions} ({time} ns)"))
    })
}

/// The costs of other crates above the best of cogen's ways: below zero where they are ahead.
#[must_use]
pub fn versus(report: &Report) -> String {
    let others: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| matches!(kind.by, By::Machine | By::Stack))
        .collect();
    lines(report, others, |measured, figures| {
        let best = measured.best()?;
        let instructions = figures.instructions_above? - best.instructions_above?;
        let time = figures.nanoseconds_above - best.nanoseconds_above;
        let instructions = format!("{instructions:+.0}").replace('-', "−");
        Some(format!("{instructions} ({} ns)", signed(time)))
    })
}

impl Measured {
    /// The one of cogen's ways that takes the fewest instructions.
    fn best(&self) -> Option<&Figures> {
        let ours = |figures: &&Figures| figures.kind().is_some_and(|kind| kind.by == By::Cogen);
        let instructions = |figures: &Figures| figures.instructions_above.unwrap_or(f64::INFINITY);
        let ways = self.ways.iter().filter(ours);
        ways.min_by(|a, b| instructions(a).total_cmp(&instructions(b)))
    }
}

fn lines(
    report: &Report,
    kinds: impl IntoIterator<Item = &'static Kind>,
    cell: impl Fn(&Measured, &Figures) -> Option<String>,
) -> String {
    let mut lines = String::from("| |");
    for measured in &report.works {
        // Writing to a string does not fail.
        let _ = write!(lines, " {} |", measured.work);
    }
    lines.push_str("\n|---|");
    lines.push_str(&"--:|".repeat(report.works.len()));
    lines.push('\n');
    for kind in kinds {
        let cells = report.works.iter().map(|measured| {
            let figures = measured.way(kind.name)?;
            cell(measured, figures)
        });
        let cells: Vec<_> = cells.collect();
        if cells.iter().any(Option::is_some) {
            let cells: Vec<_> = cells.into_iter().map(Option::unwrap_or_default).collect();
            let _ = writeln!(lines, "| {} | {} |", kind.label, cells.join(" | "));
        }
    }
    lines
}

fn plain(value: f64) -> String {
    format!("{value:.1}")
}

/// With a sign, unless it is zero.
fn signed(value: f64) -> String {
    let text = format!("{value:+.1}");
    match &text[..] {
        "+0.0" | "-0.0" => "0.0".to_owned(),
        _ => text.replace('-', "−"),
    }
}

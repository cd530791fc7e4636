//! Figures as a plot: for each work a panel with a bar for each way, as SVG.

use super::{Figures, Measured, Report};
use crate::real::By;
use std::fmt::Write;

const PANEL: f64 = 480.0;
const NAMES: f64 = 225.0;
const NUMBERS: f64 = 65.0;
const LINE: f64 = 19.0;
const LEGEND: f64 = 46.0;
const HEAD: f64 = 28.0;
const FOOT: f64 = 58.0;

const STYLE: &str = "\
text { font-family: sans-serif; font-size: 12px; fill: #1f2328 }
.title { font-weight: bold; font-size: 14px }
.axis { fill: #59636e; font-size: 11px }
.grid { stroke: #818b98; stroke-opacity: 0.35 }
.cogen { fill: #c2410c }
.machine { fill: #4f74a8 }
.stack { fill: #7d8590 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.axis { fill: #9198a1 }
.cogen { fill: #f0803c }
.machine { fill: #79a3dc }
}
";

/// Nanoseconds above the way by hand: two columns of panels, each with a scale of its own.
#[must_use]
pub fn plot(report: &Report) -> String {
    let mut tops = [LEGEND; 2];
    let mut panels = String::new();
    for measured in &report.works {
        let column = usize::from(tops[1] < tops[0]);
        #[allow(clippy::cast_precision_loss, reason = "0 or 1")]
        let left = 10.0 + column as f64 * (PANEL + 20.0);
        panel(&mut panels, left, tops[column], measured);
        tops[column] += height(measured);
    }
    let (width, height) = (2.0 * PANEL + 40.0, tops[0].max(tops[1]));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Nanoseconds per item above a hand-written machine, by work and way\">\n<style>\n{STYLE}</style>\n{}{panels}</svg>\n",
        legend()
    )
}

fn height(measured: &Measured) -> f64 {
    LINE * count(measured.ways.len() - 1) + HEAD + FOOT
}

/// The legend: the colours, and whose ways they stand for.
fn legend() -> String {
    let mut svg = String::new();
    let entries = [
        ("cogen", "cogen"),
        ("machine", "crates whose bodies are state machines"),
        ("stack", "crates that switch stacks"),
    ];
    for ((class, label), left) in entries.into_iter().zip([10.0, 90.0, 370.0]) {
        rectangle(&mut svg, class, (left, 14.0), 12.0);
        text(&mut svg, "", "start", (left + 18.0, 25.0), label);
    }
    svg
}

fn panel(svg: &mut String, left: f64, top: f64, measured: &Measured) {
    let title = format!(
        "{}: by hand {:.1} ns per {}",
        measured.work,
        measured.hand().nanoseconds,
        measured.item
    );
    text(svg, "title", "start", (left, top + 14.0), &title);
    let bars = &measured.ways[1..];
    let step = step(bars);
    let top = top + HEAD;
    let bottom = top + LINE * count(bars.len());
    let scale = (PANEL - NAMES - NUMBERS) / (4.0 * step);
    for tick in 0..=4 {
        let value = f64::from(tick) * step;
        let x = left + NAMES + value * scale;
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>"
        );
        text(
            svg,
            "axis",
            "middle",
            (x, bottom + 14.0),
            &value.to_string(),
        );
    }
    let label = format!("ns per {} above hand", measured.item);
    let middle = left + NAMES + 2.0 * step * scale;
    text(svg, "axis", "middle", (middle, bottom + 29.0), &label);
    for (number, figures) in bars.iter().enumerate() {
        bar(svg, (left, top + LINE * count(number)), scale, figures);
    }
}

/// One way: its name, a bar, a number.
fn bar(svg: &mut String, (left, top): (f64, f64), scale: f64, figures: &Figures) {
    let Some(kind) = figures.kind() else { return };
    let class = match kind.by {
        By::Hand | By::Cogen => "cogen",
        By::Machine => "machine",
        By::Stack => "stack",
    };
    let begin = left + NAMES;
    let length = figures.nanoseconds_above.max(0.0) * scale;
    let is_cut = length > PANEL - NAMES - NUMBERS;
    let length = length.min(PANEL - NAMES - NUMBERS);
    let name = kind.label.replace('`', "");
    text(svg, "", "end", (begin - 6.0, top + 14.0), &name);
    rectangle(svg, class, (begin, top + 3.0), length);
    let mut number = format!("{:.1}", figures.nanoseconds_above).replace('-', "−");
    if is_cut {
        number.insert_str(0, "→ ");
    }
    text(
        svg,
        "",
        "start",
        (begin + length + 5.0, top + 14.0),
        &number,
    );
}

fn rectangle(svg: &mut String, class: &str, (x, y): (f64, f64), width: f64) {
    // Writing to a string does not fail.
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"13\"/>"
    );
}

fn text(svg: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), text: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"
    );
}

/// The distance between the four ticks: 1, 2, 2.5 or 5 times a power of ten. If one bar is over three times as long as
/// all others, it is cut off, so that the others can be seen.
fn step(bars: &[Figures]) -> f64 {
    let mut lengths: Vec<_> = bars.iter().map(|bar| bar.nanoseconds_above).collect();
    lengths.sort_by(|a, b| b.total_cmp(a));
    let most = match lengths[..] {
        [first, second, ..] if first > 3.0 * second => second,
        [first, ..] => first,
        [] => 1.0,
    };
    let most = most.max(1.0);
    let quarter = most / 4.0;
    let power = 10_f64.powf(quarter.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= quarter);
    factor.unwrap_or(10.0) * power
}

#[allow(clippy::cast_precision_loss, reason = "few")]
fn count(number: usize) -> f64 {
    number as f64
}

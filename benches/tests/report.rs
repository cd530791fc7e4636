//! How figures are shown: as JSON, tables and a plot; and that the pages show the recorded figures.

use cogen_bench::real::{By, WORKS};
use cogen_bench::report::{Counts, Effort, Report, Unit, costs, counts, files, plot, table};
use std::fmt::Write;
use std::fs;

/// Some instructions for each row, and short timings.
fn report() -> Report {
    let mut lines = String::from("not_a_row\n");
    for work in WORKS {
        for (number, way) in work.ways.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{}/{} {number}.5", work.name, way.name);
        }
    }
    let effort = Effort {
        rounds: 3,
        items: 20,
    };
    Report::measured(&counts(&lines), effort)
}

#[test]
fn json_has_each_row_and_can_be_read_again() {
    let text = serde_json::to_string(&report()).unwrap();
    let read: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    for (work, measured) in WORKS.iter().zip(&read.works) {
        assert_eq!(measured.work, work.name);
        for way in work.ways {
            let figures = measured.way(way.name).expect(way.name);
            assert!(figures.instructions.is_some() && figures.nanoseconds > 0.0);
        }
        let hand = measured.way("hand").unwrap();
        assert!(hand.nanoseconds_above.abs() < f64::EPSILON);
    }
}

#[test]
fn without_counts_there_are_times_only() {
    let effort = Effort {
        rounds: 1,
        items: 9,
    };
    let report = Report::measured(&Counts::new(), effort);
    assert_eq!(table(&report, Unit::Instructions).lines().count(), 2);
    assert!(table(&report, Unit::Nanoseconds).lines().count() > 2);
}

#[test]
fn a_table_has_each_way_once_and_each_work() {
    let report = report();
    for unit in [Unit::Instructions, Unit::Nanoseconds] {
        let table = table(&report, unit);
        let lines: Vec<_> = table.lines().collect();
        for work in WORKS {
            assert!(lines[0].contains(&format!(" {} |", work.name)), "{table}");
            for way in work.ways {
                let label = format!("| {} |", way.kind().label);
                let found = lines.iter().filter(|line| line.starts_with(&label));
                assert_eq!(found.count(), 1, "{label}");
            }
        }
        for line in &lines {
            assert_eq!(line.matches('|').count(), WORKS.len() + 2, "{line}");
        }
    }
}

#[test]
fn the_first_row_is_absolute_and_the_others_are_above_it() {
    let table = table(&report(), Unit::Instructions);
    let cells = |line: &str| line.split('|').nth(2).unwrap().trim().to_owned();
    let lines: Vec<_> = table.lines().skip(2).map(cells).collect();
    assert_eq!(lines[..3], ["0.5", "+1.0", "+2.0"], "{table}");
}

#[test]
fn another_build_adds_the_ways_that_only_it_has() {
    let mut other = report();
    other.works.truncate(1);
    other.works[0].ways[1].way = "nightly".to_owned();
    let ours = report();
    let rows = ours.works[0].ways.len();
    let both = ours.with(other);
    assert_eq!(both.works[0].ways.len(), rows + 1);
    assert_eq!(both.works[0].ways[rows].way, "nightly");
    let table = table(&both, Unit::Instructions);
    assert!(
        table.contains("\n| coroutines of nightly Rust | +1.0 | "),
        "{table}"
    );
}

#[test]
fn the_guide_table_has_only_ours() {
    let table = costs(&report());
    assert!(
        table
            .lines()
            .skip(2)
            .all(|line| line.starts_with("| cogen, "))
    );
}

#[test]
fn the_plot_is_well_formed_and_has_a_bar_for_each_row() {
    let svg = plot(&report());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    let mut rows = 0;
    for work in WORKS {
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with(&format!("{}: ", work.name)))
        );
        let axis = format!("ns per {} above hand", work.item);
        assert!(texts.contains(&&axis[..]), "{axis}");
        for way in work.ways.iter().filter(|way| way.kind().by != By::Hand) {
            let label = way.kind().label.replace('`', "");
            assert!(texts.contains(&&label[..]), "{label}");
            rows += 1;
        }
    }
    let bars = document
        .descendants()
        .filter(|node| node.has_tag_name("rect"));
    // Three bars belong to the legend.
    assert_eq!(bars.count(), rows + 3);
}

#[test]
#[allow(clippy::cast_precision_loss, reason = "short texts")]
fn what_is_drawn_stays_inside_the_plot() {
    let mut report = report();
    // One bar is far longer than all others.
    report.works[0].ways[2].nanoseconds_above = 1e6;
    let svg = plot(&report);
    assert!(svg.contains(">→ 1000000.0<"));
    let document = roxmltree::Document::parse(&svg).unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let size: Vec<_> = document
        .root_element()
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(number)
        .collect();
    for node in document.descendants() {
        for (names, most) in [(["x", "x1", "x2"], size[2]), (["y", "y1", "y2"], size[3])] {
            for place in names.iter().filter_map(|&name| node.attribute(name)) {
                assert!((0.0..=most).contains(&number(place)), "{place}");
            }
        }
        // A character is about six and a half wide.
        let room = 6.5 * node.text().unwrap_or_default().chars().count() as f64;
        match node.attribute("text-anchor") {
            Some("end") => assert!(number(node.attribute("x").unwrap()) >= room, "{node:?}"),
            Some("start") => {
                let end = number(node.attribute("x").unwrap()) + room;
                assert!(end <= size[2], "{node:?}");
            }
            _ => {}
        }
        if let (Some(x), Some(width)) = (node.attribute("x"), node.attribute("width")) {
            assert!(number(x) + number(width) <= size[2]);
        }
    }
}

#[test]
fn pages_show_the_figures_that_are_kept() {
    for (path, content) in files().unwrap() {
        let committed = fs::read_to_string(&path).unwrap();
        assert!(
            committed == content,
            "{}: run `real --write`",
            path.display()
        );
    }
}

#[test]
fn the_figures_that_are_kept_are_of_each_row() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/real");
    for name in ["plain", "release"] {
        let text = fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
        let report: Report = serde_json::from_str(&text).unwrap();
        let kept: Vec<_> = report
            .works
            .iter()
            .flat_map(|measured| {
                measured
                    .ways
                    .iter()
                    .map(|way| (&measured.work[..], &way.way[..], way.instructions.is_some()))
            })
            .collect();
        let rows: Vec<_> = WORKS
            .iter()
            .flat_map(|work| work.ways.iter().map(|way| (work.name, way.name, true)))
            .collect();
        assert_eq!(kept, rows, "{name}.json: run benches/real.sh");
    }
}

//! The files that contain the figures: the measurements as JSON, and the pages and the picture made from them.

use super::{Report, Unit, costs, plot, table, versus};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What each file should contain.
pub type Files = Vec<(PathBuf, String)>;

/// The pages and the plot, with the figures of the JSON files.
///
/// # Errors
///
/// If a file cannot be read, is not a report, or a page has no place for a table.
pub fn files() -> io::Result<Files> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let nightly = report(&root.join("benches/real/nightly.json"))?;
    let plain = report(&root.join("benches/real/plain.json"))?.with(nightly);
    let release = report(&root.join("benches/real/release.json"))?;
    let performance = root.join("docs/performance.md");
    let comparison = root.join("docs/comparison.md");
    let guide = root.join("docs/guide/costs.md");
    let tables = [
        ("instructions, defaults", table(&plain, Unit::Instructions)),
        ("times, defaults", table(&plain, Unit::Nanoseconds)),
        (
            "instructions, one unit",
            table(&release, Unit::Instructions),
        ),
        ("times, one unit", table(&release, Unit::Nanoseconds)),
    ];
    let page = filled(&performance, &tables)?;
    let chapter = filled(&guide, &[("costs", costs(&plain))])?;
    let peers = filled(&comparison, &[("versus", versus(&plain))])?;
    Ok(vec![
        (performance, page),
        (comparison, peers),
        (guide, chapter),
        (root.join("docs/guide/costs.svg"), plot(&plain)),
    ])
}

fn report(path: &Path) -> io::Result<Report> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// A page with these tables. Each table goes to the comment with its name, and ends at the next empty line.
fn filled(path: &Path, tables: &[(&str, String)]) -> io::Result<String> {
    let mut page = fs::read_to_string(path)?;
    for (name, table) in tables {
        let mark = format!("<!-- real: {name} -->\n\n");
        let missing = || io::Error::other(format!("{}: no {mark:?}", path.display()));
        let begin = page.find(&mark).ok_or_else(missing)? + mark.len();
        let length = page[begin..]
            .find("\n\n")
            .map_or(page.len() - begin, |end| end + 1);
        page.replace_range(begin..begin + length, table);
    }
    Ok(page)
}

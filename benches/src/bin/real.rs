//! Real bodies: what they cost per item, in total and above the hand-written way.
//!
//! `cargo run --profile plain -p cogen-bench --bin real -- [WORK]` prints times. `benches/real.sh` measures all figures
//! again, with `--json` and `--write`. `WORK WAY ITEMS` does a work once, for `counts.sh`, which counts its
//! instructions, and `WORK prepare ITEMS` only makes the input.

use cogen_bench::real::{Done, Input, WORKS, Work, find};
use cogen_bench::report::{Counts, Effort, Measured, Report, Unit, counts, files, plot, table};
use std::fs;
use std::hint::black_box;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|argument| &argument[..]).collect();
    match run(&arguments) {
        Ok(Some(())) => ExitCode::SUCCESS,
        Ok(None) => usage(),
        Err(error) => {
            eprintln!("real: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `None`: the arguments are not understood.
fn run(arguments: &[&str]) -> io::Result<Option<()>> {
    match *arguments {
        [] => WORKS.iter().for_each(show),
        ["--rows"] => rows(),
        ["--json"] => json(&Counts::new())?,
        ["--json", path] => json(&counts(&fs::read_to_string(path)?))?,
        ["--plot"] => print!("{}", plot(&read()?)),
        ["--table", "instructions"] => print!("{}", table(&read()?, Unit::Instructions)),
        ["--table", "times"] => print!("{}", table(&read()?, Unit::Nanoseconds)),
        ["--write"] => {
            for (path, content) in files()? {
                fs::write(path, content)?;
            }
        }
        [name] => return Ok(find(name).map(show)),
        [work, "prepare", items] => return Ok(prepared(work, items).map(drop)),
        [work, way, items] => {
            return Ok(once(work, way, items).map(|done| println!("{}", done.items)));
        }
        _ => return Ok(None),
    }
    Ok(Some(()))
}

/// `None`: there is no such row.
fn once(work: &str, way: &str, items: &str) -> Option<Done> {
    let way = find(work)?.ways.iter().find(|known| known.name == way)?;
    Some((way.run)(prepared(work, items)?))
}

/// `None`: there is no such work.
fn prepared(work: &str, items: &str) -> Option<&'static Input> {
    let input = (find(work)?.prepare)(items.parse().ok()?);
    Some(Box::leak(Box::new(black_box(input))))
}

fn usage() -> ExitCode {
    eprintln!(
        "usage: real [WORK]              times\n\
         \x20      real --json [COUNTS]     times, and instructions from what counts.sh prints, as JSON\n\
         \x20      real --table instructions|times   reads that, prints a table in Markdown\n\
         \x20      real --plot              reads that, prints a picture (SVG)\n\
         \x20      real --write             puts tables and plot of benches/real/*.json into docs/\n\
         \x20      real WORK WAY ITEMS      does it once; with `prepare` for WAY, makes its input\n\
         \x20      real --rows              prints what there is, as WORK WAY:"
    );
    rows();
    ExitCode::from(2)
}

fn rows() {
    for work in WORKS {
        for way in work.ways {
            println!("{} {}", work.name, way.name);
        }
    }
}

fn json(counts: &Counts) -> io::Result<()> {
    let report = Report::measured(counts, Effort::default());
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn read() -> io::Result<Report> {
    Ok(serde_json::from_reader(io::stdin())?)
}

fn show(work: &Work) {
    println!("{:<28}{:>10}{:>10}", work.name, "ns", "above");
    for figures in Measured::of(work, &Counts::new(), Effort::default()).ways {
        let (time, above) = (figures.nanoseconds, figures.nanoseconds_above);
        println!("  {:<26}{time:>10.2}{above:>10.2}", figures.way);
    }
}

//! `cogen-fetch`, a whole program, compared with the tutorial's own: 400 pages of 10 kB, each of which arrives after 20
//! ms, with 4 processes and 10 requests at a time in each. This takes at least 0.2 s.

#[path = "../../tools/fetch/src/server.rs"]
mod server;

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use server::Faults;

/// What `--row` calls this row.
pub(crate) const NAME: &str = "fetch";

/// The time to stay below, in seconds.
const BAR: f64 = 0.26;

/// The number is odd, so that one round is the median.
const ROUNDS: usize = 7;

const PAGES: usize = 400;

/// Measures, and prints the row. Returns the bar if it is missed.
pub(crate) fn measure() -> Result<Option<String>, Box<dyn Error>> {
    let faults = Faults {
        delay: 20,
        fail: None,
        reset: None,
        stall: None,
    };
    let url = format!("http://{}/", server::start(faults)?);
    let urls = env::temp_dir().join(format!("cogen-bench-{}.urls", std::process::id()));
    fs::write(&urls, format!("{url}\n").repeat(PAGES))?;
    let mut ours = Command::new(program()?);
    ours.arg("--file").arg(&urls);
    let mut theirs = tutorial(&url);
    let times = in_turn(&mut ours, theirs.as_mut());
    fs::remove_file(&urls)?;
    let (ours, theirs) = times?;
    print!("{NAME:<14}{ours:>14.3} s");
    match theirs {
        Some(theirs) => println!("{theirs:>14.3} s (aiohttp; ratio {:.2})", ours / theirs),
        None => println!("     SKIPPED aiohttp: no python3 that has it (PYTHON names another)"),
    }
    Ok((ours > BAR).then(|| format!("{NAME}: {ours:.3} s, the bar is {BAR} s")))
}

/// The median times of both programs, measured in turn.
fn in_turn(
    ours: &mut Command,
    mut theirs: Option<&mut Command>,
) -> Result<(f64, Option<f64>), Box<dyn Error>> {
    let (mut times, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        times.push(elapsed(ours)?);
        if let Some(theirs) = &mut theirs {
            others.push(elapsed(theirs)?);
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied()
    };
    let ours = median(&mut times).ok_or("no rounds")?;
    Ok((ours, median(&mut others)))
}

/// The time that the program itself reports.
fn elapsed(program: &mut Command) -> Result<f64, Box<dyn Error>> {
    let output = program.output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("elapsed: "));
    match line.and_then(|line| line.strip_suffix(" s")) {
        Some(seconds) if output.status.success() => Ok(seconds.parse()?),
        _ => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// The program, built in the same folder as this one.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let folder = env::current_exe()?;
    let folder = folder.parent().ok_or("no folder")?;
    let built = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package=cogen-fetch",
            "--target-dir",
        ])
        .arg(folder.parent().ok_or("no target folder")?)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    if !built.success() {
        return Err("cogen-fetch does not build".into());
    }
    Ok(folder.join("cogen-fetch"))
}

/// The tutorial's program, if it can run here.
fn tutorial(url: &str) -> Option<Command> {
    let python = env::var_os("PYTHON").unwrap_or("python3".into());
    let has = Command::new(&python)
        .args(["-c", "import aiohttp"])
        .output()
        .is_ok_and(|output| output.status.success());
    let mut tutorial = Command::new(python);
    tutorial
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tutorial/fetch.py"))
        .arg(url);
    has.then_some(tutorial)
}

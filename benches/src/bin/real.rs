//! Real bodies: nanoseconds per item, and above the hand-written way.
//!
//! `cargo run --profile plain -p cogen-bench --bin real -- [WORK]` prints the tables; `WORK WAY ITEMS` does it once, for
//! `counts.sh`, which counts its instructions.

use cogen_bench::real::{Done, Input, WORKS, Way, Work, find};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// How many times each way is measured. Odd, so that there is one in the middle.
const ROUNDS: usize = 15;
/// Of a measurement.
const ITEMS: usize = 100_000;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|argument| &argument[..]).collect();
    match arguments[..] {
        [] => WORKS.iter().for_each(measure),
        ["--rows"] => rows(),
        [name] => match find(name) {
            Some(work) => measure(work),
            None => return usage(),
        },
        [work, way, items] => match once(work, way, items) {
            Some(done) => println!("{}", done.items),
            None => return usage(),
        },
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

/// `None`: there is no such row.
fn once(work: &str, way: &str, items: &str) -> Option<Done> {
    let work = find(work)?;
    let way = work.ways.iter().find(|known| known.name == way)?;
    let input = Box::leak(Box::new((work.prepare)(items.parse().ok()?)));
    Some((way.run)(input))
}

fn usage() -> ExitCode {
    eprintln!("usage: real [WORK | WORK WAY ITEMS | --rows]\nrows, as WORK WAY:");
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

/// In each round every way in turn, and each round begins with another one.
fn measure(work: &Work) {
    let input: &Input = Box::leak(Box::new((work.prepare)(ITEMS)));
    let hand = (work.ways[0].run)(input);
    let mut times = vec![Vec::new(); work.ways.len()];
    for round in 0..ROUNDS {
        for turn in 0..work.ways.len() {
            let at = (round + turn) % work.ways.len();
            times[at].push(time(work, &work.ways[at], input, hand));
        }
    }
    println!("{:<28}{:>10}{:>10}", work.name, "ns", "above");
    for (way, mine) in work.ways.iter().zip(&times) {
        let above = mine.iter().zip(&times[0]).map(|(time, hand)| time - hand);
        let (time, above) = (median(mine.clone()), median(above.collect()));
        println!("  {:<26}{time:>10.2}{above:>10.2}", way.name);
    }
}

/// Nanoseconds per item.
fn time(work: &Work, way: &Way, input: &'static Input, hand: Done) -> f64 {
    let begin = Instant::now();
    let done = black_box(way.run)(input);
    let time = begin.elapsed();
    assert_eq!(done, hand, "{}: {}", work.name, way.name);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let items = done.items as f64;
    time.as_secs_f64() * 1e9 / items
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

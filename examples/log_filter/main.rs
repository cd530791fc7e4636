//! `log_filter [LEVEL]`: a push pipeline. Lines of a log on standard input are parsed, those below a level
//! (`warn`, if none is given) are dropped, and the rest goes both into a counter and, in batches, to
//! standard output. The counts are printed to standard error.
//!
//! A line is `TIME LEVEL TARGET MESSAGE`, the level one of trace, debug, info, warn and error. Any other line
//! is reported, and the rest goes on. The program ends with 0, with 1 if a line could not be parsed, with 2
//! if it could not read or write.

mod record;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;

use cogen::Exception;
use cogen::pipeline::{
    Ends, FeedError, Interrupted, Pipeline, Sink, Stage, batch, broadcast, fold, input, sink, stage,
};
use record::{Level, Record};

/// How much is written at once, in bytes.
const BATCH: usize = 8 * 1024;

/// How many records each target has.
type Counts = BTreeMap<String, u64>;

fn main() -> ExitCode {
    let outcome = level().and_then(|level| filter_log(level, io::stdin().lock(), io::stdout()));
    match outcome {
        Ok(unparsed) => ExitCode::from(u8::from(unparsed > 0)),
        Err(error) => {
            eprintln!("log_filter: {error}");
            ExitCode::from(2)
        }
    }
}

fn level() -> Result<Level, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let level = arguments
        .next()
        .map_or(Ok(Level::Warn), |name| name.parse())?;
    match arguments.next() {
        Some(_) => Err("usage: log_filter [LEVEL]".into()),
        None => Ok(level),
    }
}

/// Feeds the lines into the pipeline. Returns how many of them could not be parsed.
fn filter_log(least: Level, lines: impl BufRead, out: impl Write) -> Result<u64, Box<dyn Error>> {
    let mut unparsed = 0;
    let mut log = parse(&mut unparsed)
        .filter(move |record: &Record| record.level >= least)
        .to(broadcast((count(), write(out))))
        .pushed();
    for line in lines.split(b'\n') {
        match log.feed(line?) {
            Ok(()) => {}
            Err(FeedError::Raised(error)) if is_broken_pipe(&error) => {
                drop(log);
                return Ok(unparsed);
            }
            Err(error) => return Err(error.without_item().into()),
        }
    }
    match log.finish() {
        Ok((counts, ())) => report(&counts),
        Err(error) if is_broken_pipe(error.exception()) => {}
        Err(error) => return Err(Interrupted::into_exception(error).into()),
    }
    Ok(unparsed)
}

/// Lines in, records out. A line that is not a record is reported, and counted.
fn parse(unparsed: &mut u64) -> impl Stage<In = Vec<u8>, Item = Record> {
    input::<Vec<u8>>().enumerate().filter_map(|(index, line)| {
        let record = Record::from_bytes(&line);
        record
            .inspect_err(|error| {
                *unparsed += 1;
                eprintln!("log_filter: line {}: {error}", index + 1);
            })
            .ok()
    })
}

fn count() -> impl Sink<In = Record, Output = Counts> {
    fold(Counts::new(), |mut counts, record: Record| {
        *counts.entry(record.target).or_default() += 1;
        counts
    })
}

/// Writes the records in batches; the last batch comes when the sink is told that there are no more records.
fn write(mut out: impl Write) -> impl Sink<In = Record, Output = ()> {
    let lines = batch(BATCH).weighing(|line: &String| line.len());
    stage(render)
        .pipe(lines)
        .to(sink(move |io: Ends<'_, Vec<String>>| async move {
            while let Some(lines) = io.recv().await {
                if let Err(error) = out.write_all(lines.concat().as_bytes()) {
                    io.raise(error).await;
                }
            }
        }))
}

/// A line for each record, and one where the seconds change.
async fn render(io: Ends<'_, Record, String>) {
    let mut time = String::new();
    while let Some(record) = io.recv().await {
        if record.time != time {
            io.emit(format!("-- {}\n", record.time)).await;
            time.clone_from(&record.time);
        }
        io.emit(format!("{record}\n")).await;
    }
}

fn report(counts: &Counts) {
    for (target, count) in counts {
        eprintln!("{count:>8} {target}");
    }
}

/// Whether the reader of our output is gone.
fn is_broken_pipe(error: &Exception) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

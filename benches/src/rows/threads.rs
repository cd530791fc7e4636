//! Parse, filter, sum, with a thread between them: pipelines, and threads and channels by hand.

use super::{Amount, Bar, Peer, Row, words};
use cogen::pipeline::{Pipeline, Sink, fold, input, map, parallel, source, threaded};
use crossbeam_channel::{Receiver, Sender, bounded};
use rayon::iter::{ParallelBridge, ParallelIterator};
use std::hint::black_box;
use std::thread;

/// The capacity of each queue.
const CAPACITY: usize = 1024;

const AMOUNT: Amount = Amount::Fixed {
    operations: 10_000_000,
    rounds: 5,
};

const BARS: &[Bar] = &[Bar::new(Peer::Threads, 1.2, Peer::Crossbeam)];

/// The source and the parser are on a thread.
pub(super) const SOURCE: Row = Row {
    name: "thread",
    runs: &[
        (Peer::Crossbeam, by_hand::source_on_thread),
        (Peer::Threads, source_on_thread),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// The source and the parser are on a thread, the filter is on another.
pub(super) const TWO: Row = Row {
    name: "two_threads",
    runs: &[
        (Peer::Crossbeam, by_hand::two_threads),
        (Peer::Threads, two_threads),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// Only the parser is on a thread.
pub(super) const STAGE: Row = Row {
    name: "stage_thread",
    runs: &[
        (Peer::Crossbeam, by_hand::stage_on_thread),
        (Peer::Threads, stage_on_thread),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// Everything except the source is on a thread, and is fed.
pub(super) const SINK: Row = Row {
    name: "sink_thread",
    runs: &[
        (Peer::Crossbeam, by_hand::sink_on_thread),
        (Peer::Threads, sink_on_thread),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// Two sources, each with its parser on a thread.
pub(super) const MERGE: Row = Row {
    name: "merge",
    runs: &[(Peer::Crossbeam, by_hand::merge), (Peer::Threads, merge)],
    bars: &[Bar::new(Peer::Threads, 2.0, Peer::Crossbeam)],
    amount: AMOUNT,
};

/// The parser is on two threads.
pub(super) const PARALLEL: Row = Row {
    name: "parallel",
    runs: &[
        (Peer::Crossbeam, by_hand::parallel),
        (Peer::Rayon, par_bridge),
        (Peer::Threads, in_parallel),
        (Peer::Unordered, unordered),
    ],
    bars: &[
        Bar::new(Peer::Threads, 2.0, Peer::Crossbeam),
        Bar::new(Peer::Unordered, 2.0, Peer::Crossbeam),
    ],
    amount: AMOUNT,
};

fn merge(n: u64) {
    let half = || source(words(n / 2)).map(parse).on_thread(CAPACITY);
    let sum = half().merge(half()).fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn in_parallel(n: u64) {
    let parser = parallel(2, || map(parse)).ahead(CAPACITY);
    let sum = source(words(n)).pipe(parser).fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn unordered(n: u64) {
    let parser = parallel(2, || map(parse)).ahead(CAPACITY).unordered();
    let sum = source(words(n)).pipe(parser).fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn par_bridge(n: u64) {
    black_box(words(n).par_bridge().map(parse).sum::<u64>());
}

fn parse(word: &str) -> u64 {
    word.parse().unwrap_or(0)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what `filter` takes")]
fn keep(n: &u64) -> bool {
    n % 3 == 0
}

fn source_on_thread(n: u64) {
    let sum = source(words(n))
        .map(parse)
        .on_thread(CAPACITY)
        .filter(keep)
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn two_threads(n: u64) {
    let sum = source(words(n))
        .map(parse)
        .on_thread(CAPACITY)
        .filter(keep)
        .on_thread(CAPACITY)
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn stage_on_thread(n: u64) {
    let sum = source(words(n))
        .pipe(threaded(CAPACITY, map(parse)))
        .filter(keep)
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

fn sink_on_thread(n: u64) {
    let sum = input::<&str>()
        .map(parse)
        .filter(keep)
        .to(fold(0, |sum, n| sum + n));
    let mut push = sum.on_thread(CAPACITY).pushed();
    for word in words(n) {
        if push.feed(word).is_err() {
            break;
        }
    }
    black_box(push.finish().ok());
}

/// The same with crossbeam channels.
mod by_hand {
    use super::{CAPACITY, Receiver, Sender, black_box, bounded, keep, parse, thread, words};

    fn send_all<T>(items: impl Iterator<Item = T>, queue: &Sender<T>) {
        for item in items {
            if queue.send(item).is_err() {
                break;
            }
        }
    }

    pub(super) fn source_on_thread(n: u64) {
        let (sender, numbers) = bounded(CAPACITY);
        let parser = thread::spawn(move || send_all(words(n).map(parse), &sender));
        black_box(numbers.iter().filter(keep).sum::<u64>());
        black_box(parser.join().ok());
    }

    pub(super) fn two_threads(n: u64) {
        let (sender, numbers) = bounded(CAPACITY);
        let parser = thread::spawn(move || send_all(words(n).map(parse), &sender));
        let (sender, kept) = bounded(CAPACITY);
        let filter = thread::spawn(move || send_all(numbers.iter().filter(keep), &sender));
        black_box(kept.iter().sum::<u64>());
        black_box((parser.join().ok(), filter.join().ok()));
    }

    pub(super) fn stage_on_thread(n: u64) {
        let (sender, texts): (_, Receiver<&str>) = bounded(CAPACITY);
        let feeder = thread::spawn(move || send_all(words(n), &sender));
        let (sender, numbers) = bounded(CAPACITY);
        let parser = thread::spawn(move || send_all(texts.iter().map(parse), &sender));
        black_box(numbers.iter().filter(keep).sum::<u64>());
        black_box((feeder.join().ok(), parser.join().ok()));
    }

    pub(super) fn merge(n: u64) {
        let (sender, numbers) = bounded(CAPACITY);
        let half =
            |sender: Sender<u64>| thread::spawn(move || send_all(words(n / 2).map(parse), &sender));
        let parsers = [half(sender.clone()), half(sender)];
        black_box(numbers.iter().sum::<u64>());
        black_box(parsers.map(|parser| parser.join().ok()));
    }

    pub(super) fn parallel(n: u64) {
        let (sender, texts): (_, Receiver<&str>) = bounded(CAPACITY);
        let feeder = thread::spawn(move || send_all(words(n), &sender));
        let (sender, numbers) = bounded(CAPACITY);
        let parser = |texts: Receiver<&'static str>, sender: Sender<u64>| {
            thread::spawn(move || send_all(texts.iter().map(parse), &sender))
        };
        let parsers = [parser(texts.clone(), sender.clone()), parser(texts, sender)];
        black_box(numbers.iter().sum::<u64>());
        black_box((feeder.join().ok(), parsers.map(|parser| parser.join().ok())));
    }

    pub(super) fn sink_on_thread(n: u64) {
        let (sender, texts): (_, Receiver<&str>) = bounded(CAPACITY);
        let sink = thread::spawn(move || texts.iter().map(parse).filter(keep).sum::<u64>());
        send_all(words(n), &sender);
        drop(sender);
        black_box(sink.join().ok());
    }
}

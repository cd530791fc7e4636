//! Parse, filter, sum: three stages over ten million words.

use super::{Amount, Bar, Peer, Row, words};
use cogen::pipeline::{BoxStage, Ends, Pipeline, Sink, filter, fold, input, map, sink, source};
use itertools::Itertools;
use std::hint::black_box;

/// See the module.
pub(super) const PARSE_FILTER_SUM: Row = Row {
    name: "pipeline",
    runs: &[
        (Peer::Iterators, iterators),
        (Peer::Hand, hand),
        (Peer::Itertools, itertools),
        (Peer::Pulled, pulled),
        (Peer::PulledBoxed, pulled_boxed),
        (Peer::Pushed, pushed),
        (Peer::OneBody, one_body),
        (Peer::Bodies, bodies),
    ],
    bars: &[Bar::new(Peer::Pulled, 1.5, Peer::Iterators)],
    amount: Amount::Fixed {
        operations: 10_000_000,
        rounds: 9,
    },
};

fn parse(word: &str) -> u64 {
    word.parse().unwrap_or(0)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what `filter` takes")]
fn keep(n: &u64) -> bool {
    n % 3 == 0
}

#[inline(never)]
fn iterators(n: u64) {
    black_box(words(n).map(parse).filter(keep).sum::<u64>());
}

#[inline(never)]
fn hand(n: u64) {
    let mut sum = 0;
    for word in words(n) {
        let n = parse(word);
        if keep(&n) {
            sum += n;
        }
    }
    black_box(sum);
}

#[inline(never)]
fn itertools(n: u64) {
    let numbers = words(n).map(parse).filter(keep);
    black_box(numbers.tree_reduce(|a, b| a + b));
}

#[inline(never)]
fn pulled(n: u64) {
    let sum = source(words(n))
        .map(parse)
        .filter(keep)
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

#[inline(never)]
fn pulled_boxed(n: u64) {
    let sum = source(words(n))
        .pipe(BoxStage::new(map(parse)))
        .pipe(BoxStage::new(filter(keep)))
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

#[inline(never)]
fn pushed(n: u64) {
    let sum = input::<&str>()
        .map(parse)
        .filter(keep)
        .to(fold(0, |sum, n| sum + n));
    let mut push = sum.pushed();
    for word in words(n) {
        if push.feed(word).is_err() {
            break;
        }
    }
    black_box(push.finish().ok());
}

#[inline(never)]
fn one_body(n: u64) {
    let sum = source(words(n))
        .map(parse)
        .stage(|io| async move {
            while let Some(n) = io.recv().await {
                if keep(&n) {
                    io.emit(n).await;
                }
            }
        })
        .fold(0, |sum, n| sum + n);
    black_box(sum.ok());
}

#[inline(never)]
fn bodies(n: u64) {
    let sum = source(words(n))
        .stage(|io| async move {
            while let Some(word) = io.recv().await {
                io.emit(parse(word)).await;
            }
        })
        .stage(|io| async move {
            while let Some(n) = io.recv().await {
                if keep(&n) {
                    io.emit(n).await;
                }
            }
        })
        .run(sink(|io: Ends<'_, u64>| async move {
            let mut sum = 0;
            while let Some(n) = io.recv().await {
                sum += n;
            }
            sum
        }));
    black_box(sum.ok());
}

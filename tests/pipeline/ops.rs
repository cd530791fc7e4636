//! Every kind of stage from numbers to numbers, each with a naive model that works on vectors.
#![allow(dead_code, reason = "each test program uses a part")]

use cogen::Exception;
use cogen::pipeline::{
    BoxStage, Ends, LocalBoxStage, Pipeline, Stage, batch, chunks, enumerate, filter, filter_map,
    flat_map, fold, for_each, input, inspect, map, skip, stage, take, take_while, tee, try_map,
};

use crate::kit::Random;
use crate::support::Oops;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Map,
    TryMap,
    Filter,
    FilterMap,
    FlatMap,
    Take(usize),
    /// Up to the first item whose remainder modulo 7 is this.
    TakeWhile(i64),
    Skip(usize),
    Enumerate,
    Inspect,
    Chunks(usize),
    Batch(usize),
    Weighed(usize),
    Tee,
    /// The sink ends after this many items.
    TeeEnds(usize),
    Input,
    Body,
    /// Returns after this many items.
    BodyEnds(usize),
    /// Gives pairs, and the odd one at the end.
    BodyFlushes,
    BodyResult,
    Boxed,
    LocalBoxed,
    Piped,
    PipedAgain,
}

/// A function to apply to a stage, whatever the stage's type is.
pub(crate) trait Visit {
    type Output;
    fn visit<S: Stage<In = i64, Item = i64> + Send + 'static>(self, stage: S) -> Self::Output;
}

pub(crate) const ALL: &[Op] = &[
    Op::Map,
    Op::TryMap,
    Op::Filter,
    Op::FilterMap,
    Op::FlatMap,
    Op::Take(0),
    Op::Take(3),
    Op::TakeWhile(0),
    Op::TakeWhile(5),
    Op::Skip(0),
    Op::Skip(2),
    Op::Enumerate,
    Op::Inspect,
    Op::Chunks(1),
    Op::Chunks(3),
    Op::Batch(2),
    Op::Weighed(4),
    Op::Tee,
    Op::TeeEnds(2),
    Op::Input,
    Op::Body,
    Op::BodyEnds(2),
    Op::BodyFlushes,
    Op::BodyResult,
    Op::Boxed,
    Op::Piped,
    Op::PipedAgain,
];

fn sum(items: &[i64]) -> i64 {
    let first = i64::try_from(items.len()).unwrap() * 1_000;
    items.iter().fold(first, |sum, n| sum.wrapping_add(*n))
}

fn weight(n: i64) -> usize {
    usize::try_from(n.rem_euclid(4)).unwrap()
}

fn several(n: i64) -> impl Iterator<Item = i64> + Send {
    (0..n.rem_euclid(4)).map(move |k| n.wrapping_add(k))
}

fn numbered((i, n): (usize, i64)) -> i64 {
    n.wrapping_mul(10).wrapping_add(i64::try_from(i).unwrap())
}

impl Op {
    /// A random stage with small parameters.
    pub(crate) fn random(random: &mut Random) -> Self {
        let n = random.below(6);
        match ALL[random.below(ALL.len())] {
            Self::Take(_) => Self::Take(n * 3),
            Self::Skip(_) => Self::Skip(n),
            Self::Chunks(_) => Self::Chunks(n + 1),
            Self::Batch(_) => Self::Batch(n + 1),
            Self::Weighed(_) => Self::Weighed(n + 1),
            Self::TeeEnds(_) => Self::TeeEnds(n),
            Self::BodyEnds(_) => Self::BodyEnds(n * 2),
            other => other,
        }
    }

    /// Whether the results for an item depend on that item alone.
    pub(crate) fn is_stateless(self) -> bool {
        matches!(
            self,
            Self::Map
                | Self::TryMap
                | Self::Filter
                | Self::FilterMap
                | Self::FlatMap
                | Self::Skip(0)
                | Self::Inspect
                | Self::Chunks(1)
                | Self::Tee
                | Self::TeeEnds(_)
                | Self::Input
                | Self::Body
                | Self::BodyResult
                | Self::Boxed
                | Self::Piped
                | Self::PipedAgain
        )
    }

    /// What comes out for `items`.
    pub(crate) fn model(self, items: &[i64]) -> Vec<i64> {
        let each = items.iter().copied();
        match self {
            Self::Map | Self::Boxed | Self::LocalBoxed => each.map(|n| n.wrapping_mul(2)).collect(),
            Self::TryMap => each.map(|n| n.wrapping_sub(3)).collect(),
            Self::Filter => each.filter(|n| n.rem_euclid(3) != 0).collect(),
            Self::FilterMap => each.filter(|n| n % 2 == 0).map(|n| n / 2).collect(),
            Self::FlatMap => each.flat_map(several).collect(),
            Self::Take(n) | Self::BodyEnds(n) => each.take(n).collect(),
            Self::TakeWhile(n) => each.take_while(|m| m.rem_euclid(7) != n).collect(),
            Self::Skip(n) => each.skip(n).collect(),
            Self::Enumerate => each.enumerate().map(numbered).collect(),
            Self::Inspect | Self::Tee | Self::TeeEnds(_) | Self::Input => each.collect(),
            Self::Chunks(n) | Self::Batch(n) => items.chunks(n).map(sum).collect(),
            Self::Weighed(limit) => weighed(items, limit),
            Self::Body => each
                .flat_map(|n| if n % 5 == 0 { vec![n, n] } else { vec![n] })
                .collect(),
            Self::BodyFlushes => items.chunks(2).map(sum).collect(),
            Self::BodyResult => each.map(|n| n.wrapping_add(1)).collect(),
            Self::Piped => Self::Filter.model(&Self::Map.model(items)),
            Self::PipedAgain => Self::Body.model(&Self::Piped.model(items)),
        }
    }

    /// Applies `v` to the stage.
    pub(crate) fn with<V: Visit>(self, v: V) -> V::Output {
        match self {
            Self::Map => v.visit(map(|n: i64| n.wrapping_mul(2))),
            Self::TryMap => v.visit(try_map(|n: i64| Ok::<_, Oops>(n.wrapping_sub(3)))),
            Self::Filter => v.visit(filter(|n: &i64| n.rem_euclid(3) != 0)),
            Self::FilterMap => v.visit(filter_map(|n: i64| (n % 2 == 0).then_some(n / 2))),
            Self::FlatMap => v.visit(flat_map(several)),
            Self::Take(n) => v.visit(take(n)),
            Self::TakeWhile(n) => v.visit(take_while(move |m: &i64| m.rem_euclid(7) != n)),
            Self::Skip(n) => v.visit(skip(n)),
            Self::Enumerate => v.visit(enumerate().pipe(map(numbered))),
            Self::Inspect => v.visit(inspect(|_: &i64| ())),
            Self::Chunks(n) => v.visit(chunks(n).map(|chunk| sum(&chunk))),
            Self::Batch(n) => v.visit(batch(n).map(|batch| sum(&batch))),
            Self::Weighed(n) => v.visit(
                batch(n)
                    .weighing(|n: &i64| weight(*n))
                    .map(|batch| sum(&batch)),
            ),
            Self::Tee => v.visit(tee(fold(0, i64::wrapping_add))),
            Self::TeeEnds(n) => v.visit(tee(take(n).to(for_each(|_: i64| ())))),
            Self::Input => v.visit(input::<i64>()),
            Self::Body => v.visit(stage(double_fives)),
            Self::BodyEnds(n) => v.visit(stage(move |io| up_to(io, n))),
            Self::BodyFlushes => v.visit(stage(pairs)),
            Self::BodyResult => v.visit(stage(add_one)),
            Self::Boxed => v.visit(BoxStage::new(map(|n: i64| n.wrapping_mul(2)))),
            Self::LocalBoxed => unreachable!("a local box is not Send: see `local`"),
            Self::Piped => v.visit(map_and_filter()),
            Self::PipedAgain => v.visit(input().pipe(map_and_filter()).pipe(stage(double_fives))),
        }
    }

    pub(crate) fn boxed(self) -> BoxStage<'static, i64, i64> {
        struct Boxed;
        impl Visit for Boxed {
            type Output = BoxStage<'static, i64, i64>;
            fn visit<S: Stage<In = i64, Item = i64> + Send + 'static>(self, s: S) -> Self::Output {
                BoxStage::new(s)
            }
        }
        self.with(Boxed)
    }

    pub(crate) fn local(self) -> LocalBoxStage<'static, i64, i64> {
        let kept = std::rc::Rc::new(2);
        match self {
            Self::LocalBoxed => LocalBoxStage::new(map(move |n: i64| n.wrapping_mul(*kept))),
            other => LocalBoxStage::new(other.boxed()),
        }
    }
}

fn map_and_filter() -> impl Stage<In = i64, Item = i64> + Send {
    map(|n: i64| n.wrapping_mul(2)).filter(|n| n.rem_euclid(3) != 0)
}

async fn double_fives(io: Ends<'static, i64, i64>) {
    while let Some(n) = io.recv().await {
        io.emit(n).await;
        if n % 5 == 0 {
            io.emit(n).await;
        }
    }
}

async fn up_to(io: Ends<'static, i64, i64>, count: usize) {
    for _ in 0..count {
        match io.recv().await {
            Some(n) => io.emit(n).await,
            None => break,
        }
    }
}

async fn pairs(io: Ends<'static, i64, i64>) {
    let mut held = Vec::new();
    while let Some(n) = io.recv().await {
        held.push(n);
        if held.len() == 2 {
            io.emit(sum(&held)).await;
            held.clear();
        }
    }
    if !held.is_empty() {
        io.emit(sum(&held)).await;
    }
}

async fn add_one(io: Ends<'static, i64, i64>) -> Result<(), Exception> {
    while let Some(n) = io.recv().await {
        io.emit(n.wrapping_add(1)).await;
    }
    Ok(())
}

fn weighed(items: &[i64], limit: usize) -> Vec<i64> {
    let mut batches: Vec<(usize, Vec<i64>)> = Vec::new();
    for &n in items {
        match batches.last_mut() {
            Some((sum, batch)) if *sum < limit && *sum + weight(n) <= limit => {
                *sum += weight(n);
                batch.push(n);
            }
            _ => batches.push((weight(n), vec![n])),
        }
    }
    batches.iter().map(|(_, batch)| sum(batch)).collect()
}

/// What comes out of a pipe of `ops`.
pub(crate) fn model(ops: &[Op], items: &[i64]) -> Vec<i64> {
    ops.iter()
        .fold(items.to_vec(), |items, op| op.model(&items))
}

/// A pipe of `ops`.
pub(crate) fn pipe(ops: &[Op]) -> BoxStage<'static, i64, i64> {
    ops.iter().fold(BoxStage::new(input()), |above, op| {
        BoxStage::new(above.pipe(op.boxed()))
    })
}

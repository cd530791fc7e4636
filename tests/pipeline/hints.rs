//! `size_hint` at every step: the true count lies within it, and it is exact where std's is.

use cogen::pipeline::{
    LocalBoxSource, Pipeline, Source, batch, chunks, enumerate, flat_map, generated, merge, skip,
    source, take, zip,
};
use cogen::{Co, generator};

use crate::kit::Random;
use crate::ops::{ALL, Op, pipe};
use crate::support::Oops;

type Hint = (usize, Option<usize>);

/// Items with a hint that may be inexact.
struct Hinted<I> {
    items: I,
    hint: fn(usize) -> Hint,
}

impl<I: ExactSizeIterator> Iterator for Hinted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.items.next()
    }

    fn size_hint(&self) -> Hint {
        (self.hint)(self.items.len())
    }
}

const HINTS: &[fn(usize) -> Hint] = &[
    |n| (n, Some(n)),
    |_| (0, None),
    |n| (n / 2, None),
    |n| (n / 2, Some(n * 2)),
    |n| (0, Some(n + 1)),
    |n| (n, Some(usize::MAX)),
];

/// Checks that the hint is true at every step, also after the end; `exact` requires more.
fn check<T>(name: &str, mut pipeline: impl Source<Item = T>, count: usize, exact: bool) {
    for left in (0..=count).rev() {
        let (least, most) = pipeline.size_hint();
        assert!(least <= left, "{name}: {least} of {left}");
        assert!(
            most.is_none_or(|most| left <= most),
            "{name}: {most:?} of {left}"
        );
        if exact {
            assert_eq!((least, most), (left, Some(left)), "{name}");
        }
        assert_eq!(pipeline.iter().next().is_some(), left > 0, "{name}");
    }
    for _ in 0..2 {
        assert_eq!(pipeline.iter().size_hint().0, 0, "{name}: after the end");
        assert!(pipeline.iter().next().is_none());
    }
}

fn numbers(count: i64, hint: fn(usize) -> Hint) -> Hinted<std::vec::IntoIter<i64>> {
    let items: Vec<i64> = (1..=count).collect();
    Hinted {
        items: items.into_iter(),
        hint,
    }
}

fn is_exact(op: Op) -> bool {
    matches!(
        op,
        Op::Map
            | Op::Take(_)
            | Op::Skip(_)
            | Op::Enumerate
            | Op::Inspect
            | Op::Chunks(_)
            | Op::Input
            | Op::Boxed
    )
}

#[test]
fn every_stage_over_every_kind_of_source() {
    for &op in ALL {
        for (kind, &hint) in HINTS.iter().enumerate() {
            for count in [0, 1, 7] {
                let given = op.model(&(1..=count).collect::<Vec<_>>()).len();
                let name = format!("{op:?}, {count} of kind {kind}");
                let pipeline = source(numbers(count, hint)).pipe(op.boxed());
                check(&name, pipeline, given, kind == 0 && is_exact(op));
            }
        }
    }
}

#[test]
fn every_pair_of_stages() {
    for &above in ALL {
        for &below in ALL {
            if cfg!(miri) && above != below {
                continue;
            }
            let ops = [above, below];
            let given = crate::ops::model(&ops, &(1..=9).collect::<Vec<_>>()).len();
            let pipeline = source(numbers(9, HINTS[0])).pipe(pipe(&ops));
            check(
                &format!("{ops:?}"),
                pipeline,
                given,
                ops.into_iter().all(is_exact),
            );
        }
    }
}

#[test]
fn random_pipelines() {
    let mut random = Random::from_env();
    for _ in 0..if cfg!(miri) { 5 } else { 500 } {
        let ops: Vec<_> = (0..random.below(6))
            .map(|_| Op::random(&mut random))
            .collect();
        let given = crate::ops::model(&ops, &(1..=20).collect::<Vec<_>>()).len();
        let pipeline = source(numbers(20, HINTS[random.below(HINTS.len())])).pipe(pipe(&ops));
        check(&format!("{ops:?}"), pipeline, given, false);
    }
}

#[test]
fn stages_that_change_the_type() {
    let exact = || source(numbers(7, HINTS[0]));
    check("chunks", exact().pipe(chunks(3)), 3, true);
    check("batch", exact().pipe(batch(3)), 3, false);
    check("enumerate", exact().pipe(enumerate()), 7, true);
    check(
        "flat_map",
        exact().pipe(flat_map(|n| vec![n; 2])),
        14,
        false,
    );
    check(
        "flat_map of nothing",
        exact().pipe(flat_map(|_| None::<i64>)),
        0,
        false,
    );
    check("take of skip", exact().pipe(skip(2)).pipe(take(3)), 3, true);
    check("boxed", LocalBoxSource::new(exact().map(|n| n)), 7, true);
}

#[test]
fn merge_and_zip_are_exact() {
    for (a, b) in [(0, 0), (0, 3), (3, 0), (2, 5), (5, 2), (4, 4)] {
        let name = format!("{a} and {b}");
        let sources = || (source(numbers(a, HINTS[0])), source(numbers(b, HINTS[0])));
        let (first, second) = sources();
        check(
            &name,
            merge(first, second),
            usize::try_from(a + b).unwrap(),
            true,
        );
        let (first, second) = sources();
        check(
            &name,
            zip(first, second),
            usize::try_from(a.min(b)).unwrap(),
            true,
        );
        for &hint in HINTS {
            let (first, _) = sources();
            check(
                &name,
                merge(first, source(numbers(b, hint))),
                usize::try_from(a + b).unwrap(),
                false,
            );
            let (first, _) = sources();
            check(
                &name,
                zip(source(numbers(b, hint)), first),
                usize::try_from(a.min(b)).unwrap(),
                false,
            );
        }
    }
}

#[test]
fn a_generator_says_nothing() {
    let numbers = generator(|co: Co<'_, i64>| async move {
        co.yield_(1).await;
        co.yield_(2).await;
    });
    check("generated", generated(numbers.boxed()), 2, false);
}

#[test]
fn after_close_and_after_throw_nothing_is_to_come() {
    for &op in ALL {
        for thrown in [false, true] {
            let mut pipeline = source(numbers(20, HINTS[0])).pipe(op.boxed());
            let _first = pipeline.iter().next();
            if thrown {
                pipeline.throw(Oops(1).into());
            } else {
                pipeline.close();
            }
            check(&format!("{op:?}"), pipeline, 0, is_exact(op));
        }
    }
}

#[test]
fn huge_hints_do_not_overflow() {
    let endless = || std::iter::repeat_n(1, usize::MAX);
    for &op in ALL {
        let mut pipeline = source(endless()).pipe(op.boxed()).pipe(op.boxed());
        let (least, most) = pipeline.iter().size_hint();
        assert!(most.is_none_or(|most| least <= most), "{op:?}");
    }
    let merged = merge(source(endless()), source(endless()));
    assert_eq!(merged.size_hint(), (usize::MAX, None));
    assert_eq!(
        zip(merged, source(endless())).size_hint(),
        (usize::MAX, Some(usize::MAX))
    );
    let results = source(endless()).results();
    assert_eq!(results.size_hint(), (1, None));
}

#[test]
fn the_hint_of_results_has_place_for_the_error() {
    for fails_at in 1..=5 {
        let pipeline = source(numbers(4, HINTS[0]))
            .try_map(|n| if n == fails_at { Err(Oops(1)) } else { Ok(n) });
        let mut results = pipeline.results();
        let count = usize::try_from(fails_at.min(4)).unwrap();
        for left in (0..=count).rev() {
            let (least, most) = results.size_hint();
            assert!(least <= left && most.is_none_or(|most| left <= most));
            assert_eq!(results.next().is_some(), left > 0);
        }
    }
}

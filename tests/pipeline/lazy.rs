//! Each stage takes only what it needs; a stage that ends early closes everything above it.

use cogen::pipeline::{
    BoxStage, Ends, Pipeline, Sink, Source, Stage, batch, broadcast, chunks, collect,
    coroutine_with, enumerate, filter, filter_map, flat_map, fold, for_each, generated, input,
    inspect, map, merge, sink, skip, source, stage, take, take_while, tee, try_map, zip,
};
use cogen::{Co, Exception, generator};

use crate::kit::{Counts, Log, Probe};
use crate::ops::{ALL, pipe};
use crate::support::Oops;

/// Passes items on, and logs how it ended.
pub(crate) fn witness(name: &'static str, log: &Log<String>) -> BoxStage<'static, i64, i64> {
    let log = log.clone();
    BoxStage::new(stage(move |io: Ends<'static, i64, i64>| async move {
        let passing = async {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        };
        match io.catch(passing).await {
            Ok(()) => log.add(format!("{name}: end")),
            Err(exception) => {
                log.add(format!("{name}: {exception}"));
                io.raise(exception).await;
            }
        }
    }))
}

/// Checks that `stage` polls its source `polls` times for `wanted` items, and not at all before.
fn needs<S: Stage<In = i64>>(name: &str, stage: S, wanted: usize, polls: usize) {
    let counts = Counts::default();
    let mut pipeline = source(counts.of(1..)).pipe(stage);
    let _hint = pipeline.iter().size_hint();
    assert_eq!(counts.polls.get(), 0, "{name}: lazy");
    assert_eq!(pipeline.iter().take(wanted).count(), wanted, "{name}");
    assert_eq!(counts.polls.get(), polls, "{name}");
    assert!(!counts.is_dropped(), "{name}: it could go on");
    drop(pipeline);
    assert!(counts.is_dropped(), "{name}");
    assert_eq!(
        counts.polls.get(),
        polls,
        "{name}: nothing is asked for when it is dropped"
    );
}

/// Checks that `stage` gives `given` items in all, polls its source `polls` times, and closes it at its end.
fn ends<S: Stage<In = i64>>(name: &str, stage: S, given: usize, polls: usize) {
    let counts = Counts::default();
    let mut pipeline = source(counts.of(1..)).pipe(stage);
    assert_eq!(pipeline.iter().count(), given, "{name}");
    assert_eq!(counts.polls.get(), polls, "{name}");
    assert!(counts.is_dropped(), "{name}: closed");
    for _ in 0..3 {
        assert!(pipeline.iter().next().is_none(), "{name}: fused");
    }
    assert_eq!(counts.polls.get(), polls, "{name}");
    pipeline.outcome().unwrap();
}

#[test]
fn each_stage_takes_what_it_needs() {
    needs("map", map(|n: i64| n), 2, 2);
    needs("try_map", try_map(Ok::<i64, Oops>), 2, 2);
    needs("filter", filter(|n: &i64| n % 2 == 0), 2, 4);
    needs(
        "filter_map",
        filter_map(|n: i64| (n % 3 == 0).then_some(n)),
        2,
        6,
    );
    needs("flat_map", flat_map(|n: i64| [n, n]), 3, 2);
    needs("flat_map, empty", flat_map(|n: i64| (1..n).take(1)), 1, 2);
    needs("take", take(5), 3, 3);
    needs("take, the last", take(3), 3, 3);
    needs("take_while", take_while(|n: &i64| *n < 9), 3, 3);
    needs("skip", skip(4), 1, 5);
    needs("skip", skip(4), 0, 0);
    needs("enumerate", enumerate(), 2, 2);
    needs("inspect", inspect(|_: &i64| ()), 2, 2);
    needs("chunks", chunks(3), 2, 6);
    needs("batch", batch(3), 2, 6);
    needs(
        "weighing",
        batch(3).weighing(|n: &i64| usize::try_from(*n).unwrap()),
        1,
        2,
    );
    needs(
        "weighing, one that is too heavy",
        batch(2).weighing(|_: &i64| 9),
        2,
        2,
    );
    needs("tee", tee(collect::<Vec<i64>, _>()), 2, 2);
    needs(
        "tee of one that ends",
        tee(take(1).to(fold(0, |a, b| a + b))),
        3,
        3,
    );
    needs("input", input::<i64>(), 2, 2);
    needs("a body", witness("body", &Log::new()), 2, 2);
}

#[test]
fn each_stage_that_ends_early_takes_what_it_needs_and_closes() {
    ends("take(0)", take(0), 0, 0);
    ends("take(3)", take(3), 3, 3);
    ends("take_while", take_while(|n: &i64| *n < 4), 3, 4);
    ends("a body that returns", stage(two), 2, 2);
    ends(
        "take in a pipe",
        input().map(|n: i64| n).take(2).map(|n| n),
        2,
        2,
    );
    ends("take of chunks", chunks(3).take(2), 2, 6);
    ends("chunks of take", take(4).chunks(3), 2, 4);
    ends("flat_map of take", take(2).flat_map(|n: i64| [n, n]), 4, 2);
    ends(
        "take of flat_map",
        flat_map(|n: i64| vec![n; 3]).take(4),
        4,
        2,
    );
    ends("take twice", take(3).take(3), 3, 3);
    ends("take, then less", take(3).take(1), 1, 1);
    ends(
        "take_while of skip",
        skip(2).take_while(|n: &i64| *n < 4),
        1,
        4,
    );
    ends("boxed", BoxStage::new(take(2)), 2, 2);
}

async fn two(io: Ends<'static, i64, i64>) {
    for _ in 0..2 {
        let n = io.recv().await.unwrap();
        io.emit(n).await;
    }
}

#[test]
fn no_pipeline_polls_before_an_item_is_asked_for() {
    for &op in ALL {
        let counts = Counts::default();
        let pipeline = source(counts.of(1..)).pipe(pipe(&[op, op, op]));
        let results = pipeline.results();
        assert_eq!(counts.polls.get(), 0, "{op:?}");
        drop(results);
        assert!(counts.is_dropped(), "{op:?}");
    }
}

#[test]
fn an_early_end_closes_the_bodies_above_from_below_to_above() {
    for position in 0..3 {
        let (counts, log) = (Counts::default(), Log::new());
        let mut stages = vec![
            witness("first", &log),
            witness("second", &log),
            witness("third", &log),
        ];
        stages.insert(position, BoxStage::new(take(2)));
        let stage = stages
            .into_iter()
            .reduce(|above, below| BoxStage::new(above.pipe(below)));
        let mut pipeline = source(counts.of(1..)).pipe(stage.unwrap());
        assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1, 2]);
        assert!(counts.is_dropped(), "promptly");
        let mut expected: Vec<_> = ["first", "second", "third"][..position]
            .iter()
            .rev()
            .map(|name| format!("{name}: generator exit"))
            .collect();
        expected.extend(
            ["first", "second", "third"][position..]
                .iter()
                .map(|name| format!("{name}: end")),
        );
        assert_eq!(log.take(), expected, "take at {position}");
        pipeline.outcome().unwrap();
        drop(pipeline);
        assert!(log.take().is_empty(), "each ends once");
    }
}

#[test]
fn a_generator_sees_generator_exit_when_no_more_is_wanted() {
    let log = Log::new();
    let seen = log.clone();
    let numbers = generator(move |co: Co<'_, i64>| async move {
        for n in 1.. {
            if let Err(exception) = co.try_yield(n).await {
                seen.add(format!("{n}: {exception}"));
                co.raise(exception).await;
            }
        }
    });
    let mut pipeline = generated(numbers.boxed()).take(2);
    assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(log.take(), ["2: generator exit"]);
    pipeline.outcome().unwrap();
    assert_eq!(pipeline.iter().next(), None);
}

#[test]
fn a_sink_that_wants_no_more_closes_the_source() {
    fn check<K: Sink<In = i64>>(name: &str, sink: K, polls: usize) {
        let (counts, log) = (Counts::default(), Log::new());
        let probe = Probe::default();
        let above = source(counts.of(1..))
            .pipe(witness("above", &log))
            .pipe(probe.stage());
        assert!(above.run(sink).is_ok(), "{name}");
        assert_eq!(counts.polls.get(), polls, "{name}");
        assert_eq!(log.take(), ["above: generator exit"], "{name}");
        assert!(probe.closes.get() > 0, "{name}");
        assert!(counts.is_dropped(), "{name}");
    }
    check("take", take(2).to(collect::<Vec<_>, _>()), 2);
    check(
        "a body",
        sink(|io: Ends<'_, i64>| async move { (io.recv().await, io.recv().await) }),
        2,
    );
    let first_two =
        generator(|co: Co<'_, (), i64>| async move { (co.yield_(()).await, co.yield_(()).await) });
    check(
        "a coroutine",
        coroutine_with(first_two.boxed(), Ok::<_, Exception>),
        2,
    );
    check(
        "broadcast",
        broadcast((take(1).to(for_each(|_| ())), take(2).to(for_each(|_| ())))),
        2,
    );
}

#[test]
fn a_pushed_pipeline_closes_as_soon_as_it_wants_no_more() {
    let log = Log::new();
    let mut push = witness("above", &log)
        .take(2)
        .to(collect::<Vec<_>, _>())
        .pushed();
    push.feed(1).unwrap();
    assert!(log.take().is_empty());
    push.feed(2).unwrap();
    assert_eq!(log.take(), ["above: generator exit"]);
    assert!(push.is_ended());
    assert_eq!(push.finish().unwrap(), [1, 2]);
}

#[test]
fn merge_and_zip_take_in_turn() {
    let (first, second) = (Counts::default(), Counts::default());
    let mut merged = merge(source(first.of(1..)), source(second.of(1..)));
    assert_eq!(first.polls.get() + second.polls.get(), 0);
    assert_eq!(merged.iter().take(3).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!((first.polls.get(), second.polls.get()), (2, 1));
    merged.close();
    assert!(first.is_dropped() && second.is_dropped());

    let (first, second) = (Counts::default(), Counts::default());
    let mut zipped = zip(source(first.of(1..)), source(second.of(1..3)));
    assert_eq!(zipped.iter().take(1).count(), 1);
    assert_eq!((first.polls.get(), second.polls.get()), (1, 1));
    assert_eq!(zipped.iter().count(), 1);
    assert_eq!((first.polls.get(), second.polls.get()), (3, 3));
    assert!(first.is_dropped(), "the longer one is closed");
}

#[test]
fn everything_is_fused_after_close_and_after_throw() {
    for &op in ALL {
        for thrown in [false, true] {
            for taken in 0..3 {
                let counts = Counts::default();
                let mut pipeline = source(counts.of(1..40)).pipe(pipe(&[op, op]));
                let _seen = pipeline.iter().take(taken).count();
                if thrown {
                    pipeline.throw(Oops(1).into());
                } else {
                    pipeline.close();
                }
                assert!(counts.is_dropped(), "{op:?}");
                for _ in 0..3 {
                    assert_eq!(
                        pipeline.iter().next(),
                        None,
                        "{op:?} after {taken}, {thrown}"
                    );
                }
                let error = pipeline.outcome().err();
                assert_eq!(
                    error.map(|error| crate::kit::oops(&error)),
                    thrown.then_some(1),
                    "{op:?}"
                );
                pipeline.outcome().unwrap();
            }
        }
    }
}

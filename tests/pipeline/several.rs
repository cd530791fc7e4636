//! Several errors, and several sources and sinks.

use cogen::pipeline::{
    BoxStage, Ends, Pipeline, Source, broadcast, collect, for_each, sink, source, stage, take, tee,
};

use crate::errors::{Fault, third};
use crate::kit::{Counts, Log, blown, oops};
use crate::lazy::witness;
use crate::support::Oops;

/// Passes items on; its clean-up raises an exception.
fn sloppy(n: i32) -> BoxStage<'static, i64, i64> {
    BoxStage::new(stage(move |io: Ends<'static, i64, i64>| async move {
        let passing = async {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        };
        let cleanup = async { match io.raise(Oops(n)).await {} };
        io.finally(passing, cleanup).await;
    }))
}

#[test]
fn what_is_raised_while_closing_is_told_from_above_to_below() {
    let mut pipeline = source(1..).pipe(sloppy(1)).pipe(sloppy(2)).take(1);
    assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(oops(&pipeline.outcome().unwrap_err()), 1);
    assert_eq!(oops(&pipeline.outcome().unwrap_err()), 2);
    pipeline.outcome().unwrap();

    let error = source(1..)
        .pipe(sloppy(1))
        .take(1)
        .collect::<Vec<_>>()
        .unwrap_err();
    assert_eq!(oops(error.exception()), 1);
    assert_eq!(error.into_output().unwrap(), [1]);
}

#[test]
fn what_is_raised_while_an_error_passes_replaces_it() {
    let pipeline = source(1..).pipe(sloppy(1)).pipe(Fault::TryMap.stage());
    let mut results = pipeline.results().filter_map(Result::err);
    assert_eq!(oops(&results.next().unwrap()), 1);
    assert!(results.next().is_none());
}

#[test]
fn what_is_raised_while_closing_is_kept_when_it_is_closed_again() {
    fn check<S: Source<Item = i64>>(name: &str, mut pipeline: S) {
        assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1], "{name}");
        assert_eq!(pipeline.iter().next(), None, "{name}");
        let error = pipeline.outcome().err();
        assert_eq!(error.map(|error| oops(&error)), Some(1), "{name}");
    }
    let closed = || source(1..).pipe(sloppy(1)).take(1);
    check("polled after the end", closed());
    check("take_while", closed().take_while(|_| true));
    check(
        "a body",
        closed().pipe(stage(|io: Ends<'static, i64, i64>| async move {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        })),
    );
    let error = closed().run(sink(|io: Ends<'static, i64>| async move {
        while io.recv().await.is_some() {}
    }));
    assert!(error.is_err(), "a sink of straight-line code");
    assert!(
        closed()
            .run(broadcast(vec![collect::<Vec<_>, _>()]))
            .is_err(),
        "broadcast"
    );
}

#[test]
fn several_errors_come_in_order() {
    let late = tee(Fault::RaisesAtTheEnd
        .stage()
        .map(|n| n)
        .to(for_each(|_| ())));
    let later = stage(|io: Ends<'static, i64, i64>| async move {
        while let Some(n) = io.recv().await {
            io.emit(n).await;
        }
    });
    let pipeline = source(1..)
        .try_map(|n| if n == 3 { Err(Oops(2)) } else { Ok(n) })
        .pipe(late)
        .pipe(later);
    let seen: Vec<_> = pipeline
        .results()
        .map(|result| result.map_err(|error| oops(&error)))
        .collect();
    assert_eq!(seen, [Ok(1), Ok(2), Err(2), Err(3)]);
}

#[test]
fn the_sink_of_a_tee_sees_the_end_when_another_stage_fails() {
    for position in [0, 1] {
        let log = Log::new();
        let side = witness("side", &log).to(for_each(|_| ()));
        let fails = source(1..);
        let seen = if position == 0 {
            fails
                .tee(side)
                .pipe(Fault::TryMap.stage())
                .collect::<Vec<_>>()
        } else {
            fails
                .pipe(Fault::TryMap.stage())
                .tee(side)
                .collect::<Vec<_>>()
        };
        assert_eq!(seen.unwrap_err().into_output().unwrap(), [1, 2]);
        assert_eq!(log.take(), ["side: end"], "tee at {position}");
    }
}

#[test]
fn the_other_sinks_of_a_broadcast_see_the_end_when_one_fails() {
    let log = Log::new();
    let sinks = broadcast((
        witness("before", &log).to(collect::<Vec<_>, _>()),
        Fault::Raises.stage().to(collect::<Vec<_>, _>()),
        witness("after", &log).to(collect::<Vec<_>, _>()),
    ));
    let error = source(1..)
        .pipe(witness("above", &log))
        .run(sinks)
        .unwrap_err();
    assert_eq!(oops(error.exception()), 3);
    assert_eq!(
        error.into_output().unwrap(),
        (vec![1, 2, 3], vec![1, 2], vec![1, 2]),
        "each sink gives an output for its items"
    );
    assert_eq!(log.take(), ["before: end", "after: end", "above: oops 3"]);
}

#[test]
fn an_error_of_one_source_ends_the_other() {
    let fails = || source(1..).try_map(third);
    let merged = fails().merge(source(10..14)).results();
    let seen: Vec<_> = merged
        .map(|item| item.map_err(|error| oops(&error)))
        .collect();
    assert_eq!(seen, [Ok(1), Ok(10), Ok(2), Ok(11), Err(3)]);
    let merged = source(10..14).merge(fails()).results();
    let seen: Vec<_> = merged
        .map(|item| item.map_err(|error| oops(&error)))
        .collect();
    assert_eq!(seen, [Ok(10), Ok(1), Ok(11), Ok(2), Ok(12), Err(3)]);

    let counts = Counts::default();
    let mut zipped = fails().zip(source(counts.of(10..)));
    assert_eq!(zipped.iter().collect::<Vec<_>>(), [(1, 10), (2, 11)]);
    assert!(counts.is_dropped());
    assert_eq!(oops(&zipped.outcome().unwrap_err()), 3);
    let counts = Counts::default();
    let mut zipped = source(counts.of(10..)).zip(fails());
    assert_eq!(zipped.iter().collect::<Vec<_>>(), [(10, 1), (11, 2)]);
    assert!(counts.is_dropped());
    assert_eq!(oops(&zipped.outcome().unwrap_err()), 3);
}

#[test]
fn an_error_below_a_merge_goes_where_the_last_item_came_from() {
    for (fails_at, expected) in [
        (2, "first: oops 9, second: generator exit"),
        (11, "second: oops 9, first: generator exit"),
    ] {
        let log = Log::new();
        let merged = source(1..)
            .pipe(witness("first", &log))
            .merge(source(10..).pipe(witness("second", &log)));
        let error = merged
            .try_map(|n| if n == fails_at { Err(Oops(9)) } else { Ok(n) })
            .collect::<Vec<_>>()
            .unwrap_err();
        assert_eq!(oops(error.exception()), 9);
        assert_eq!(log.take().join(", "), expected);
    }
}

#[test]
fn an_error_below_a_zip_goes_to_the_first() {
    let log = Log::new();
    let zipped = source(1..)
        .pipe(witness("first", &log))
        .zip(source(1..).pipe(witness("second", &log)));
    let error = zipped
        .try_map(|(n, _)| third(n))
        .collect::<Vec<_>>()
        .unwrap_err();
    assert_eq!(oops(error.exception()), 3);
    assert_eq!(log.take(), ["first: oops 3", "second: generator exit"]);
}

#[test]
fn nothing_runs_in_a_stage_that_had_not_started() {
    let log = Log::new();
    let mut pipeline = source(1..).pipe(witness("never", &log)).pipe(take(0));
    assert_eq!(pipeline.iter().next(), None);
    let mut thrown = source(1..).pipe(witness("never", &log));
    thrown.throw(Oops(5).into());
    assert_eq!(oops(&thrown.outcome().unwrap_err()), 5);
    assert!(log.take().is_empty());
    assert_eq!(blown(|| drop(pipeline)), None);
}

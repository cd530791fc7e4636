//! Pipelines that are fed.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use cogen::pipeline::{
    Awaits, Ends, FeedError, Pipeline, Sink, batch, collect, fold, for_each, generated, input,
    sink, source, stage, take, tee,
};
use cogen::{Co, generator};

use crate::kit::Log;
use crate::lazy::witness;
use crate::support::pending_once;

#[test]
fn an_item_that_is_not_taken_comes_back() {
    let mut push = take(2).to(collect::<Vec<String>, _>()).pushed();
    push.feed("a".to_owned()).unwrap();
    assert!(!push.is_ended());
    push.feed("b".to_owned()).unwrap();
    assert!(push.is_ended());
    for _ in 0..2 {
        let error = push.feed("c".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "pipeline has ended");
        assert_eq!(error.into_item().unwrap(), "c");
    }
    assert_eq!(push.finish().unwrap(), ["a", "b"]);
}

#[test]
fn what_takes_nothing_gives_the_first_item_back() {
    let mut push = take(0).to(collect::<Vec<_>, _>()).pushed();
    assert!(!push.is_ended(), "the pipeline has not been polled");
    assert!(matches!(push.feed(1), Err(FeedError::Ended(1))));
    assert!(push.is_ended());
    assert_eq!(push.finish().unwrap(), []);
}

#[test]
fn finish_without_an_item_lets_every_stage_flush() {
    let ends = stage(|io: Ends<'static, i64, i64>| async move {
        while io.recv().await.is_some() {}
        io.emit(7).await;
        io.emit(8).await;
    });
    let push = input::<i64>()
        .pipe(ends)
        .chunks(3)
        .to(collect::<Vec<_>, _>())
        .pushed();
    assert_eq!(push.finish().unwrap(), [[7, 8]]);
    assert_eq!(
        input::<i64>()
            .to(fold(5, |a, b| a + b))
            .pushed()
            .finish()
            .unwrap(),
        5
    );
}

#[test]
fn finish_lets_what_is_held_go_through_every_stage() {
    let pipe = input::<i64>()
        .chunks(2)
        .map(|chunk| chunk.iter().sum::<i64>())
        .chunks(3)
        .batch(2);
    let mut push = pipe.to(collect::<Vec<_>, _>()).pushed();
    for n in 1..=3 {
        push.feed(n).unwrap();
    }
    assert_eq!(push.finish().unwrap(), [[[3, 3]]]);
}

#[test]
fn an_item_has_gone_as_far_as_it_gets_when_feed_returns() {
    let seen = RefCell::new(Vec::new());
    let sink = for_each(|n| seen.borrow_mut().push(n));
    let mut push = input::<i64>()
        .flat_map(|n| [n, -n])
        .filter(|n| *n != 2)
        .to(sink)
        .pushed();
    push.feed(1).unwrap();
    assert_eq!(*seen.borrow(), [1, -1]);
    push.feed(2).unwrap();
    assert_eq!(*seen.borrow(), [1, -1, -2]);
    push.finish().unwrap();
}

#[test]
fn a_push_that_is_dropped_closes_its_stages_and_flushes_nothing() {
    let (log, given) = (Log::new(), Log::new());
    let (side, sink) = (given.clone(), given.clone());
    let pipe = witness("first", &log)
        .tee(input().chunks(2).to(for_each(move |chunk| side.add(chunk))))
        .pipe(witness("second", &log))
        .chunks(2);
    let mut push = pipe.to(for_each(move |chunk| sink.add(chunk))).pushed();
    push.feed(1).unwrap();
    drop(push);
    assert!(given.take().is_empty());
    let mut seen = log.take();
    seen.sort();
    assert_eq!(seen, ["first: generator exit", "second: generator exit"]);
}

#[test]
fn a_body_that_awaits_something_else_is_an_error_in_a_sync_pipeline() {
    let waits = || {
        stage(|io: Ends<'static, i64, i64>| async move {
            while let Some(n) = io.recv().await {
                if n == 2 {
                    pending_once().await;
                }
                io.emit(n).await;
            }
        })
    };
    let log = Log::new();
    let above = || witness("above", &log);
    let error = source(1..)
        .pipe(above())
        .pipe(waits())
        .collect::<Vec<_>>()
        .unwrap_err();
    assert!(error.exception().is::<Awaits>());
    assert_eq!(error.into_output().unwrap(), [1]);
    assert_eq!(log.take().len(), 1);

    let mut pipeline = source(1..).pipe(above()).pipe(waits());
    assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1]);
    assert!(pipeline.outcome().unwrap_err().is::<Awaits>());
    assert_eq!(log.take().len(), 1);

    let mut push = above().pipe(waits()).to(collect::<Vec<_>, _>()).pushed();
    push.feed(1).unwrap();
    assert!(matches!(push.feed(2), Err(FeedError::Raised(error)) if error.is::<Awaits>()));
    assert_eq!(log.take().len(), 1);
    assert_eq!(push.finish().unwrap(), [1]);
}

#[test]
fn a_sink_and_a_generator_that_await_something_else_are_errors() {
    let waits = sink(|_: Ends<'static, i64>| pending_once());
    assert!(
        source(1..)
            .run(waits)
            .unwrap_err()
            .exception()
            .is::<Awaits>()
    );
    let waits = generator(|co: Co<'_, i64>| async move {
        co.yield_(1).await;
        pending_once().await;
        co.yield_(2).await;
    });
    let error = generated(waits.boxed()).collect::<Vec<_>>().unwrap_err();
    assert!(error.exception().is::<Awaits>());
}

#[test]
fn a_source_that_awaits_ends_an_iterator() {
    let waits = generator(|co: Co<'_, i64>| async move {
        co.yield_(1).await;
        pending_once().await;
        co.yield_(2).await;
    });
    let log = Log::new();
    let mut pipeline = generated(waits.boxed()).pipe(witness("below", &log));
    assert_eq!(pipeline.iter().collect::<Vec<_>>(), [1]);
    assert!(pipeline.outcome().unwrap_err().is::<Awaits>());
    assert_eq!(pipeline.iter().next(), None);
}

#[test]
fn batches_by_a_virtual_clock() {
    let now = Cell::new(Duration::ZERO);
    let seen = RefCell::new(Vec::new());
    let by_age = batch(3).within_by(Duration::from_secs(10), || now.get());
    let mut push = by_age
        .to(for_each(|batch: Vec<u64>| seen.borrow_mut().push(batch)))
        .pushed();
    // The third item fills the first batch; 30 comes when 20 is old; the last item is given at the end.
    for second in [0, 1, 2, 20, 30, 31, 45] {
        now.set(Duration::from_secs(second));
        push.feed(second).unwrap();
    }
    assert_eq!(*seen.borrow(), [vec![0, 1, 2], vec![20, 30], vec![31, 45]]);
    push.feed(46).unwrap();
    push.finish().unwrap();
    assert_eq!(seen.into_inner().last(), Some(&vec![46]));
}

#[test]
fn batches_by_weight_hold_an_item_for_the_next() {
    let seen = RefCell::new(Vec::new());
    let by_weight = batch(5).weighing(|n: &usize| *n);
    let mut push = by_weight
        .to(for_each(|batch: Vec<usize>| seen.borrow_mut().push(batch)))
        .pushed();
    for (weight, batches) in [(2, 0), (4, 1), (1, 2), (9, 3), (0, 3), (5, 4)] {
        push.feed(weight).unwrap();
        assert_eq!(seen.borrow().len(), batches, "after {weight}");
    }
    push.finish().unwrap();
    assert_eq!(
        seen.into_inner(),
        [vec![2], vec![4, 1], vec![9], vec![0, 5]]
    );
}

#[test]
fn a_tee_whose_sink_ends_is_passed_over() {
    let seen = RefCell::new(Vec::new());
    let side = take(2).to(for_each(|n| seen.borrow_mut().push(n)));
    let mut push = tee(side).to(fold(0, |a, b: i64| a + b)).pushed();
    for n in 1..=4 {
        push.feed(n).unwrap();
    }
    assert_eq!(push.finish().unwrap(), 10);
    assert_eq!(seen.into_inner(), [1, 2]);
}

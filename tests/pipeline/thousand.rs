//! A thousand stages: they fit on the stack of a test's thread, and their cost grows in proportion.

use cogen::pipeline::{
    BoxSource, BoxStage, Ends, Pipeline, Sink, Source, collect, input, map, source, stage,
};

use crate::kit::{Counts, Probe, oops};
use crate::support::Oops;

const MANY: usize = if cfg!(miri) { 40 } else { 1_000 };

/// `count` stages of each kind in turn, with a probe behind each.
fn line(
    count: usize,
    probe: &Probe,
    make: impl Fn(usize) -> BoxStage<'static, i64, i64>,
) -> BoxStage<'static, i64, i64> {
    let mut pipe = BoxStage::new(input());
    for n in 0..count {
        pipe = BoxStage::new(pipe.pipe(make(n)).pipe(probe.stage()));
    }
    pipe
}

fn body() -> BoxStage<'static, i64, i64> {
    BoxStage::new(stage(|io: Ends<'static, i64, i64>| async move {
        while let Some(n) = io.recv().await {
            io.emit(n + 1).await;
        }
    }))
}

fn adding(n: usize) -> BoxStage<'static, i64, i64> {
    match n % 4 {
        0 => BoxStage::new(map(|n| n + 1)),
        1 => body(),
        2 => BoxStage::new(cogen::pipeline::try_map(|n| Ok::<_, Oops>(n + 1))),
        _ => BoxStage::new(cogen::pipeline::flat_map(|n| [n + 1])),
    }
}

fn expected(count: usize, items: i64) -> Vec<i64> {
    (1..=items)
        .map(|n| n + i64::try_from(count).unwrap())
        .collect()
}

#[test]
fn a_thousand_stages_give_what_they_should() {
    let probe = Probe::default();
    let make = || line(MANY, &probe, adding);
    assert_eq!(
        source(1..=3).pipe(make()).collect::<Vec<_>>().unwrap(),
        expected(MANY, 3)
    );
    assert_eq!(
        source(1..=3)
            .run(make().to(collect::<Vec<_>, _>()))
            .unwrap(),
        expected(MANY, 3)
    );
    let mut push = make().to(collect::<Vec<_>, _>()).pushed();
    for n in 1..=3 {
        push.feed(n).unwrap();
    }
    assert_eq!(push.finish().unwrap(), expected(MANY, 3));
}

#[test]
fn a_thousand_boxed_sources_in_one_another() {
    fn nested(count: usize) -> BoxSource<'static, i64> {
        match count {
            0 => BoxSource::new(source(1..=3)),
            _ => BoxSource::new(nested(count - 1).map(|n| n + 1)),
        }
    }
    assert_eq!(nested(MANY).size_hint(), (3, Some(3)));
    assert_eq!(nested(MANY).collect::<Vec<_>>().unwrap(), expected(MANY, 3));
}

#[test]
fn a_thousand_stages_from_below_to_above() {
    let pipe = (0..MANY).fold(BoxStage::new(input()), |below, n| {
        BoxStage::new(adding(n).pipe(below))
    });
    assert_eq!(
        source(1..=3).pipe(pipe).collect::<Vec<_>>().unwrap(),
        expected(MANY, 3)
    );
}

#[test]
fn a_thousand_stages_end_early_fail_and_are_dropped() {
    let (probe, counts) = (Probe::default(), Counts::default());
    let pipe = line(MANY, &probe, adding);
    assert_eq!(
        source(counts.of(1..))
            .pipe(pipe)
            .take(2)
            .collect::<Vec<_>>()
            .unwrap(),
        expected(MANY, 2)
    );
    assert!(counts.is_dropped());

    let fails = line(MANY, &probe, adding).try_map(|_| Err::<i64, _>(Oops(1)));
    assert_eq!(
        oops(
            source(1..)
                .pipe(fails)
                .collect::<Vec<_>>()
                .unwrap_err()
                .exception()
        ),
        1
    );

    let mut dropped = source(1..).pipe(line(MANY, &probe, adding));
    assert_eq!(
        dropped.iter().next(),
        Some(1 + i64::try_from(MANY).unwrap())
    );
    drop(dropped);
    drop(line(MANY, &probe, adding));
}

/// How often the probes of `count` stages are called for `items` items, and for the end.
fn calls(
    count: usize,
    items: usize,
    make: fn(usize) -> BoxStage<'static, i64, i64>,
) -> (usize, usize) {
    let probe = Probe::default();
    let mut pipeline = source(std::iter::repeat_n(1, items)).pipe(line(count, &probe, make));
    assert_eq!(pipeline.iter().take(items).count(), items);
    let before = probe.calls();
    assert!(pipeline.iter().next().is_none());
    (before, probe.calls() - before)
}

#[test]
fn the_cost_of_items_is_linear() {
    for count in [MANY / 10, MANY] {
        for items in [1, 10] {
            let (calls, _) = calls(count, items, adding);
            assert_eq!(calls, count * items, "{items} items through {count} stages");
        }
    }
}

#[test]
fn the_cost_of_the_end_is_linear() {
    fn take_while(_: usize) -> BoxStage<'static, i64, i64> {
        BoxStage::new(cogen::pipeline::take_while(|_| true))
    }
    for count in [MANY / 10, MANY] {
        for (name, make) in [
            ("mixed", adding as fn(usize) -> _),
            ("bodies", |_| body()),
            ("take_while", take_while),
        ] {
            let (_, calls) = calls(count, 1, make);
            assert!(
                calls <= 3 * count,
                "{name}: {calls} calls for the end of {count} stages"
            );
        }
    }
}

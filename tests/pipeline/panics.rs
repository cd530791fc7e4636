//! A panic reaches the caller; nothing leaks, is dropped twice, or hangs after it.

use cogen::pipeline::{
    BoxSink, BoxStage, Ends, Pipeline, Sink, Stage, batch, broadcast, chunks, coroutine, filter,
    filter_map, flat_map, fold, for_each, generated, input, inspect, map, sink, skip, source,
    stage, take_while, tee, try_map,
};
use cogen::{Co, generator};

use crate::kit::{Counts, Item, Tally, blow, blown};
use crate::support::Oops;

type ItemStage = BoxStage<'static, Item, Item>;

/// Panics at the third item.
fn check(item: &Item) {
    if item.n == 3 {
        blow(3);
    }
}

fn faults() -> Vec<(&'static str, ItemStage)> {
    vec![
        (
            "map",
            boxed(map(|item| {
                check(&item);
                item
            })),
        ),
        (
            "filter",
            boxed(filter(|item: &Item| {
                check(item);
                true
            })),
        ),
        (
            "filter_map",
            boxed(filter_map(|item| {
                check(&item);
                Some(item)
            })),
        ),
        (
            "flat_map",
            boxed(flat_map(|item: Item| {
                check(&item);
                [item.clone(), item]
            })),
        ),
        (
            "flat_map, inside",
            boxed(flat_map(|item: Item| {
                [item.clone(), item].into_iter().inspect(check)
            })),
        ),
        (
            "take_while",
            boxed(take_while(|item: &Item| {
                check(item);
                true
            })),
        ),
        ("inspect", boxed(inspect(|item: &Item| check(item)))),
        (
            "try_map",
            boxed(try_map(|item| {
                check(&item);
                Ok::<_, Oops>(item)
            })),
        ),
        (
            "weighing",
            boxed(
                batch(9)
                    .weighing(|item: &Item| {
                        check(item);
                        4
                    })
                    .flat_map(|batch| batch),
            ),
        ),
        ("tee", boxed(tee(for_each(|item: Item| check(&item))))),
        ("tee of a body", boxed(tee(body().to(for_each(|_| ()))))),
        ("body", body()),
        ("pipe", boxed(input().pipe(body()).map(|item| item))),
    ]
}

fn boxed(stage: impl Stage<In = Item, Item = Item> + Send + 'static) -> ItemStage {
    BoxStage::new(stage)
}

fn body() -> ItemStage {
    boxed(stage(|io: Ends<'static, Item, Item>| async move {
        let mut last = None;
        while let Some(item) = io.recv().await {
            check(&item);
            last = Some(item.clone());
            io.emit(item).await;
        }
        drop(last);
    }))
}

/// Stages that hold items back.
fn holders() -> Vec<(&'static str, fn() -> ItemStage)> {
    vec![
        ("chunks", || {
            boxed(chunks(2).flat_map(|chunk: Vec<Item>| chunk))
        }),
        ("batch", || {
            boxed(batch(4).flat_map(|batch: Vec<Item>| batch))
        }),
        ("flat_map", || {
            boxed(flat_map(|item: Item| [item.clone(), item]))
        }),
        ("body", || {
            boxed(stage(|io: Ends<'static, Item, Item>| async move {
                let mut held = Vec::new();
                while let Some(item) = io.recv().await {
                    held.push(item.clone());
                    io.emit(item).await;
                }
            }))
        }),
        ("skip", || boxed(skip(1))),
    ]
}

fn at(position: usize, fault: ItemStage, holder: fn() -> ItemStage) -> ItemStage {
    let mut stages = vec![holder(), holder()];
    stages.insert(position, fault);
    let pipe = stages
        .into_iter()
        .reduce(|above, below| boxed(above.pipe(below)));
    pipe.unwrap()
}

/// Runs `run` with each fault at each position, among each kind of stages that hold items.
fn for_each_case(run: impl Fn(&str, &Tally, ItemStage)) {
    for index in 0..faults().len() {
        for (holder_name, holder) in holders() {
            for position in 0..3 {
                if cfg!(miri) && (index + position) % 3 != 0 {
                    continue;
                }
                let (name, fault) = faults().swap_remove(index);
                let tally = Tally::default();
                let case = format!("{name} at {position} with {holder_name}");
                run(&case, &tally, at(position, fault, holder));
                assert_eq!(tally.alive(), 0, "{case}: every item is dropped once");
            }
        }
    }
}

#[test]
fn a_panic_goes_to_who_pulls_and_the_pipeline_can_still_be_polled_to_its_end() {
    for_each_case(|case, tally, stage| {
        let counts = Counts::default();
        let mut pipeline = source(counts.of(tally.items().take(12))).pipe(stage);
        assert_eq!(blown(|| pipeline.iter().count()), Some(3), "{case}");
        for polls in 0.. {
            assert!(polls < 200, "{case}: it must end");
            match blown(|| pipeline.iter().next().is_none()) {
                None if pipeline.iter().next().is_none() => break,
                // A copy of the third item may still come.
                None | Some(3) => {}
                Some(other) => panic!("{case}: {other}"),
            }
        }
        drop(pipeline);
        assert!(counts.is_dropped(), "{case}");
    });
}

#[test]
fn a_panic_goes_to_who_runs_it() {
    for_each_case(|case, tally, stage| {
        let run = || source(tally.items()).pipe(stage).for_each(drop);
        assert_eq!(blown(run), Some(3), "{case}");
    });
    for_each_case(|case, tally, stage| {
        let run = || source(tally.items()).run(stage.to(for_each(drop)));
        assert_eq!(blown(run), Some(3), "{case}");
    });
    for_each_case(|case, tally, stage| {
        let run = || {
            for item in source(tally.items()).pipe(stage) {
                drop(item);
            }
        };
        assert_eq!(blown(run), Some(3), "{case}");
    });
}

#[test]
fn a_panic_goes_to_who_feeds_and_finish_does_not_hang() {
    for_each_case(|case, tally, stage| {
        let mut push = stage.to(fold(0, |count, _item: Item| count + 1)).pushed();
        let mut items = tally.items().take(12);
        let feed = || items.try_for_each(|item| push.feed(item));
        assert_eq!(blown(feed), Some(3), "{case}");
        let again = blown(|| {
            let _fed = push.feed(tally.item(100));
            let _output = push.finish();
        });
        assert!(matches!(again, None | Some(3)), "{case}");
    });
}

#[test]
fn a_panic_of_a_source_goes_to_the_caller() {
    let tally = Tally::default();
    let items = || tally.items().inspect(check);
    for (name, holder) in holders() {
        let mut pipeline = source(items().take(6)).pipe(holder());
        assert_eq!(blown(|| pipeline.iter().count()), Some(3), "{name}");
        assert_eq!(blown(|| pipeline.iter().count()), None, "{name}");
        let made = tally.clone();
        let generator = generator(move |co: Co<'_, Item>| async move {
            for n in 1.. {
                let item = made.item(n);
                check(&item);
                co.yield_(item).await;
            }
        });
        let mut pipeline = generated(generator.boxed()).pipe(holder());
        assert_eq!(blown(|| pipeline.iter().count()), Some(3), "{name}");
        let _rest = pipeline.iter().count();
        assert!(
            pipeline.iter().next().is_none(),
            "a generator that panicked is over"
        );
        pipeline.outcome().unwrap();
    }
    assert_eq!(tally.alive(), 0);
}

fn failing_sinks() -> Vec<(&'static str, BoxSink<'static, Item, ()>)> {
    vec![
        (
            "for_each",
            BoxSink::new(for_each(|item: Item| check(&item))),
        ),
        (
            "fold",
            BoxSink::new(fold((), |(), item: Item| check(&item))),
        ),
        (
            "sink",
            BoxSink::new(sink(|io: Ends<'static, Item>| async move {
                while let Some(item) = io.recv().await {
                    check(&item);
                }
            })),
        ),
        ("pipe", BoxSink::new(body().to(for_each(drop)))),
    ]
}

#[test]
fn a_panic_of_a_sink_goes_to_the_caller() {
    let tally = Tally::default();
    for (holder_name, holder) in holders() {
        for (name, sink) in failing_sinks() {
            let run = || source(tally.items()).pipe(holder()).run(sink);
            assert_eq!(blown(run), Some(3), "{name} {holder_name}");
        }
        for (name, sink) in failing_sinks() {
            let mut push = holder().to(sink).pushed();
            let feed = || tally.items().take(12).try_for_each(|item| push.feed(item));
            assert_eq!(blown(feed), Some(3), "{name} {holder_name}");
            assert!(matches!(blown(|| push.finish().is_ok()), None | Some(3)));
        }
    }
    let broadcast = broadcast((for_each(drop), for_each(|item: Item| check(&item))));
    assert_eq!(blown(|| source(tally.items()).run(broadcast)), Some(3));
    let panics = generator(|co: Co<'_, (), Item>| async move {
        loop {
            check(&co.yield_(()).await);
        }
    });
    assert_eq!(
        blown(|| source(tally.items()).run(coroutine(panics.boxed_local()))),
        Some(3)
    );
    assert_eq!(tally.alive(), 0);
}

#[test]
fn items_in_flight_are_dropped_once_wherever_the_caller_stops() {
    for (name, holder) in holders() {
        for taken in 0..5 {
            let tally = Tally::default();
            let mut pipeline = source(tally.items()).pipe(holder()).pipe(holder());
            assert_eq!(pipeline.iter().take(taken).count(), taken, "{name}");
            drop(pipeline);
            assert_eq!(tally.alive(), 0, "{name} after {taken}");

            let mut push = holder().pipe(holder()).to(for_each(drop)).pushed();
            for item in tally.items().take(taken) {
                push.feed(item).unwrap();
            }
            drop(push);
            assert_eq!(tally.alive(), 0, "{name} after {taken}, pushed");
        }
    }
}

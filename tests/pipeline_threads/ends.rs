//! Either side may end first; a thread ends with its pipeline, or with the next item of its source; nothing leaks.

use cogen::pipeline::{
    BoxStage, Ends, FeedError, LocalBoxSource, Pipeline, Sink, Source, collect, flat_map, for_each,
    input, map, parallel, source, stage, take, threaded,
};

use crate::ROUNDS;
use crate::kit::{Count, Counts, Item, Log, Tally};

/// Passes items on; counts its starts, and the runs of its clean-up.
fn alive(started: &Count, cleaned: &Count) -> BoxStage<'static, Item, Item> {
    let (started, cleaned) = (started.clone(), cleaned.clone());
    BoxStage::new(stage(move |io: Ends<'static, Item, Item>| async move {
        let passing = async {
            started.add();
            while let Some(item) = io.recv().await {
                io.emit(item).await;
            }
        };
        let cleanup = async {
            cleaned.add();
        };
        io.finally(passing, cleanup).await;
    }))
}

/// Runs `check` with a pipeline of each form.
fn in_each_form(check: impl Fn(&str, &mut LocalBoxSource<'static, Item>)) {
    for _ in 0..ROUNDS {
        let (tally, started, cleaned) = (Tally::default(), Count::default(), Count::default());
        let counts = Counts::default();
        let items = || source(counts.of(tally.items()));
        let guarded = || alive(&started, &cleaned);
        let run = |name: &str, mut pipeline: LocalBoxSource<'static, Item>| {
            check(name, &mut pipeline);
            drop(pipeline);
            // A source on a thread ends when it gives its next item.
            while name_has_source(name) && (tally.alive() > 0 || started.get() > cleaned.get()) {
                std::thread::yield_now();
            }
            assert_eq!(tally.alive(), 0, "{name}: items");
            assert_eq!(
                started.get(),
                cleaned.get(),
                "{name}: the threads have ended"
            );
        };
        run(
            "on_thread",
            LocalBoxSource::new(items().pipe(guarded()).on_thread(2)),
        );
        run(
            "on_thread, no queue",
            LocalBoxSource::new(items().pipe(guarded()).on_thread(0)),
        );
        run(
            "threaded",
            LocalBoxSource::new(items().pipe(threaded(2, guarded()))),
        );
        run(
            "parallel",
            LocalBoxSource::new(items().pipe(parallel(3, guarded))),
        );
        run(
            "unordered",
            LocalBoxSource::new(items().pipe(parallel(3, guarded).unordered())),
        );
        let endless = || {
            guarded()
                .pipe(flat_map(std::iter::repeat::<Item>))
                .pipe(guarded())
        };
        run(
            "endless",
            LocalBoxSource::new(items().pipe(parallel(2, endless))),
        );
        run(
            "endless, unordered",
            LocalBoxSource::new(items().pipe(parallel(2, endless).unordered())),
        );
        run(
            "endless, one thread",
            LocalBoxSource::new(items().pipe(threaded(1, endless()))),
        );
        run(
            "all",
            LocalBoxSource::new(
                items()
                    .pipe(guarded())
                    .on_thread(1)
                    .pipe(parallel(2, guarded))
                    .on_thread(1),
            ),
        );
        while counts.dropped.get() < 9 {
            std::thread::yield_now();
        }
        assert_eq!(counts.dropped.get(), 9);
    }
}

/// Whether the source of a form is on a thread.
fn name_has_source(name: &str) -> bool {
    name.starts_with("on_thread") || name == "all"
}

#[test]
fn an_endless_source_ends_with_its_taker() {
    in_each_form(|name, pipeline| {
        assert_eq!(pipeline.take(3).iter().count(), 3, "{name}");
    });
}

#[test]
fn closing_ends_all_threads() {
    in_each_form(|name, pipeline| {
        assert!(pipeline.iter().next().is_some(), "{name}");
        pipeline.close();
        assert!(pipeline.iter().next().is_none(), "{name}: fused");
        pipeline.outcome().unwrap();
    });
}

#[test]
fn dropping_half_way_ends_all_threads() {
    in_each_form(|name, pipeline| {
        assert_eq!(pipeline.iter().take(2).count(), 2, "{name}");
    });
}

#[test]
fn dropping_before_the_first_item_starts_none() {
    in_each_form(|_, _| ());
}

#[test]
fn a_sink_on_a_thread_that_ends_ends_the_source() {
    for round in 0..ROUNDS {
        let (tally, counts) = (Tally::default(), Counts::default());
        let sink = take(3).to(collect::<Vec<Item>, _>()).on_thread(round % 4);
        let output = source(counts.of(tally.items())).run(sink).unwrap();
        assert_eq!(
            output.iter().map(|item| item.n).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert!(counts.is_dropped());
        drop(output);
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_sink_on_a_thread_that_ends_takes_no_more() {
    for round in 0..ROUNDS {
        let tally = Tally::default();
        let sink = take(3).to(collect::<Vec<Item>, _>()).on_thread(round % 4);
        let mut push = sink.pushed();
        let refused = tally
            .items()
            .find_map(|item| push.feed(item).err())
            .unwrap();
        assert!(matches!(refused, FeedError::Ended(_)));
        drop(refused);
        assert_eq!(push.finish().unwrap().len(), 3);
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_sink_on_a_thread_that_is_dropped_is_closed() {
    for fed in 0..4 {
        let (tally, started, cleaned) = (Tally::default(), Count::default(), Count::default());
        let flushed = Count::default();
        let seen = flushed.clone();
        let sink = alive(&started, &cleaned)
            .chunks(10)
            .to(for_each(move |_| drop(seen.guard())));
        let mut push = sink.on_thread(2).pushed();
        for item in tally.items().take(fed) {
            push.feed(item).unwrap();
        }
        drop(push);
        assert_eq!(started.get(), cleaned.get());
        assert_eq!(flushed.get(), 0, "nothing is flushed");
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_worker_that_ends_lets_the_others_go_on() {
    for round in 0..ROUNDS {
        for ordered in [true, false] {
            let mut number = 0;
            let stage = parallel(3, || {
                number += 1;
                take::<i64>(if number == 1 { 1 } else { usize::MAX })
            });
            let stage = if ordered { stage } else { stage.unordered() }.ahead(round % 6);
            let mut seen = source(0..40).pipe(stage).collect::<Vec<_>>().unwrap();
            if ordered {
                assert!(seen.is_sorted());
            }
            seen.sort_unstable();
            assert_eq!(
                seen,
                (0..40).collect::<Vec<_>>(),
                "no item that was taken is lost"
            );
        }
    }
}

#[test]
fn when_all_workers_have_ended_no_more_is_wanted() {
    for round in 0..ROUNDS {
        for ordered in [true, false] {
            let counts = Counts::default();
            let stage = parallel(3, || take::<i64>(2)).ahead(round % 9);
            let stage = if ordered { stage } else { stage.unordered() };
            let mut seen = source(counts.of(0..))
                .pipe(stage)
                .collect::<Vec<_>>()
                .unwrap();
            seen.sort_unstable();
            assert_eq!(seen, (0..6).collect::<Vec<_>>());
            assert!(counts.is_dropped());
        }
    }
}

#[test]
fn what_is_given_before_and_after_the_items_has_its_place() {
    for _ in 0..ROUNDS {
        let framed = || {
            stage(|io: Ends<'static, i64, i64>| async move {
                for _ in 0..5 {
                    io.emit(-1).await;
                }
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
                for _ in 0..5 {
                    io.emit(1_000).await;
                }
            })
        };
        let seen = source(0..20)
            .pipe(parallel(3, framed).capacity(1))
            .collect::<Vec<_>>()
            .unwrap();
        let expected = [vec![-1; 15], (0..20).collect(), vec![1_000; 15]].concat();
        assert_eq!(seen, expected);
    }
}

#[test]
fn stages_above_run_where_the_caller_is() {
    let here = std::thread::current().id();
    let log = Log::new();
    let (above, inside, below) = (log.clone(), log.clone(), log.clone());
    let tell = move |log: &Log<bool>| log.add(std::thread::current().id() == here);
    let pipeline = source([1])
        .inspect(|_| tell(&above))
        .pipe(threaded(1, input().inspect(move |_| tell(&inside))))
        .inspect(|_| tell(&below));
    assert_eq!(pipeline.collect::<Vec<_>>().unwrap(), [1]);
    assert_eq!(log.take(), [true, false, true]);
}

#[test]
fn many_threads_after_another() {
    for _ in 0..ROUNDS.min(20) {
        let mut stages = BoxStage::new(input::<i64>());
        for n in 0..8 {
            stages = BoxStage::new(stages.pipe(threaded(n % 3, map(|n| n + 1))));
        }
        let seen = source(0..)
            .pipe(stages)
            .take(20)
            .collect::<Vec<_>>()
            .unwrap();
        assert_eq!(seen, (8..28).collect::<Vec<_>>());
    }
}

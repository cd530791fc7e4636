//! Errors and panics reach the caller, wherever they happen.

use cogen::pipeline::{
    BoxStage, Ends, FeedError, LocalBoxSource, Pipeline, Sink, Source, collect, for_each, input,
    map, parallel, sink, source, stage, threaded, try_map,
};

use crate::ROUNDS;
use crate::kit::{Counts, Item, Log, Tally, blow, blown, oops};
use crate::support::Oops;

fn fails_at(number: i64) -> BoxStage<'static, Item, Item> {
    BoxStage::new(try_map(move |item: Item| {
        if item.n == number {
            Err(Oops(3))
        } else {
            Ok(item)
        }
    }))
}

fn blows_at(number: i64) -> BoxStage<'static, Item, Item> {
    BoxStage::new(map(move |item: Item| {
        if item.n == number {
            blow(3);
        }
        item
    }))
}

type Make<'a> = &'a dyn Fn() -> BoxStage<'static, Item, Item>;

/// The stage of `make` on threads in each way, each with its name, and whether it keeps the order.
fn forms(
    tally: &Tally,
    counts: &Counts,
    make: Make<'_>,
) -> Vec<(&'static str, bool, LocalBoxSource<'static, Item>)> {
    let items = || source(counts.of(tally.items()));
    vec![
        (
            "on_thread",
            true,
            LocalBoxSource::new(items().pipe(make()).on_thread(2)),
        ),
        (
            "on_thread, no queue",
            true,
            LocalBoxSource::new(items().pipe(make()).on_thread(0)),
        ),
        (
            "threaded",
            true,
            LocalBoxSource::new(items().pipe(threaded(2, make()))),
        ),
        (
            "parallel",
            true,
            LocalBoxSource::new(items().pipe(parallel(3, make))),
        ),
        (
            "unordered",
            false,
            LocalBoxSource::new(items().pipe(parallel(3, make).unordered())),
        ),
        (
            "above a thread",
            true,
            LocalBoxSource::new(items().pipe(make()).pipe(threaded(1, input()))),
        ),
        (
            "two threads away",
            true,
            LocalBoxSource::new(
                items()
                    .pipe(threaded(1, make()))
                    .on_thread(1)
                    .pipe(parallel(2, input)),
            ),
        ),
    ]
}

#[test]
fn an_error_comes_after_what_was_emitted_before() {
    for _ in 0..ROUNDS {
        let (tally, counts) = (Tally::default(), Counts::default());
        for (name, ordered, mut pipeline) in forms(&tally, &counts, &|| fails_at(5)) {
            let seen: Vec<_> = pipeline.iter().map(|item| item.n).collect();
            if ordered {
                assert_eq!(seen, [1, 2, 3, 4], "{name}");
            }
            assert!(!seen.contains(&5), "{name}");
            assert_eq!(oops(&pipeline.outcome().unwrap_err()), 3, "{name}");
            pipeline.outcome().unwrap();
            assert!(pipeline.iter().next().is_none(), "{name}: fused");
            drop(pipeline);
            assert_eq!(tally.alive(), 0, "{name}");
        }
        assert_eq!(counts.dropped.get(), 7);
    }
}

#[test]
fn a_panic_comes_to_the_caller_with_its_payload() {
    for _ in 0..ROUNDS {
        let (tally, counts) = (Tally::default(), Counts::default());
        for (name, ordered, mut pipeline) in forms(&tally, &counts, &|| blows_at(5)) {
            let mut seen = Vec::new();
            let run = || pipeline.iter().for_each(|item| seen.push(item.n));
            assert_eq!(blown(run), Some(3), "{name}");
            let at_the_caller = ["above a thread", "two threads away"].contains(&name);
            // A stage on the caller's side panics before the workers' earlier items have come out.
            if ordered && !at_the_caller {
                assert_eq!(seen, [1, 2, 3, 4], "{name}");
            }
            if !at_the_caller {
                assert!(pipeline.iter().next().is_none(), "{name}: over");
            }
            drop(pipeline);
            assert_eq!(tally.alive(), 0, "{name}");
        }
        assert_eq!(counts.dropped.get(), 7);
    }
}

#[test]
fn a_panic_of_a_source_on_a_thread_comes_to_the_caller() {
    for _ in 0..ROUNDS {
        let tally = Tally::default();
        let items = tally.items().inspect(|item| {
            if item.n == 4 {
                blow(4);
            }
        });
        let mut pipeline = source(items).on_thread(2);
        let mut seen = 0;
        assert_eq!(blown(|| pipeline.iter().for_each(|_| seen += 1)), Some(4));
        assert_eq!(seen, 3);
        assert!(pipeline.iter().next().is_none());
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_panic_of_a_sink_on_a_thread_comes_to_the_caller() {
    for round in 0..ROUNDS {
        let tally = Tally::default();
        let sink = |n| {
            for_each(move |item: Item| {
                if item.n == n {
                    blow(4);
                }
            })
            .on_thread(round % 3)
        };
        assert_eq!(blown(|| source(tally.items()).run(sink(5))), Some(4));
        assert_eq!(
            blown(|| source(tally.items().take(5)).run(sink(5))),
            Some(4),
            "at the last item"
        );
        let mut push = sink(2).pushed();
        assert_eq!(
            blown(|| tally.items().try_for_each(|item| push.feed(item)).is_ok()),
            Some(4)
        );
        drop(push);
        let mut push = sink(1).pushed();
        // The panic comes with this item, or at the end.
        let run = || {
            push.feed(tally.item(1)).unwrap();
            push.finish().is_ok()
        };
        assert_eq!(blown(run), Some(4));
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn an_error_of_a_sink_on_a_thread_goes_up_to_the_stages_above() {
    for round in 0..ROUNDS {
        let (tally, log) = (Tally::default(), Log::new());
        let sink = || {
            fails_at(5)
                .chunks(2)
                .to(collect::<Vec<_>, _>())
                .on_thread(round % 3)
        };
        let error = source(tally.items())
            .pipe(catcher(&log, false))
            .run(sink())
            .unwrap_err();
        assert_eq!(oops(error.exception()), 3);
        assert_eq!(
            error.into_output().unwrap().concat().len(),
            4,
            "the items from before the failure"
        );
        assert_eq!(log.take(), [3]);
        let output = source(tally.items())
            .pipe(catcher(&log, true))
            .run(sink())
            .unwrap();
        assert_eq!(output.concat().len(), 4, "swallowed above");
        drop(output);
        assert_eq!(log.take(), [3]);

        let mut push = sink().pushed();
        let error = tally
            .items()
            .find_map(|item| push.feed(item).err())
            .unwrap();
        assert!(matches!(&error, FeedError::Raised(error) if oops(error) == 3));
        assert_eq!(push.finish().unwrap().concat().len(), 4);

        let raises = sink_that_raises().on_thread(round % 3);
        let error = source(tally.items()).run(raises).unwrap_err();
        assert_eq!(oops(error.exception()), 3);
        assert!(error.into_output().is_none());
        assert_eq!(tally.alive(), 0);
    }
}

fn sink_that_raises() -> impl Sink<In = Item, Output = ()> + Send {
    sink(|io: Ends<'static, Item>| async move {
        while let Some(item) = io.recv().await {
            if item.n == 3 {
                match io.raise(Oops(3)).await {}
            }
        }
    })
}

/// Logs an error from below, and swallows it or lets it go on.
fn catcher(log: &Log<i32>, swallow: bool) -> BoxStage<'static, Item, Item> {
    let log = log.clone();
    BoxStage::new(stage(move |io: Ends<'static, Item, Item>| async move {
        let passing = async {
            while let Some(item) = io.recv().await {
                io.emit(item).await;
            }
        };
        if let Err(exception) = io.catch(passing).await {
            if let Some(Oops(n)) = exception.downcast_ref() {
                log.add(*n);
            }
            if !swallow {
                io.raise(exception).await;
            }
        }
    }))
}

#[test]
fn an_error_below_is_thrown_into_the_source_on_its_thread() {
    for round in 0..ROUNDS {
        for swallow in [false, true] {
            let (tally, log, counts) = (Tally::default(), Log::new(), Counts::default());
            let above = source(counts.of(tally.items()))
                .pipe(catcher(&log, swallow))
                .on_thread(round % 3);
            let result = above.pipe(fails_at(3)).collect::<Vec<_>>();
            let seen = match result {
                Ok(seen) => {
                    assert!(swallow);
                    seen
                }
                Err(error) => {
                    assert!(!swallow);
                    assert_eq!(oops(error.exception()), 3);
                    error.into_output().unwrap()
                }
            };
            assert_eq!(seen.len(), 2);
            assert_eq!(log.take(), [3]);
            assert!(counts.is_dropped());
            drop(seen);
            assert_eq!(tally.alive(), 0);
        }
    }
}

#[test]
fn an_error_below_goes_past_workers_to_what_is_above() {
    for _ in 0..ROUNDS {
        let (tally, log, inside) = (Tally::default(), Log::new(), Log::new());
        let workers = parallel(2, || catcher(&inside, true));
        let pipeline = source(tally.items())
            .pipe(catcher(&log, false))
            .pipe(workers);
        let error = pipeline.pipe(fails_at(3)).collect::<Vec<_>>().unwrap_err();
        assert_eq!(oops(error.exception()), 3);
        assert_eq!(log.take(), [3]);
        assert!(inside.take().is_empty(), "the workers are closed");
        drop(error);
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn an_error_before_the_first_item_and_after_the_end_is_kept() {
    let mut never = source(1..).on_thread(1);
    never.throw(Oops(8).into());
    assert_eq!(never.iter().next(), None);
    assert_eq!(oops(&never.outcome().unwrap_err()), 8);
    let mut over = source(1..2).on_thread(1);
    assert_eq!(over.iter().count(), 1);
    over.throw(Oops(9).into());
    assert_eq!(oops(&over.outcome().unwrap_err()), 9);
}

#[test]
fn what_a_worker_raises_while_it_is_closed_is_told() {
    let sloppy = || {
        stage(|io: Ends<'static, i64, i64>| async move {
            let passing = async {
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
            };
            io.finally(passing, async { match io.raise(Oops(7)).await {} })
                .await;
        })
    };
    for _ in 0..ROUNDS {
        let mut pipeline = source(1..).pipe(threaded(1, sloppy())).take(2);
        assert_eq!(pipeline.iter().count(), 2);
        assert_eq!(oops(&pipeline.outcome().unwrap_err()), 7);
        let mut pipeline = source(1..).pipe(parallel(2, sloppy)).take(2);
        assert_eq!(pipeline.iter().count(), 2);
        assert_eq!(oops(&pipeline.outcome().unwrap_err()), 7);
        let mut pipeline = source(1..).pipe(sloppy()).on_thread(1).take(2);
        assert_eq!(pipeline.iter().count(), 2);
        // It is told when the source has given its next item.
        let error = loop {
            if let Err(error) = pipeline.outcome() {
                break error;
            }
            std::thread::yield_now();
        };
        assert_eq!(oops(&error), 7);
    }
}

#[test]
fn a_stage_in_a_worker_flushes_before_its_error() {
    for _ in 0..ROUNDS {
        let flushing = || try_map(|n: i64| if n == 7 { Err(Oops(7)) } else { Ok(n) }).chunks(100);
        let error = source(0..20)
            .pipe(threaded(3, flushing()))
            .collect::<Vec<_>>()
            .unwrap_err();
        assert_eq!(oops(error.exception()), 7);
        assert_eq!(error.into_output().unwrap(), [(0..7).collect::<Vec<_>>()]);
        let one = source(0..20)
            .pipe(parallel(2, flushing).ahead(2))
            .collect::<Vec<_>>()
            .unwrap_err();
        assert_eq!(oops(one.exception()), 7);
    }
}

//! Sources that are asked together, in a merge or a zip: none hides what another has, and none is waited for in vain.

use std::pin::pin;
use std::time::Duration;

use cogen::pipeline::{
    BoxSource, Interrupted, LocalBoxSource, Pipeline, Source, collect, generated, streamed,
};
use cogen::{BoxGen, generator};
use futures::stream::{self, Stream};
use futures::{FutureExt, StreamExt};

use crate::errors::third;
use crate::kit::{Counts, Log, Tally, oops};
use crate::lazy::witness;
use crate::support::{Oops, pending_once};

/// A stream that never has anything, and notes its drop.
fn quiet(counts: &Counts) -> impl Source<Item = i64> + Send + use<> {
    let counted = counts.of(1..1);
    streamed(
        stream::pending::<i64>()
            .chain(stream::iter(counted))
            .boxed(),
    )
}

/// 1, 2, and an error.
fn fails() -> impl Source<Item = i64> + Send {
    streamed(stream::iter(1..)).try_map(third)
}

/// The result of a run that waits for nothing that comes later.
fn at_once<U: Source>(source: U) -> Result<Vec<U::Item>, Interrupted<Vec<U::Item>>> {
    let run = source.run_async(collect::<Vec<_>, _>());
    run.now_or_never().expect("it waits")
}

fn fails_at_once<U: Source>(name: &str, expected: usize, make: impl Fn(&Counts) -> U) {
    let counts = Counts::default();
    let error = at_once(make(&counts)).err().expect(name);
    assert_eq!(oops(error.exception()), 3, "{name}");
    assert_eq!(error.into_output().unwrap().len(), expected, "{name}");
    assert!(counts.is_dropped(), "{name}: the other is closed");

    let counts = Counts::default();
    let mut results = pin!(make(&counts).into_stream());
    let mut seen = Vec::new();
    while let Some(item) = results.next().now_or_never().expect("it waits") {
        seen.push(item.is_ok());
    }
    assert_eq!(seen.len(), expected + 1, "{name}");
    assert_eq!(seen.last(), Some(&false), "{name}");
    assert!(counts.is_dropped(), "{name}: the other is closed");
}

#[test]
fn the_error_of_a_merged_source_comes_while_another_waits_for_ever() {
    fails_at_once("fails, quiet", 2, |counts| fails().merge(quiet(counts)));
    fails_at_once("quiet, fails", 2, |counts| quiet(counts).merge(fails()));
    fails_at_once("boxed", 2, |counts| {
        BoxSource::new(fails()).merge(BoxSource::new(quiet(counts)))
    });
    fails_at_once("a box of a merge", 2, |counts| {
        LocalBoxSource::new(LocalBoxSource::new(quiet(counts)).merge(fails()))
    });
    fails_at_once("nested", 2, |counts| {
        let endless = streamed(stream::pending());
        endless
            .merge(quiet(counts))
            .merge(streamed(stream::pending()).merge(fails()))
    });
    fails_at_once("in a vector", 2, |counts| {
        let sources = [
            LocalBoxSource::new(quiet(counts)),
            LocalBoxSource::new(streamed(stream::pending())),
            LocalBoxSource::new(fails()),
            LocalBoxSource::new(streamed(stream::pending())),
        ];
        let merged = sources
            .into_iter()
            .reduce(|a, b| LocalBoxSource::new(a.merge(b)));
        merged.unwrap()
    });
    fails_at_once("below stages", 2, |counts| {
        let quiet = quiet(counts).stage(|io| async move {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        });
        quiet.merge(fails().map(|n| n)).map(|n| n).filter(|_| true)
    });
    fails_at_once("a body fails", 2, |counts| {
        let fails = streamed(stream::iter(1..)).stage(|io| async move {
            while let Some(n) = io.recv().await {
                pending_once().now_or_never();
                io.emit(third(n)?).await;
            }
            Ok::<_, Oops>(())
        });
        quiet(counts).merge(fails)
    });
}

#[test]
fn the_error_of_a_zipped_source_comes_while_the_other_waits_for_ever() {
    fails_at_once("fails, quiet", 0, |counts| {
        streamed(stream::iter(3..))
            .try_map(third)
            .zip(quiet(counts))
    });
    fails_at_once("quiet, fails", 0, |counts| {
        quiet(counts).zip(streamed(stream::iter(3..)).try_map(third))
    });
    fails_at_once("boxed, nested", 0, |counts| {
        let fails = LocalBoxSource::new(streamed(stream::iter(3..)).try_map(third));
        let quiet = LocalBoxSource::new(quiet(counts));
        LocalBoxSource::new(quiet.zip(streamed(stream::iter(1..)))).zip(fails)
    });
    fails_at_once("a merge in a zip", 0, |counts| {
        let fails = streamed(stream::iter(3..)).try_map(third);
        quiet(counts).zip(streamed(stream::pending::<i64>()).merge(fails))
    });
}

#[test]
fn a_zip_ends_with_the_shorter_one_while_the_longer_one_waits() {
    let counts = Counts::default();
    let none = streamed(stream::iter(1_i64..1));
    assert!(at_once(quiet(&counts).zip(none)).unwrap().is_empty());
    assert!(counts.is_dropped());
    let counts = Counts::default();
    let none = streamed(stream::iter(1_i64..1));
    assert!(at_once(none.zip(quiet(&counts))).unwrap().is_empty());
    assert!(counts.is_dropped());
}

#[test]
fn a_kept_half_is_dropped_with_the_other_source() {
    let (tally, counts) = (Tally::default(), Counts::default());
    let mut zipped = streamed(stream::iter(tally.items())).zip(quiet(&counts));
    {
        let mut stream = (&mut zipped).into_stream();
        assert!(stream.next().now_or_never().is_none());
    }
    assert_eq!(tally.alive(), 1);
    zipped.throw(Oops(4).into());
    assert_eq!(tally.alive(), 0);
    assert!(counts.is_dropped());
    assert_eq!(oops(&zipped.outcome().unwrap_err()), 4);

    let tally = Tally::default();
    let late = stream::once(pending_once()).map(|()| 3).boxed();
    let fails = streamed(late).try_map(third);
    let zipped = streamed(stream::iter(tally.items())).zip(fails);
    let ended = futures::executor::block_on(zipped.run_async(collect::<Vec<_>, _>()));
    assert_eq!(oops(ended.unwrap_err().exception()), 3);
    assert_eq!(tally.alive(), 0);
}

/// Gives an item a second.
fn a_second_each(count: i64) -> BoxGen<'static, i64> {
    generator(move |co| async move {
        for n in 0..count {
            tokio::time::sleep(Duration::from_secs(1)).await;
            co.yield_(n).await;
        }
    })
    .boxed()
}

/// How many items come, and in how many seconds.
fn timed<U: Source>(make: impl FnOnce() -> U) -> (usize, u64) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = tokio::time::Instant::now();
        let items = make().run_async(collect::<Vec<_>, _>()).await.unwrap();
        (items.len(), start.elapsed().as_secs())
    })
}

#[test]
fn sources_wait_at_the_same_time() {
    let slow = || generated(a_second_each(5));
    assert_eq!(timed(|| slow().zip(slow())), (5, 5));
    assert_eq!(timed(|| slow().merge(slow())), (10, 5));
    assert_eq!(timed(|| slow().zip(slow()).zip(slow().zip(slow()))), (5, 5));
    assert_eq!(timed(|| slow().merge(slow()).merge(slow())), (15, 5));
    let boxed = || LocalBoxSource::new(slow().map(|n| n));
    assert_eq!(timed(|| boxed().zip(boxed().merge(boxed()))), (5, 5));
    let body = || {
        slow().stage(|io| async move {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        })
    };
    assert_eq!(timed(|| body().zip(body())), (5, 5));
}

#[test]
fn an_error_below_goes_where_the_last_item_came_from_though_others_were_asked_since() {
    let log = Log::new();
    let first = streamed(stream::iter(1..2).chain(stream::pending()).boxed());
    let second = streamed(stream::pending::<i64>());
    let mut merged = first
        .pipe(witness("first", &log))
        .merge(second.pipe(witness("second", &log)));
    for _ in 0..3 {
        let mut stream = (&mut merged).into_stream();
        let _pending = stream.next().now_or_never();
    }
    merged.throw(Oops(9).into());
    assert_eq!(oops(&merged.outcome().unwrap_err()), 9);
    assert_eq!(log.take(), ["first: oops 9", "second: generator exit"]);
}

#[test]
fn what_the_other_raises_while_it_is_closed_comes_second() {
    fn sloppy(quiet: impl Stream<Item = i64> + Unpin) -> impl Source<Item = i64> {
        streamed(quiet).stage(|io| async move {
            let passing = async {
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
            };
            io.finally(passing, async { match io.raise(Oops(7)).await {} })
                .await;
        })
    }
    let now_and_never = || stream::iter(1_i64..2).chain(stream::pending()).boxed();
    let errors = |error: Interrupted<_>| {
        let others: Vec<_> = error.others().iter().map(oops).collect();
        (oops(error.exception()), others)
    };
    let merged = at_once(sloppy(now_and_never()).merge(fails())).unwrap_err();
    assert_eq!(errors(merged.without_output()), (3, vec![7]));
    let merged = at_once(fails().merge(sloppy(now_and_never()))).unwrap_err();
    assert_eq!(errors(merged.without_output()), (3, vec![7]));
    let zipped = at_once(sloppy(now_and_never()).zip(fails().skip(1))).unwrap_err();
    assert_eq!(errors(zipped.without_output()), (3, vec![7]));
    let zipped = at_once(fails().skip(1).zip(sloppy(now_and_never()))).unwrap_err();
    assert_eq!(errors(zipped.without_output()), (3, vec![7]));
}

#[test]
fn so_it_is_where_nothing_waits() {
    let items = || cogen::pipeline::source(1..);
    let counts = Counts::default();
    let error = cogen::pipeline::source(counts.of(10..))
        .merge(items().try_map(third))
        .collect::<Vec<_>>()
        .unwrap_err();
    assert_eq!(oops(error.exception()), 3);
    assert_eq!(error.into_output().unwrap(), [10, 1, 11, 2, 12]);
    assert!(counts.is_dropped());
    let endless = items().merge(items()).merge(items().try_map(third));
    assert!(endless.results().any(|item| item.is_err()));
}

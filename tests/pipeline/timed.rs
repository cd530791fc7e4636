//! Batches that are given when their time is over, though nothing more comes. The time is virtual.

use std::time::Duration;

use cogen::pipeline::{LocalBoxSource, Pipeline, batch, generated};
use cogen::{BoxGen, generator};
use futures::StreamExt;

const SECOND: Duration = Duration::from_secs(1);

/// Gives 1 and 2, and 3 after an hour.
fn quiet() -> BoxGen<'static, i32> {
    generator(|co| async move {
        co.yield_(1).await;
        co.yield_(2).await;
        tokio::time::sleep(3600 * SECOND).await;
        co.yield_(3).await;
    })
    .boxed()
}

/// The batches, with the seconds at which they come.
fn timed(
    make: impl FnOnce(tokio::time::Instant) -> LocalBoxSource<'static, Vec<i32>>,
) -> Vec<(u64, Vec<i32>)> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = tokio::time::Instant::now();
        let batches = make(start).into_stream();
        let timed = batches.map(|batch| (start.elapsed().as_secs(), batch.unwrap()));
        timed.collect().await
    })
}

fn expected() -> Vec<(u64, Vec<i32>)> {
    vec![(1, vec![1, 2]), (3600, vec![3])]
}

#[test]
fn a_timer_of_the_caller_gives_the_batch_of_a_quiet_source() {
    let seen = timed(|_| {
        let batches = batch(10).within(SECOND).timed_by(tokio::time::sleep);
        LocalBoxSource::new(generated(quiet()).pipe(batches))
    });
    assert_eq!(seen, expected());
}

#[test]
fn so_it_does_below_and_above_other_stages() {
    let seen = timed(|start| {
        let batches = batch(10)
            .within_by(SECOND, move || start.elapsed())
            .timed_by(tokio::time::sleep);
        let none = generated(generator(|_| async {}).boxed());
        let items = generated(quiet()).stage(|io| async move {
            while let Some(n) = io.recv().await {
                io.emit(n).await;
            }
        });
        let below = items.pipe(batches).merge(none).stage(|io| async move {
            while let Some(batch) = io.recv().await {
                io.emit(batch).await;
            }
        });
        LocalBoxSource::new(below)
    });
    assert_eq!(seen, expected());
}

#[cfg(feature = "aio")]
#[test]
fn on_tokio_it_needs_no_timer_of_the_caller() {
    let seen = timed(|start| {
        let batches = batch(10).within_by(SECOND, move || start.elapsed());
        LocalBoxSource::new(generated(quiet()).pipe(batches))
    });
    assert_eq!(seen, expected());
    let seen = timed(|_| LocalBoxSource::new(generated(quiet()).pipe(batch(10).within(SECOND))));
    assert_eq!(seen, expected());
}

#[cfg(feature = "aio")]
#[test]
fn the_timer_of_the_event_loop_does_as_well() {
    use cogen::aio;

    let seen = aio::testing::run(async {
        let items = generator(|co| async move {
            co.yield_(1).await;
            co.yield_(2).await;
            aio::sleep(3600 * SECOND).await;
            co.yield_(3).await;
        });
        let sleep = |time| async move {
            aio::sleep(time).await;
        };
        let batches = batch(10).within(SECOND).timed_by(sleep);
        let batches = generated(Box::pin(items)).pipe(batches).into_stream();
        let batches: Vec<_> = batches.map(Result::unwrap).collect().await;
        batches
    });
    assert_eq!(seen.unwrap(), [vec![1, 2], vec![3]]);
}

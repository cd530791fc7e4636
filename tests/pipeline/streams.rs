//! Streams as sources, pipelines as streams, and runs into sinks that await.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cogen::pipeline::{
    Awaits, BoxStage, Ends, Pipeline, Source, collect, generated, input, sink, source, stage,
    streamed,
};
use cogen::{Co, Exception, Generator, NextError, generator};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::future::{Either, select};
use futures::stream::{self, FusedStream, FuturesUnordered};
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};

use crate::forms::slow;
use crate::kit::{Count, Log, blow, blown, oops};
use crate::support::{Oops, pending_once};

/// Runs a tokio program with a clock that moves on when there is nothing else to do.
fn tokio_run<T>(program: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(program)
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(Waker::noop()))
}

/// Passes on what it receives within ten seconds, or else gives a 0.
async fn ticks(io: Ends<'static, i32, i32>) {
    loop {
        match select(pin!(io.recv()), pin!(sleep(10))).await {
            Either::Left((Some(n), _)) => io.emit(n).await,
            Either::Left((None, _)) => break,
            Either::Right(_) => io.emit(0).await,
        }
    }
}

/// Gives an item after 5, then 25, then 5 seconds.
fn items_now_and_then() -> impl Stream<Item = i32> + Send + Unpin {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for (n, seconds) in [(1, 5), (2, 25), (3, 5)] {
            sleep(seconds).await;
            sender.send(n).await.unwrap();
        }
    });
    stream::poll_fn(move |cx| receiver.poll_recv(cx))
}

#[test]
fn a_timer_beside_a_recv_fires_while_there_is_no_item() {
    let seen = tokio_run(async {
        let pipeline = streamed(items_now_and_then()).stage(ticks);
        pipeline.run_async(collect::<Vec<_>, _>()).await.unwrap()
    });
    assert_eq!(seen, [1, 0, 0, 2, 3]);
}

#[test]
fn so_it_does_below_many_stages() {
    async fn pass(io: Ends<'static, i32, i32>) {
        while let Some(n) = io.recv().await {
            io.emit(n).await;
        }
    }
    let seen = tokio_run(async {
        let above = (0..40).fold(BoxStage::new(input()), |above, _| {
            BoxStage::new(above.pipe(stage(pass)))
        });
        let below = (0..40).fold(BoxStage::new(stage(ticks)), |above, _| {
            BoxStage::new(above.pipe(stage(pass)))
        });
        let pipeline = streamed(items_now_and_then()).pipe(above).pipe(below);
        let spawned = tokio::spawn(pipeline.run_async(collect::<Vec<_>, _>()));
        spawned.await.unwrap().unwrap()
    });
    assert_eq!(seen, [1, 0, 0, 2, 3]);
}

#[test]
fn receives_in_a_combinator_wait_quietly() {
    let (mut sender, receiver) = mpsc::channel(8);
    let polls = Count::default();
    let count = polls.clone();
    let receiver = stream::poll_fn({
        let mut receiver = receiver;
        move |cx| {
            count.add();
            receiver.poll_next_unpin(cx)
        }
    });
    let mut pipeline = streamed(receiver)
        .stage(|io| async move {
            let mut three: FuturesUnordered<_> = (0..3).map(|_| io.recv()).collect();
            while let Some(item) = three.next().await {
                if let Some(n) = item {
                    let n: i32 = n;
                    io.emit(n).await;
                }
            }
        })
        .into_stream();
    for n in 1..=3 {
        assert!(poll(&mut pipeline).is_pending());
        let before = polls.get();
        sender.try_send(n).unwrap();
        let next = block_on(pipeline.next()).unwrap().unwrap();
        assert_eq!(next, n);
        assert!(polls.get() < before + 10, "{} polls", polls.get() - before);
    }
    assert!(block_on(pipeline.next()).is_none());
}

#[test]
fn stages_await_channels_and_timers_on_a_spawned_task() {
    let sum = tokio_run(async {
        let (requests, mut inbox) = tokio::sync::mpsc::channel::<i64>(1);
        let answers = generator(|co: Co<'_, i64>| async move {
            while let Some(n) = inbox.recv().await {
                sleep(1).await;
                co.yield_(n * n).await;
            }
        });
        let total = sink(|io: Ends<'_, i64>| async move {
            let mut total = 0;
            while let Some(n) = io.recv().await {
                sleep(1).await;
                total += n;
            }
            total
        });
        let run = tokio::spawn(generated(answers.boxed()).run_async(total));
        for n in 1..=4 {
            requests.send(n).await.unwrap();
        }
        drop(requests);
        run.await.unwrap().unwrap()
    });
    assert_eq!(sum, 30);
}

#[test]
fn two_streams_are_merged_as_they_come() {
    let (mut left, right) = (mpsc::channel(8), mpsc::channel(8));
    let (mut to_right, right) = right;
    let mut both = streamed(left.1).merge(streamed(right)).into_stream();
    assert!(poll(&mut both).is_pending());
    to_right.try_send(1).unwrap();
    to_right.try_send(2).unwrap();
    assert_eq!(block_on(both.next()).unwrap().unwrap(), 1);
    left.0.try_send(10).unwrap();
    drop((left.0, to_right));
    let mut rest = block_on(both.try_collect::<Vec<i32>>()).unwrap();
    rest.sort_unstable();
    assert_eq!(rest, [2, 10]);
}

#[test]
fn the_error_is_the_last_item_and_the_stream_is_fused() {
    let mut stream = streamed(slow(["1", "2", "x", "4"].into_iter()))
        .try_map(str::parse::<i32>)
        .chunks(3)
        .into_stream();
    assert_eq!(stream.size_hint().1, None);
    assert_eq!(block_on(stream.next()).unwrap().unwrap(), [1, 2]);
    let error = block_on(stream.next()).unwrap().unwrap_err();
    assert!(error.is::<std::num::ParseIntError>());
    for _ in 0..3 {
        assert!(block_on(stream.next()).is_none());
    }
    assert!(stream.is_terminated());
    assert_eq!(stream.size_hint(), (0, Some(0)));
}

#[test]
fn an_interrupted_run_has_the_output_of_what_came_before() {
    let failing = streamed(slow(1..)).stage(|io| async move {
        while let Some(n) = io.recv().await {
            pending_once().await;
            if n == 3 {
                return Err(Oops(n));
            }
            io.emit(n).await;
        }
        Ok(())
    });
    let error = block_on(failing.run_async(collect::<Vec<_>, _>())).unwrap_err();
    assert_eq!(oops(error.exception()), 3);
    assert_eq!(error.into_output().unwrap(), [1, 2]);
}

#[test]
fn errors_of_the_stream_are_made_those_of_the_pipeline() {
    let items = stream::iter([Ok(1), Ok(2), Err(Oops(3)), Ok(4)]);
    let pipeline = streamed(items).try_map(|item| item);
    let error = block_on(pipeline.run_async(collect::<Vec<_>, _>())).unwrap_err();
    assert_eq!(oops(error.exception()), 3);
    assert_eq!(error.into_output().unwrap(), [1, 2]);
}

/// A stage that logs how it ends.
fn logs(log: &Log<&'static str>) -> impl FnOnce(Ends<'static, i32, i32>) -> LocalBody + use<> {
    let log = log.clone();
    move |io| {
        Box::pin(async move {
            let pass = async {
                while let Some(n) = io.recv().await {
                    pending_once().await;
                    io.emit(n).await;
                }
                log.add("end");
            };
            io.finally(pass, async { log.add("clean-up") }).await;
        })
    }
}

type LocalBody = Pin<Box<dyn Future<Output = ()>>>;

#[test]
fn an_early_end_and_an_early_drop_clean_up() {
    let log = Log::new();
    let taken = streamed(slow(1..)).stage(logs(&log)).take(2);
    assert_eq!(
        block_on(taken.run_async(collect::<Vec<_>, _>())).unwrap(),
        [1, 2]
    );
    assert_eq!(log.take(), ["clean-up"]);

    let dropped = Count::default();
    let guard = dropped.guard();
    let items = slow((1..).inspect(move |_| {
        let _owned = &guard;
    }));
    let mut stream = streamed(items).stage(logs(&log)).into_stream();
    assert_eq!(block_on(stream.next()).unwrap().unwrap(), 1);
    assert!(poll(&mut stream).is_pending());
    drop(stream);
    assert_eq!(log.take(), ["clean-up"], "dropped while the stage awaits");
    assert_eq!(dropped.get(), 1);

    let mut run = streamed(slow(1..3))
        .stage(logs(&log))
        .run_async(collect::<Vec<_>, _>());
    assert!((&mut run).now_or_never().is_none());
    drop(run);
    assert_eq!(log.take(), ["clean-up"]);

    let end = streamed(slow(1..3))
        .stage(logs(&log))
        .run_async(collect::<Vec<_>, _>());
    assert_eq!(block_on(end).unwrap(), [1, 2]);
    assert_eq!(log.take(), ["end", "clean-up"]);
}

#[test]
fn clean_up_after_an_error_is_cut_where_it_awaits() {
    let reached = Cell::new("");
    let seen = &reached;
    let pipeline = source(1..)
        .stage(|io| async move {
            while let Some(n) = io.recv().await {
                if let Err(error) = io.catch(io.emit(n)).await {
                    seen.set("caught");
                    pending_once().await;
                    seen.set("cleaned up");
                    io.raise(error).await;
                }
            }
        })
        .try_map(|n| if n < 3 { Ok(n) } else { Err(Oops(n)) });
    let error = block_on(pipeline.run_async(collect::<Vec<_>, _>())).unwrap_err();
    assert_eq!(reached.get(), "caught");
    assert!(error.exception().is::<cogen::ThrowError>(), "{error}");
    assert_eq!(error.into_output().unwrap(), [1, 2]);
}

#[test]
fn a_stream_that_is_not_ready_cannot_be_pulled_synchronously() {
    assert_eq!(
        streamed(stream::iter(1..4)).collect::<Vec<_>>().unwrap(),
        [1, 2, 3],
        "one that is ready can"
    );
    let error = streamed(slow(1..4)).collect::<Vec<_>>().unwrap_err();
    assert!(error.exception().is::<Awaits>());
    let mut pipeline = streamed(slow(1..4)).stage(|io| async move {
        while let Some(n) = io.recv().await {
            io.emit(n).await;
        }
    });
    assert_eq!(pipeline.iter().next(), None);
    assert!(pipeline.outcome().unwrap_err().is::<Awaits>());
}

#[test]
fn a_lent_pipeline_goes_on_in_another_way() {
    let mut pipeline = streamed(stream::iter(1..=4)).map(|n| 10 * n);
    assert_eq!(
        block_on((&mut pipeline).into_stream().next())
            .unwrap()
            .unwrap(),
        10
    );
    assert_eq!(pipeline.iter().next(), Some(20));
    let rest = block_on((&mut pipeline).run_async(collect::<Vec<_>, _>()));
    assert_eq!(rest.unwrap(), [30, 40]);
}

#[test]
fn in_a_generator_that_is_driven_synchronously_it_is_pending_and_goes_on() {
    let mut outer = pin!(generator(|co: Co<'_, i32>| async move {
        let mut inner = streamed(slow(1..3))
            .stage(|io| async move {
                while let Some(n) = io.recv().await {
                    io.emit(10 * n).await;
                }
            })
            .into_stream();
        while let Some(n) = inner.next().await {
            co.yield_(n.unwrap()).await;
        }
    }));
    assert!(matches!(outer.next(), Err(NextError::Pending)));
    assert_eq!(outer.next().unwrap().yielded(), Some(10));
    let step = block_on(outer.anext()).unwrap();
    assert_eq!(step.yielded(), Some(20));
}

#[test]
fn panics_come_to_who_polls() {
    let run = source(1..)
        .stage(|io| async move {
            while let Some(n) = io.recv().await {
                pending_once().await;
                if n == 3 {
                    blow(n);
                }
                io.emit(n).await;
            }
        })
        .run_async(collect::<Vec<_>, _>());
    assert_eq!(blown(|| block_on(run)), Some(3));
}

fn takes_any_source(source: impl Source<Item = i32>) -> Result<Vec<i32>, Exception> {
    block_on(source.into_stream().try_collect())
}

#[test]
fn what_is_driven_asynchronously_can_be_spawned_and_moved() {
    fn check<T: Send + Unpin>(_: &T) {}
    let pipeline = || streamed(stream::iter(0..3)).map(|n| n + 1);
    check(&pipeline().into_stream());
    check(&pipeline().run_async(collect::<Vec<_>, _>()));
    assert_eq!(takes_any_source(pipeline()).unwrap(), [1, 2, 3]);
}

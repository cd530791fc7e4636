//! Nobody waits for a thread that waits for something else. What the threads wait for comes from the test itself, so a wait
//! in vain is a test that hangs.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use cogen::pipeline::{
    Awaits, BoxSource, Ends, LocalBoxSource, Pipeline, Sink, Source, for_each, map, parallel,
    source, stage, streamed, threaded, try_map,
};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt, stream};

use crate::ROUNDS;
use crate::kit::{Count, Counts, oops};
use crate::support::Oops;

/// A source on a thread that waits for what is sent, and a count of the iterators that were dropped.
pub(crate) fn quiet() -> (Sender<i64>, Count, BoxSource<'static, i64>) {
    let (sender, receiver): (_, Receiver<i64>) = mpsc::channel();
    let counts = Counts::default();
    let quiet = source(counts.of(receiver.into_iter())).on_thread(4);
    (sender, counts.dropped, BoxSource::new(quiet))
}

/// Waits for the end of the thread.
pub(crate) fn ended(count: &Count) {
    while count.get() == 0 {
        thread::yield_now();
    }
}

#[test]
fn an_early_return_waits_for_nothing() {
    for _ in 0..ROUNDS {
        let (sender, dropped, mut pipeline) = quiet();
        sender.send(1).unwrap();
        assert_eq!(pipeline.iter().next(), Some(1));
        drop(pipeline);
        assert_eq!(dropped.get(), 0, "the thread waits for the sender");
        drop(sender);
        ended(&dropped);

        let (sender, dropped, pipeline) = quiet();
        sender.send(1).unwrap();
        assert_eq!(pipeline.take(1).collect::<Vec<_>>().unwrap(), [1]);
        drop(sender);
        ended(&dropped);

        let (sender, dropped, pipeline) = quiet();
        sender.send(1).unwrap();
        assert_eq!(pipeline.into_iter().next(), Some(1));
        sender.send(2).unwrap();
        ended(&dropped);
    }
}

#[test]
fn so_it_is_in_a_scope() {
    let words = ["a".to_owned(), "b".to_owned()];
    let words = &words;
    for _ in 0..ROUNDS {
        let first = thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let mut pipeline = source(receiver)
                .map(|n: usize| &words[n])
                .on_thread_in(scope, 1);
            sender.send(1).unwrap();
            pipeline.iter().next()
        });
        assert_eq!(first.unwrap(), "b");
    }
}

#[test]
fn a_source_that_ends_late_is_told_of_the_end() {
    let raised = Count::default();
    let (sender, receiver) = mpsc::channel::<i64>();
    let seen = raised.clone();
    let mut pipeline = source(receiver)
        .pipe(stage(move |io: Ends<'static, i64, i64>| async move {
            let passing = async {
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
            };
            io.finally(passing, async { drop(seen.guard()) }).await;
        }))
        .on_thread(1);
    sender.send(1).unwrap();
    assert_eq!(pipeline.iter().next(), Some(1));
    drop(pipeline);
    assert_eq!(raised.get(), 0);
    sender.send(2).unwrap();
    ended(&raised);
}

#[test]
fn what_is_raised_when_nobody_is_left_goes_to_the_hook() {
    let (reports, reported) = mpsc::channel();
    cogen::set_unraisable_hook(move |unraisable| drop(reports.send(unraisable.to_string())));
    // Other tests report, too.
    let next = |what: &str| {
        let is_it = |report: &String| report.contains(": oops 77");
        let report = reported.iter().find(is_it).unwrap();
        assert!(report.contains(what), "{report}");
    };
    let sloppy = || {
        stage(|io: Ends<'static, i64, i64>| async move {
            let passing = async {
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
            };
            io.finally(passing, async { match io.raise(Oops(77)).await {} })
                .await;
        })
    };
    // The thread waits for the sender, then for room.
    for room in [true, false] {
        let (sender, receiver) = mpsc::channel();
        let mut pipeline = source(receiver).pipe(sloppy()).on_thread(0);
        sender.send(1).unwrap();
        assert_eq!(pipeline.iter().next(), Some(1));
        if room {
            drop(pipeline);
            let _ended = sender.send(2);
        } else {
            sender.send(2).unwrap();
            drop(pipeline);
        }
        next("a source on a thread that was dropped");
    }
    let mut pipeline = source(1..).pipe(parallel(1, sloppy));
    assert_eq!(pipeline.iter().next(), Some(1));
    drop(pipeline);
    next("a stage on a thread that was dropped");
    let sink = sloppy().to(for_each(|_| ())).on_thread(1);
    let mut push = sink.pushed();
    push.feed(1).unwrap();
    drop(push);
    next("ignored in a generator that was dropped");
    drop(cogen::take_unraisable_hook());
}

#[test]
fn an_error_of_one_source_comes_while_another_is_quiet() {
    let fails = || source(1..).try_map(|n| if n == 3 { Err(Oops(3)) } else { Ok(n) });
    for round in 0..ROUNDS {
        let (sender, dropped, quiet) = quiet();
        let error = match round % 6 {
            0 => quiet.merge(fails()).collect::<Vec<_>>().err(),
            1 => fails().on_thread(2).merge(quiet).collect().err(),
            2 => LocalBoxSource::new(quiet.map(|n| n).merge(fails().on_thread(0)))
                .collect()
                .err(),
            3 => quiet.zip(fails().skip(2)).map(|(_, n)| n).collect().err(),
            4 => fails()
                .skip(2)
                .on_thread(2)
                .zip(quiet)
                .map(|(n, _)| n)
                .collect()
                .err(),
            _ => quiet
                .merge(source(1..).pipe(parallel(2, || {
                    try_map(|n| if n == 3 { Err(Oops(3)) } else { Ok(n) })
                })))
                .collect()
                .err(),
        };
        assert_eq!(oops(error.unwrap().exception()), 3);
        drop(sender);
        ended(&dropped);
    }
}

/// Merges a source that has an item only when a hundred of the other have come.
fn keeps_going(
    name: &str,
    merge: impl FnOnce(BoxSource<'static, i64>) -> LocalBoxSource<'static, i64>,
) {
    let (sender, _, quiet) = quiet();
    let mut sender = Some(sender);
    let mut seen = 0;
    for n in &mut merge(quiet) {
        if n < 0 {
            sender = None;
            continue;
        }
        seen += 1;
        if seen == 100 {
            sender.as_ref().unwrap().send(-1).unwrap();
        }
    }
    assert_eq!(seen, 100, "{name}");
    assert!(sender.is_none(), "{name}");
}

fn hundred() -> impl Source<Item = i64> + Send + 'static {
    source(0..100)
}

#[test]
fn a_quiet_source_does_not_hold_a_busy_one() {
    for _ in 0..ROUNDS.min(20) {
        keeps_going("on threads", |quiet| {
            LocalBoxSource::new(quiet.merge(hundred().on_thread(8)))
        });
        keeps_going("swapped, no queue", |quiet| {
            LocalBoxSource::new(hundred().on_thread(0).merge(quiet))
        });
        keeps_going("not on a thread", |quiet| {
            LocalBoxSource::new(quiet.merge(hundred()))
        });
        keeps_going("nested", |quiet| {
            let none = || source(0..0).on_thread(1);
            LocalBoxSource::new(
                none()
                    .merge(quiet)
                    .merge(none().merge(hundred().on_thread(1))),
            )
        });
        keeps_going("below stages", |quiet| {
            let body = stage(|io: Ends<'static, i64, i64>| async move {
                while let Some(n) = io.recv().await {
                    io.emit(n).await;
                }
            });
            let quiet = quiet.map(|n| n).pipe(body).filter(|_| true);
            LocalBoxSource::new(quiet.merge(hundred().on_thread(3)).map(|n| n))
        });
        keeps_going("parallel", |quiet| {
            LocalBoxSource::new(quiet.merge(hundred().pipe(parallel(2, || map(|n| n)))))
        });
        keeps_going("threaded", |quiet| {
            LocalBoxSource::new(
                quiet
                    .pipe(threaded(1, map(|n| n)))
                    .merge(hundred().on_thread(1)),
            )
        });
        keeps_going("below a parallel stage", |quiet| {
            let merged = quiet.merge(hundred().on_thread(2));
            LocalBoxSource::new(merged.pipe(parallel(2, || map(|n| n)).unordered()))
        });
    }
}

#[test]
fn so_it_is_for_a_sink_that_takes_them() {
    let (sender, _, quiet) = quiet();
    let mut sender = Some(sender);
    let mut seen = 0;
    let merged = quiet.merge(hundred().on_thread(8));
    merged
        .for_each(|n| {
            seen += 1;
            if n < 0 {
                sender = None;
            } else if seen == 100 {
                sender.as_ref().unwrap().send(-1).unwrap();
            }
        })
        .unwrap();
    assert_eq!(seen, 101);
}

#[test]
fn in_an_async_program_no_thread_is_waited_for() {
    for _ in 0..ROUNDS {
        let (sender, _, quiet) = quiet();
        let mut pipeline = quiet.into_stream();
        assert!(pipeline.next().now_or_never().is_none());
        sender.send(1).unwrap();
        assert_eq!(block_on(pipeline.next()).unwrap().unwrap(), 1);
        assert!(pipeline.next().now_or_never().is_none());
        drop(sender);
        assert!(block_on(pipeline.next()).is_none());
    }
}

#[test]
fn a_pipeline_in_a_stage_of_a_merged_one_waits_for_its_own_threads() {
    let inner = |n: i64| {
        let items = source(0..n).on_thread(1).pipe(threaded(1, map(|n| n)));
        let mut sum = 0;
        for item in &mut source(0..n).on_thread(1) {
            sum += item;
        }
        assert_eq!(sum, items.fold(0, |sum, n| sum + n).unwrap());
        sum
    };
    for _ in 0..ROUNDS.min(20) {
        let merged = source(0..10)
            .on_thread(1)
            .map(inner)
            .merge(source(0..10).map(inner));
        let mut seen = merged.collect::<Vec<_>>().unwrap();
        seen.sort_unstable();
        let mut expected: Vec<_> = (0..10).chain(0..10).map(|n| n * (n - 1) / 2).collect();
        expected.sort_unstable();
        assert_eq!(seen, expected);
    }
}

#[test]
fn what_awaits_is_an_error_where_no_thread_is_left_to_wait_for() {
    let never = streamed(stream::pending::<i64>());
    let mut merged = never.merge(hundred().on_thread(1));
    assert_eq!(merged.iter().count(), 100);
    assert!(merged.outcome().unwrap_err().is::<Awaits>());
}

#[test]
fn an_item_that_is_alone_comes_out_at_once() {
    type Threads = Box<dyn Fn(BoxSource<'static, i64>) -> BoxSource<'static, i64>>;
    let forms: [(&str, Threads); 5] = [
        (
            "ordered",
            Box::new(|items| BoxSource::new(items.pipe(parallel(2, || map(|n| n))))),
        ),
        (
            "unordered",
            Box::new(|items| BoxSource::new(items.pipe(parallel(2, || map(|n| n)).unordered()))),
        ),
        (
            "one thread",
            Box::new(|items| BoxSource::new(items.pipe(threaded(64, map(|n| n))))),
        ),
        (
            "a queue",
            Box::new(|items| BoxSource::new(items.on_thread(64))),
        ),
        (
            "all",
            Box::new(|items| {
                let inner = items.pipe(parallel(3, || map(|n| n))).on_thread(1000);
                BoxSource::new(inner.pipe(threaded(1000, map(|n| n))))
            }),
        ),
    ];
    for (name, form) in &forms {
        for _ in 0..ROUNDS.min(10) {
            // The source has its next item only when the one before has come out.
            let (sender, _, quiet) = quiet();
            let mut pipeline = form(quiet);
            for n in 0..20 {
                sender.send(n).unwrap();
                assert_eq!(pipeline.iter().next(), Some(n), "{name}");
            }
            let mut stream = pipeline.into_stream();
            for n in 0..20 {
                assert!(stream.next().now_or_never().is_none(), "{name}");
                sender.send(n).unwrap();
                assert_eq!(block_on(stream.next()).unwrap().unwrap(), n, "{name}");
            }
        }
    }
}

#[test]
fn an_item_is_worked_on_while_the_source_waits_for_that() {
    for ordered in [true, false] {
        let (done, is_done) = mpsc::channel();
        let stage = parallel(2, || {
            let done = done.clone();
            map(move |n: i64| {
                done.send(n).unwrap();
                n
            })
        });
        let stage = if ordered { stage } else { stage.unordered() };
        let items = (0..50).inspect(|n| assert!(*n == 0 || is_done.recv().unwrap() == n - 1));
        let mut seen = source(items).pipe(stage).collect::<Vec<_>>().unwrap();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..50));
    }
}

#[test]
fn one_slow_item_holds_no_other_where_the_order_is_not_kept() {
    // The first item is done when all others have come out.
    let (others, are_out) = mpsc::channel();
    let are_out = std::sync::Arc::new(std::sync::Mutex::new(are_out));
    let slow = parallel(2, || {
        let are_out = std::sync::Arc::clone(&are_out);
        map(move |n: i64| {
            if n == 0 {
                are_out.lock().unwrap().recv().unwrap();
            }
            n
        })
    });
    let mut seen = Vec::new();
    for n in source(0..1000).pipe(slow.unordered()) {
        seen.push(n);
        if seen.len() == 999 {
            others.send(()).unwrap();
        }
    }
    assert_eq!(seen.pop(), Some(0));
}

//! A pipeline that ends early, above what waits on a thread.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use cogen::pipeline::{
    Pipeline, Sink, Source, batch, broadcast, collect, coroutine, for_each, map, parallel, source,
    threaded,
};
use cogen::{Co, GeneratorExit, generator};
use futures::executor::block_on;

use crate::ROUNDS;
use crate::kit::oops;
use crate::support::Oops;
use crate::waits::{ended, quiet};

/// Whatever is below: it may close what is above more than once.
#[test]
fn an_early_end_waits_for_nothing_whatever_is_below() {
    let same = || map(|n: i64| n);
    for round in 0..ROUNDS {
        let (sender, dropped, quiet) = quiet();
        sender.send(1).unwrap();
        let first = quiet.take(1);
        let items: Vec<i64> = match round % 8 {
            0 => first.pipe(threaded(1, same())).collect().unwrap(),
            1 => first.pipe(parallel(2, same)).collect().unwrap(),
            2 => first.run(collect().on_thread(1)).unwrap(),
            3 => block_on(first.run_async(collect().on_thread(1))).unwrap(),
            4 => {
                first
                    .run(broadcast((collect(), for_each(|_| {}))))
                    .unwrap()
                    .0
            }
            5 => {
                let mut seen = Vec::new();
                let body = generator(|co: Co<'_, (), i64>| {
                    let seen = &mut seen;
                    async move {
                        while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                            seen.push(n);
                        }
                    }
                });
                first.run(coroutine(body.boxed_local())).unwrap();
                seen
            }
            6 => first
                .zip(source([1]))
                .map(|(n, _)| n)
                .pipe(threaded(1, same()))
                .collect()
                .unwrap(),
            _ => first
                .on_thread(1)
                .take_while(|_| true)
                .pipe(batch(1))
                .flat_map(|n| n)
                .collect()
                .unwrap(),
        };
        assert_eq!(items, [1], "{}", round % 8);
        assert_eq!(dropped.get(), 0, "the thread waits for the sender");
        drop(sender);
        ended(&dropped);
    }
}

#[test]
fn an_error_below_a_quiet_source_waits_for_nothing() {
    for round in 0..ROUNDS {
        let (sender, dropped, quiet) = quiet();
        let failing = source([1]).try_map(|_| Err::<i64, _>(Oops(1)));
        let both = quiet.merge(failing).pipe(parallel(2, || map(|n: i64| n)));
        let error = match round % 2 {
            0 => both.collect::<Vec<_>>().unwrap_err(),
            _ => block_on(both.run_async(collect::<Vec<_>, _>())).unwrap_err(),
        };
        assert_eq!(oops(error.exception()), 1);
        drop(sender);
        ended(&dropped);
    }
}

/// A waker of somebody else's that panics: the threads go on, and what they have comes.
#[test]
fn a_waker_that_panics_loses_nothing() {
    struct Hostile;
    impl Wake for Hostile {
        fn wake(self: Arc<Self>) {
            panic!("a hostile waker");
        }
    }
    fn all(pipeline: impl Source<Item = i64>) -> Vec<i64> {
        let waker = Waker::from(Arc::new(Hostile));
        let mut pipeline = pipeline;
        let mut items = Vec::new();
        loop {
            match pipeline.poll_next(Some(&mut Context::from_waker(&waker))) {
                Poll::Ready(Some(item)) => items.push(item),
                Poll::Ready(None) => break,
                Poll::Pending => thread::yield_now(),
            }
        }
        assert!(pipeline.take_error().is_none());
        items
    }
    let same = || map(|n: i64| n);
    let expected: Vec<i64> = (0..20).collect();
    for _ in 0..=ROUNDS / 10 {
        assert_eq!(all(source(0..20).on_thread(1)), expected);
        assert_eq!(all(source(0..20).pipe(threaded(1, same()))), expected);
        assert_eq!(all(source(0..20).pipe(parallel(2, same))), expected);
    }
}

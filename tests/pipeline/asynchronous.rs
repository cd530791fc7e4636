//! Pipelines that are polled with a context: their bodies may await.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use cogen::pipeline::{Ends, Pipeline, Sink, Source, collect, coroutine, generated, sink, source};
use cogen::{Co, GeneratorExit, generator};
use futures::executor::block_on;
use futures::future::join;

use crate::kit::{Counts, Log};
use crate::support::{Oops, pending_once};

/// All items that come out.
fn items<U: Source>(mut source: U) -> (Vec<U::Item>, U) {
    block_on(async {
        let mut items = Vec::new();
        while let Some(item) = poll_fn(|cx| source.poll_next(Some(cx))).await {
            items.push(item);
        }
        (items, source)
    })
}

fn output<U: Source, K: Sink<In = U::Item>>(mut source: U, mut sink: K) -> Option<K::Output> {
    block_on(poll_fn(|cx| sink.poll_drain(&mut source, Some(cx))))
}

#[test]
fn a_body_may_await_before_and_after_it_receives_and_emits() {
    let doubled = source(1..=3).stage(|io| async move {
        pending_once().await;
        while let Some(n) = io.recv().await {
            pending_once().await;
            io.emit(2 * n).await;
            pending_once().await;
        }
        pending_once().await;
        io.emit(0).await;
    });
    assert_eq!(items(doubled).0, [2, 4, 6, 0]);
}

#[test]
fn bodies_that_await_follow_each_other() {
    let slow = |io: Ends<'static, i32, i32>| async move {
        while let Some(n) = io.recv().await {
            pending_once().await;
            io.emit(n + 1).await;
        }
    };
    let counts = Counts::default();
    let pipeline = source(counts.of(1..))
        .stage(slow)
        .filter(|n| n % 2 == 0)
        .stage(slow)
        .take(2);
    assert_eq!(items(pipeline).0, [3, 5]);
    assert!(counts.is_dropped());
}

#[test]
fn what_is_awaited_beside_a_recv_loses_nothing() {
    let pipeline = source(1..=4).stage(|io| async move {
        loop {
            let (item, ()) = join(io.recv(), pending_once()).await;
            let Some(item) = item else { break };
            join(io.emit(item), pending_once()).await;
        }
    });
    assert_eq!(items(pipeline).0, [1, 2, 3, 4]);
}

#[test]
fn a_recv_that_is_given_up_leaves_its_item_to_the_next() {
    let slow = generator(|co| async move {
        for n in 1..=3 {
            pending_once().await;
            co.yield_(n).await;
        }
    });
    let pipeline = generated(Box::pin(slow)).stage(|io| async move {
        loop {
            // This `recv` is polled once, before there is an item above, and dropped.
            let mut given_up = Box::pin(io.recv());
            let first = poll_fn(|cx| Poll::Ready(given_up.as_mut().poll(cx))).await;
            drop(given_up);
            let item = match first {
                Poll::Ready(item) => item,
                Poll::Pending => io.recv().await,
            };
            let Some(item) = item else { break };
            io.emit(item).await;
        }
    });
    assert_eq!(items(pipeline).0, [1, 2, 3]);
}

#[test]
fn an_error_after_an_await_is_told_at_the_end() {
    let failing = source(1..).stage(|io| async move {
        while let Some(n) = io.recv().await {
            pending_once().await;
            if n == 3 {
                return Err(Oops(3));
            }
            io.emit(n).await;
        }
        Ok(())
    });
    let (items, mut failing) = items(failing);
    assert_eq!(items, [1, 2]);
    assert!(failing.take_error().unwrap().is::<Oops>());
}

#[test]
fn sinks_may_await() {
    let sum = sink(|io: Ends<'_, i32>| async move {
        let mut sum = 0;
        while let Some(n) = io.recv().await {
            pending_once().await;
            sum += n;
        }
        sum
    });
    assert_eq!(output(source(1..=4), sum), Some(10));

    let log = Log::new();
    let seen = &log;
    let logs = generator(|co| async move {
        loop {
            let n: i32 = co.yield_(()).await;
            pending_once().await;
            seen.add(n);
        }
    });
    let drained = output(source(1..=3), coroutine(pin!(logs)));
    assert!(drained.is_some());
    assert_eq!(log.take(), [1, 2, 3]);
    assert_eq!(
        output(source(1..=3), collect::<Vec<_>, _>()),
        Some(vec![1, 2, 3])
    );
}

#[test]
fn a_coroutine_may_await_when_it_is_closed_and_fail_then() {
    for fails in [false, true] {
        let buffered = || {
            generator(move |co: Co<'_, (), i32>| async move {
                let mut kept = Vec::new();
                while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                    kept.push(n);
                }
                for n in kept {
                    pending_once().await;
                    pending_once().await;
                    if fails && n == 3 {
                        return Err(Oops(n));
                    }
                }
                Ok(())
            })
        };
        let run = source(1..=3).run_async(coroutine(buffered().boxed()));
        match block_on(run) {
            Ok(output) => assert_eq!((output, fails), (Some(()), false)),
            Err(error) => assert!(error.exception().is::<Oops>() && fails),
        }
        // A sync run cannot wait for that, and says so.
        let run = source(1..=3).run(coroutine(buffered().boxed()));
        assert!(run.unwrap_err().to_string().contains("awaits a future"));
    }
    let unwound = generator(|co: Co<'_, (), i32>| async move {
        co.finally(co.yield_(()), pending_once()).await;
    });
    let run = source([]).run_async(coroutine(unwound.boxed()));
    assert_eq!(block_on(run).unwrap(), None);
}

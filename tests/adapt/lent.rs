//! What a body sees of its caller's waker, as it is polled with one of ours.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use cogen::{BoxGen, Co, Generator, GeneratorExt, NextError, Step, generator, with_callers_waker};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::future::{join, join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, Stream, StreamExt};

use crate::support::pending_once;

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker that counts, and its count.
fn counting() -> (Waker, impl Fn() -> usize) {
    let wakes = Arc::new(Wakes::default());
    (Waker::from(wakes.clone()), move || {
        wakes.0.load(Ordering::SeqCst)
    })
}

/// Stores a clone of the waker that it is polled with in `kept`, and is pending once.
async fn keep(kept: &RefCell<Option<Waker>>) {
    poll_fn(|cx| {
        if kept.borrow().is_some() {
            return Poll::Ready(());
        }
        *kept.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    })
    .await;
}

#[test]
fn a_clone_is_the_callers_waker_and_outlives_the_stream() {
    let (waker, woken) = counting();
    let kept = &RefCell::default();
    {
        let mut stream = pin!(
            generator(|co| async move {
                keep(kept).await;
                co.yield_(1).await;
            })
            .into_stream()
        );
        let cx = &mut Context::from_waker(&waker);
        assert!(stream.as_mut().poll_next(cx).is_pending());
        let clone = kept.borrow().clone().unwrap();
        assert_eq!(clone.data(), waker.data());
        clone.wake();
        assert_eq!(woken(), 1);
        assert_eq!(stream.poll_next(cx), Poll::Ready(Some(1)));
    }
    kept.take().unwrap().wake();
    assert_eq!(woken(), 2);
}

#[test]
fn a_wake_within_the_poll_wakes_the_caller() {
    let (waker, woken) = counting();
    let stream = generator(|co| async move {
        pending_once().await;
        co.yield_(1).await;
    });
    let boxed: BoxGen<'_, i32> = stream.boxed();
    let mut stream = boxed.into_stream();
    let cx = &mut Context::from_waker(&waker);
    assert!(stream.poll_next_unpin(cx).is_pending());
    assert_eq!(woken(), 1);
    assert_eq!(stream.poll_next_unpin(cx), Poll::Ready(Some(1)));
    assert_eq!(stream.poll_next_unpin(cx), Poll::Ready(None));
    assert_eq!(woken(), 1);
}

#[test]
fn a_thread_may_wake_and_clone_it_during_the_poll() {
    let (waker, woken) = counting();
    let mut stream = pin!(
        generator(|co: Co<'_, ()>| async move {
            poll_fn(|cx| {
                let lent = cx.waker();
                std::thread::scope(|s| {
                    s.spawn(|| {
                        lent.wake_by_ref();
                        let clone = lent.clone();
                        clone.wake();
                    });
                });
                Poll::Ready(())
            })
            .await;
            co.yield_(()).await;
        })
        .into_stream()
    );
    let cx = &mut Context::from_waker(&waker);
    assert!(stream.as_mut().poll_next(cx).is_ready());
    assert_eq!(woken(), 2);
}

#[test]
fn a_later_poll_may_come_with_another_waker() {
    let (first, _) = counting();
    let (second, woken) = counting();
    let mut stream = pin!(
        generator(|co| async move {
            co.yield_(0).await;
            pending_once().await;
            co.yield_(1).await;
        })
        .into_stream()
    );
    assert!(
        stream
            .as_mut()
            .poll_next(&mut Context::from_waker(&first))
            .is_ready()
    );
    let cx = &mut Context::from_waker(&second);
    assert!(stream.poll_next(cx).is_pending());
    assert_eq!(woken(), 1);
}

/// Yields from each of `n` futures that a combinator polls with wakers of its own.
async fn several(co: Co<'_, usize>, n: usize) {
    let mut futures: FuturesUnordered<_> = (0..n)
        .map(|n| async move {
            pending_once().await;
            co.yield_(n).await;
            pending_once().await;
            co.yield_(10 + n).await;
        })
        .collect();
    while futures.next().await.is_some() {}
    join_all((0..n).map(|n| async move {
        co.yield_(20 + n).await;
        pending_once().await;
    }))
    .await;
    join(co.yield_(30), async { co.yield_(31).await }).await;
}

fn sorted(mut items: Vec<usize>) -> Vec<usize> {
    items.sort_unstable();
    items
}

#[test]
fn combinators_in_a_body_lose_nothing() {
    let expected = [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31];
    let stream = generator(|co| several(co, 3)).into_stream();
    assert_eq!(sorted(block_on(stream.collect())), expected);
    let boxed = generator(|co| several(co, 3)).boxed_local().into_stream();
    assert_eq!(sorted(block_on(boxed.collect())), expected);
    let tries = generator(|co| async move {
        several(co, 3).await;
        Ok::<(), cogen::Exception>(())
    });
    let tries = tries.into_try_stream().map(Result::unwrap);
    assert_eq!(sorted(block_on(tries.collect())), expected);
    // More than the number up to which `join_all` polls its futures one by one.
    let many = generator(|co| several(co, 40)).into_stream();
    assert_eq!(block_on(many.count()), 122);
}

#[test]
fn a_stream_in_a_generator_that_is_driven_synchronously() {
    fn outer() -> impl Generator<Yield = usize, Resume = (), Return = ()> {
        generator(|co| async move {
            let inner = generator(|co: Co<'_, usize>| async move {
                co.yield_(1).await;
                join_all((2..4).map(|n| co.yield_(n))).await;
            });
            let mut inner = pin!(inner.into_stream());
            while let Some(n) = inner.next().await {
                co.yield_(n).await;
            }
            join_all((4..6).map(|n| co.yield_(n))).await;
        })
    }
    assert_eq!(pin!(outer()).iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let nested = outer().into_stream().collect::<Vec<_>>();
    assert_eq!(block_on(nested), [1, 2, 3, 4, 5]);
}

#[test]
fn a_stream_that_awaits_in_a_generator_that_is_driven_synchronously_is_pending() {
    let mut outer = pin!(generator(|co: Co<'_, i32>| async move {
        let inner = generator(|co| async move {
            pending_once().await;
            co.yield_(1).await;
        });
        let mut inner = pin!(inner.into_stream());
        while let Some(n) = inner.next().await {
            co.yield_(n).await;
        }
    }));
    assert!(matches!(outer.next(), Err(NextError::Pending)));
    assert!(block_on(outer.anext()).is_ok_and(|step| step.yielded() == Some(1)));
}

/// Streams in streams: each lends the waker of the next stream outwards.
fn nested(
    depth: usize,
    channel: mpsc::Receiver<i32>,
) -> futures::stream::LocalBoxStream<'static, i32> {
    if depth == 0 {
        return channel.boxed_local();
    }
    generator(move |co| async move {
        let mut inner = nested(depth - 1, channel);
        while let Some(n) = inner.next().await {
            co.yield_(n + 1).await;
        }
    })
    .into_stream()
    .boxed_local()
}

#[test]
fn streams_in_streams_hand_the_wake_on() {
    let (waker, woken) = counting();
    let (mut sender, receiver) = mpsc::channel(1);
    let mut stream = nested(3, receiver);
    let cx = &mut Context::from_waker(&waker);
    for n in 1..4 {
        assert!(stream.poll_next_unpin(cx).is_pending());
        let before = woken();
        sender.try_send(10 * n).unwrap();
        assert!(woken() > before);
        assert_eq!(stream.poll_next_unpin(cx), Poll::Ready(Some(10 * n + 3)));
    }
    drop(sender);
    assert_eq!(stream.poll_next_unpin(cx), Poll::Ready(None));
}

#[test]
fn what_a_stream_delegates_to_clones_the_callers_waker() {
    let (waker, _) = counting();
    let expected = waker.data();
    let stream = generator(|co: Co<'_, i32>| async move {
        let sub = generator(|co: Co<'_, i32>| async move {
            poll_fn(|cx| {
                assert_eq!(cx.waker().clone().data(), expected);
                Poll::Ready(())
            })
            .await;
            pending_once().await;
            co.yield_(1).await;
        });
        co.yield_from(Box::pin(sub)).await;
        let mut sub = Box::pin(generator(
            |co: Co<'_, i32>| async move { co.yield_(2).await },
        ));
        assert!(
            sub.anext()
                .await
                .is_ok_and(|step| step.yielded() == Some(2))
        );
        let shared = generator(|co: Co<'_, i32>| async move {
            pending_once().await;
            co.yield_(3).await;
        });
        let shared = shared.shared();
        let mut stream = shared.clone().into_stream();
        co.yield_(stream.next().await.unwrap()).await;
    });
    let mut stream = pin!(stream.into_stream());
    let cx = &mut Context::from_waker(&waker);
    assert!(stream.as_mut().poll_next(cx).is_pending());
    assert_eq!(stream.as_mut().poll_next(cx), Poll::Ready(Some(1)));
    assert!(stream.as_mut().poll_next(cx).is_pending());
    assert_eq!(stream.as_mut().poll_next(cx), Poll::Ready(Some(3)));
    assert_eq!(stream.as_mut().poll_next(cx), Poll::Ready(None));
}

/// Yields of an outer generator in the body of an inner one, which is driven by one of the async methods.
#[test]
fn a_yield_of_an_outer_generator_in_an_inner_body_is_the_outers() {
    fn inner(co: Co<'_, i32, i32>, first: i32) -> BoxGen<'_, i32, (), i32> {
        generator(move |own: Co<'_, i32>| async move {
            let sent = co.yield_(first).await;
            let caught = co.catch(co.yield_(sent)).await;
            own.yield_(first + 1).await;
            let (one, two) = join(co.yield_(first + 2), co.try_yield(first + 3)).await;
            one + two.unwrap() + caught.unwrap()
        })
        .boxed()
    }
    let outer = |with_shared: bool| {
        generator(move |co: Co<'_, i32, i32>| async move {
            let mut stream = inner(co, 10).into_stream();
            assert_eq!(stream.next().await, Some(11));
            assert_eq!(stream.next().await, None);
            let mut next = inner(co, 20);
            assert!(
                next.anext()
                    .await
                    .is_ok_and(|step| step.yielded() == Some(21))
            );
            assert!(
                next.anext()
                    .await
                    .is_ok_and(|step| step.complete() == Some(3))
            );
            if with_shared {
                let mut shared = inner(co, 30).shared();
                assert!(
                    shared
                        .anext()
                        .await
                        .is_ok_and(|step| step.yielded() == Some(31))
                );
                assert!(
                    shared
                        .anext()
                        .await
                        .is_ok_and(|step| step.complete() == Some(3))
                );
            }
        })
        .boxed()
    };
    let expected = [10, 1, 12, 13, 20, 1, 22, 23, 30, 1, 32, 33];
    let mut sync = outer(false);
    let mut given = vec![sync.start().unwrap().yielded().unwrap()];
    while let Step::Yielded(n) = sync.send(1).unwrap() {
        given.push(n);
    }
    assert_eq!(given, expected[..8]);
    let given = block_on(async {
        let mut outer = outer(true);
        let mut given = vec![outer.astart().await.unwrap().yielded().unwrap()];
        while let Step::Yielded(n) = outer.asend(1).await.unwrap() {
            given.push(n);
        }
        given
    });
    assert_eq!(given, expected);
}

/// Nothing between the task and the yield needs to be woken.
#[test]
fn a_yield_of_an_outer_generator_in_an_inner_body_wakes_nobody() {
    let (waker, woken) = counting();
    let middle = generator(|co: Co<'_, i32>| async move {
        let inner = generator(|_: Co<'_, i32>| async move {
            for n in 0..3 {
                co.yield_(n).await;
                with_callers_waker(co.yield_(n)).await;
            }
        });
        pin!(inner.into_stream()).next().await;
    });
    let mut outer = pin!(generator(|co: Co<'_, i32>| async move {
        co.yield_from(Box::pin(middle)).await;
    }));
    let cx = &mut Context::from_waker(&waker);
    for n in [0, 0, 1, 1, 2, 2] {
        let polled = pin!(outer.anext()).poll(cx);
        assert!(matches!(polled, Poll::Ready(Ok(Step::Yielded(m))) if m == n));
    }
    assert_eq!(woken(), 0);
}

/// A sync drive has no caller to which the outer generator could yield.
#[test]
#[should_panic(expected = "where its generator is not running")]
fn a_yield_of_an_outer_generator_in_one_that_is_driven_synchronously_panics() {
    let outer = generator(|co: Co<'_, i32>| async move {
        let inner = generator(|_: Co<'_, i32>| async move { co.yield_(1).await });
        let _step = pin!(inner).next();
    });
    let _step = block_on(pin!(outer).anext());
}

#[test]
fn a_body_that_panics_leaves_nothing_behind() {
    let stream = generator(|co: Co<'_, i32>| async move {
        join_all([co.yield_(1)]).await;
        panic!("on purpose");
    });
    let mut stream = Box::pin(stream.into_stream());
    assert_eq!(stream.next().now_or_never(), Some(Some(1)));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        stream.next().now_or_never();
    }));
    assert!(caught.is_err());
    assert_eq!(stream.next().now_or_never(), Some(None));
}

#[test]
fn tokios_channels_wake_a_stream() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (requests, mut inbox) = tokio::sync::mpsc::channel::<i32>(1);
    let stream = generator(|co| async move {
        while let Some(n) = inbox.recv().await {
            tokio::task::yield_now().await;
            co.yield_(2 * n).await;
        }
    });
    let seen = runtime.block_on(async {
        let feeder = tokio::spawn(async move {
            for n in 1..=5 {
                requests.send(n).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let seen = tokio::spawn(stream.boxed().into_stream().collect::<Vec<_>>());
        feeder.await.unwrap();
        seen.await.unwrap()
    });
    assert_eq!(seen, [2, 4, 6, 8, 10]);
}

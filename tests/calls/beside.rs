//! Futures that are awaited beside a call.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use cogen::{Exception, Generator, NextError, RecursiveCo, Step, recursive};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::support::{Drops, Oops};
use crate::{DEEP, descend};

#[test]
fn calls_in_join_are_polled_beside_each_other() {
    async fn two(co: RecursiveCo<'_, u32>, n: u32) {
        co.yield_(n).await;
        co.call(async move { co.yield_(n + 1).await }).await;
    }
    async fn two_plain(co: RecursiveCo<'_, u32>, n: u32) {
        co.yield_(n).await;
        co.yield_(n + 1).await;
    }
    let plain = |co: RecursiveCo<'static, u32>| async move {
        futures::join!(two_plain(co, 10), two_plain(co, 20));
    };
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        futures::join!(co.call(two(co, 10)), co.call(two(co, 20)));
    }));
    let mut h = Box::pin(recursive(plain));
    let expected: Vec<_> = h.iter().collect();
    assert_eq!(g.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_yield_beside_a_call_has_its_turn() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32, u32>| async move {
        let called = co.call(async move { co.yield_(1).await + co.yield_(2).await });
        futures::join!(called, co.yield_(10))
    }));
    let mut seen = Vec::new();
    let mut step = g.start().unwrap();
    let results = loop {
        match step {
            Step::Yielded(n) => {
                seen.push(n);
                step = g.send(n * 100).unwrap();
            }
            Step::Complete(results) => break results,
        }
    };
    assert_eq!(seen, [1, 10, 2]);
    assert_eq!(results, (300, 1000));
}

#[test]
fn what_a_call_waits_for_may_be_beside_it() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let (tell, told) = futures::channel::oneshot::channel();
        let waits = co.call(async move { co.yield_(told.await.unwrap()).await });
        let tells = co.call(async move { tell.send(5).unwrap() });
        futures::join!(waits, tells);
    }));
    futures::executor::block_on(async {
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(5));
        assert_eq!(g.anext().await.unwrap(), Step::Complete(()));
    });
}

#[test]
fn what_is_awaited_beside_a_call_is_not_forgotten() {
    async fn forever(co: RecursiveCo<'_, u32>) {
        for n in 0.. {
            co.yield_(n).await;
        }
    }
    let ready = Rc::new(Cell::new(false));
    let waker = Rc::new(RefCell::new(None::<Waker>));
    let (is_ready, keep) = (ready.clone(), waker.clone());
    let mut g = Box::pin(recursive(move |co: RecursiveCo<'static, u32>| async move {
        let signal = poll_fn(move |cx| {
            *keep.borrow_mut() = Some(cx.waker().clone());
            if is_ready.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        futures::future::select(pin!(co.call(forever(co))), pin!(signal)).await;
    }));
    futures::executor::block_on(async {
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(0));
        ready.set(true);
        for _ in 0..200 {
            if g.anext().await.unwrap() == Step::Complete(()) {
                return;
            }
        }
        panic!("the signal was not seen");
    });
}

#[test]
fn a_call_under_a_foreign_waker_is_polled_there() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut calls: FuturesUnordered<_> = (0..3).map(|n| co.call(descend(co, n))).collect();
        let mut sum = 0;
        while let Some(depth) = calls.next().await {
            sum += depth;
        }
        sum
    }));
    let mut seen: Vec<_> = g.iter().collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 0, 0, 1, 1, 2]);
    assert_eq!(g.take_return().unwrap().unwrap(), 3);
}

#[test]
fn a_raise_beside_a_call_takes_the_call_along() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, String>| async move {
        let called = co.call(async move {
            let _guard = guard;
            co.yield_("never".to_owned()).await;
        });
        let raises = async {
            co.raise(Oops(1)).await;
        };
        let caught = co.catch(async { futures::join!(called, raises) }).await;
        assert!(caught.unwrap_err().is::<Oops>());
        co.yield_("after".to_owned()).await;
        futures::join!(
            co.call(async move { co.yield_("never".to_owned()).await }),
            async { co.raise(Oops(2)).await }
        );
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded("after".to_owned()));
    assert_eq!(drops.count(), 1);
    assert!(matches!(g.next(), Err(NextError::Raised(e)) if e.is::<Oops>()));
}

#[test]
fn a_scope_beside_a_call_does_not_take_what_is_thrown_into_the_call() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let called = co.catch(co.call(async move { co.yield_(1).await }));
        let beside = co.catch(std::future::pending::<()>());
        futures::future::select(pin!(called), pin!(beside))
            .await
            .factor_first()
            .0
            .map_err(|exception: Exception| exception.downcast::<Oops>().unwrap().0)
            .unwrap_err()
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(g.throw(Oops(5)).unwrap(), Step::Complete(5));
}

#[test]
fn a_panic_beside_a_call_drops_the_call() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, String>| async move {
        let called = co.call(async move {
            let _guard = guard;
            co.yield_(String::new()).await;
        });
        futures::join!(called, async { panic!("broken") });
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| g.next().is_ok())).is_err());
    assert!(matches!(g.next(), Err(NextError::Finished)));
    drop(g);
    assert_eq!(drops.count(), 1);
}

#[test]
fn what_is_polled_beside_a_call_is_not_forgotten_in_sync_drives() {
    let ready = Rc::new(Cell::new(false));
    let is_ready = ready.clone();
    let mut g = Box::pin(recursive(move |co: RecursiveCo<'static, u32>| async move {
        let forever = co.call(async move {
            loop {
                co.yield_(1).await;
            }
        });
        let signal = poll_fn(move |_| {
            if is_ready.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        futures::future::select(pin!(forever), pin!(signal)).await;
    }));
    g.next().unwrap();
    ready.set(true);
    assert!(g.iter().count() < 200);
}

/// A future beside a call at one level plays no part in the next level; otherwise each level would take native stack.
#[test]
fn levels_that_first_do_several_things_at_once_are_called_all_the_same() {
    async fn level(co: RecursiveCo<'_, u32, u32>, depth: u32) -> u32 {
        // Two yields are dropped here: one before its turn, and one that has given its value.
        futures::future::select(pin!(co.yield_(depth)), pin!(co.yield_(0))).await;
        let mut yields: FuturesUnordered<_> =
            [co.yield_(depth), co.yield_(depth)].into_iter().collect();
        while yields.next().await.is_some() {}
        if depth == 0 {
            return 0;
        }
        1 + co.call(level(co, depth - 1)).await
    }
    let depth = DEEP / 20;
    let mut g = recursive(|co| level(co, depth)).boxed();
    let mut step = g.start().unwrap();
    while let Step::Yielded(n) = step {
        step = g.send(n).unwrap();
    }
    assert_eq!(step, Step::Complete(depth));
}

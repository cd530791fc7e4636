//! A raise or a throw goes to a scope around its place, and to no other scope.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cogen::{Co, Exception, Generator, RecursiveCo, Step, generator, recursive};
use futures::future::select;
use futures::stream::{FuturesUnordered, StreamExt};

async fn forever() {
    poll_fn(|_| Poll::<()>::Pending).await;
}

#[test]
fn a_raise_passes_by_the_scope_of_a_sibling() {
    let mut g = pin!(generator(|co: Co<'_, u8, u8>| async move {
        let mine = co.catch(async {
            let raises = async {
                let n = co.yield_(1).await;
                let _ = co.raise(Exception::new(format!("got {n}"))).await;
            };
            let beside = co.catch(forever());
            futures::join!(raises, beside)
        });
        mine.await.map(drop).unwrap_err().to_string()
    }));
    assert_eq!(g.as_mut().start().unwrap(), Step::Yielded(1));
    let ended = g.as_mut().send(7).unwrap();
    assert_eq!(ended, Step::Complete("got 7".to_owned()));
}

#[test]
fn a_raise_without_a_scope_ends_the_body_whatever_is_beside_it() {
    let mut g = pin!(generator(|co: Co<'_, u8>| async move {
        let raises = async {
            co.yield_(1).await;
            let _ = co.raise(std::fmt::Error).await;
        };
        futures::join!(raises, co.catch(forever()), co.catch(co.yield_(2)));
    }));
    assert_eq!(g.as_mut().next().unwrap(), Step::Yielded(1));
    let raised = g.as_mut().next().unwrap_err();
    assert!(
        raised.to_string().contains(&std::fmt::Error.to_string()),
        "{raised}"
    );
}

#[test]
fn a_raise_in_a_call_passes_by_the_scope_beside_the_call() {
    async fn raises(co: RecursiveCo<'_, u8>) {
        co.yield_(1).await;
        let _ = co.raise(std::fmt::Error).await;
    }
    let mut g = pin!(recursive(|co: RecursiveCo<'_, u8>| async move {
        let mine = co.catch(async { futures::join!(co.call(raises(co)), co.catch(forever())) });
        mine.await.is_err()
    }));
    assert_eq!(g.as_mut().next().unwrap(), Step::Yielded(1));
    assert_eq!(g.as_mut().next().unwrap(), Step::Complete(true));
}

#[test]
fn two_raises_beside_each_other_go_to_their_own_scopes() {
    let mut g = pin!(generator(|co: Co<'_, u8>| async move {
        let raise = |what: &'static str| co.catch(co.raise(Exception::new(what)));
        let mut all = [raise("a"), raise("b"), raise("c")]
            .into_iter()
            .collect::<FuturesUnordered<_>>();
        let mut seen = Vec::new();
        while let Some(caught) = all.next().await {
            seen.push(caught.map(drop).unwrap_err().to_string());
        }
        seen
    }));
    let Ok(Step::Complete(seen)) = g.as_mut().next() else {
        panic!("it yields nothing");
    };
    assert_eq!(seen, ["a", "b", "c"]);
}

#[test]
fn a_throw_goes_to_the_scope_around_the_yield_under_a_combinator() {
    let mut g = pin!(generator(|co: Co<'_, u32, u32>| async move {
        let mut all: FuturesUnordered<_> = (0..10)
            .map(|n| async move { (n, co.catch(co.yield_(n)).await) })
            .collect();
        let mut seen = Vec::new();
        while let Some((n, outcome)) = all.next().await {
            seen.push((n, outcome.ok()));
        }
        seen
    }));
    let mut step = g.as_mut().start().unwrap();
    for n in 0..10 {
        assert_eq!(step, Step::Yielded(n));
        step = if n % 3 == 0 {
            g.as_mut().throw(Exception::new("thrown")).unwrap()
        } else {
            g.as_mut().send(n + 100).unwrap()
        };
    }
    let expected = (0..10).map(|n| (n, (n % 3 != 0).then_some(n + 100)));
    assert_eq!(step, Step::Complete(expected.collect()));
}

#[test]
fn a_throw_wakes_the_scope_that_awaits_under_a_combinator() {
    let mut g = pin!(generator(|co: Co<'_, u8>| async move {
        let mut all: FuturesUnordered<_> = (0..100).map(|_| co.catch(forever())).collect();
        all.next().await.map(|caught| caught.is_err())
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(pin!(g.as_mut().anext()).poll(cx).is_pending());
    let thrown = g.as_mut().resume_throw(Some(cx), Exception::new("thrown"));
    assert_eq!(thrown.unwrap(), Step::Complete(Some(true)));
}

#[test]
fn a_throw_does_not_go_to_the_scope_of_a_call_that_is_made_later() {
    let caught = Cell::new(false);
    let mut g = Box::pin(recursive(|co: RecursiveCo<'_, u32>| {
        let caught = &caught;
        async move {
            let mut thrown_at = pin!(co.catch(co.yield_(1)));
            let mut later = pin!(co.catch(co.call(async move { co.yield_(2).await })));
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                if polls == 1 {
                    assert!(thrown_at.as_mut().poll(cx).is_pending());
                } else {
                    caught.set(later.as_mut().poll(cx).is_ready() || caught.get());
                }
                Poll::<()>::Pending
            })
            .await;
        }
    }));
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    let thrown = g.throw(Exception::new("thrown"));
    assert_eq!(thrown.unwrap_err().to_string(), "thrown");
    assert!(!caught.get());
}

/// The raise is beside the future that ends the scope's inside, in the same poll.
#[test]
fn a_scope_has_the_exception_of_a_raise_that_lost_a_race() {
    let mut g = pin!(generator(|co: Co<'_, i32>| async move {
        let race = || async move {
            select(pin!(co.raise(fmt::Error)), ready(7)).await;
        };
        let inner = co.catch(race()).await;
        let outer = co.catch(async { co.catch(race()).await.is_err() }).await;
        co.yield_(1).await;
        (inner.is_err(), outer.is_ok_and(|inner| inner))
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(g.next().unwrap(), Step::Complete((true, true)));
}

#[test]
fn a_clean_up_is_not_cut_off_by_a_raise_that_lost_a_race() {
    let mut g = pin!(generator(|co: Co<'_, i32>| async move {
        let race = async {
            select(pin!(co.raise(fmt::Error)), ready(7)).await;
        };
        let cleanup = async {
            co.yield_(9).await;
        };
        co.catch(co.finally(race, cleanup)).await.is_err()
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(9));
    assert_eq!(g.next().unwrap(), Step::Complete(true));
}

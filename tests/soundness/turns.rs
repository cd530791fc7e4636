//! The order of yields that are awaited at the same time in foreign combinators: none starves, no reply to a living
//! yield is dropped, and the cost of a resume does not grow with yields that it does not concern.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use cogen::{Co, Exception, Generator, Step, generator};
use futures::future::{Either, FutureExt, join, select};
use futures::stream::{self, FuturesUnordered, StreamExt};

const MANY: u32 = if cfg!(miri) { 20 } else { 2_000 };

/// Asks `items` times, each time in a `buffer_unordered` inside another one: such a combinator stops when it has polled
/// all its futures, and wakes its waker to be polled again.
async fn nested(co: Co<'_, u32>, items: u32) -> usize {
    let inner = move |i| async move {
        let asks = stream::iter([i]).map(|i| async move { co.yield_(i).await });
        asks.buffer_unordered(4).collect::<Vec<_>>().await
    };
    let all = stream::iter(0..items).map(inner).buffer_unordered(10);
    all.collect::<Vec<_>>().await.len()
}

#[test]
fn combinators_in_combinators_lose_no_reply() {
    let mut g = pin!(generator(|co| nested(co, 50)));
    assert_eq!(g.iter().count(), 50);
    let mut g = pin!(generator(|co| nested(co, 50)));
    let seen = futures::executor::block_on(async {
        let mut seen = 0;
        while let Ok(Step::Yielded(_)) = g.as_mut().anext().await {
            seen += 1;
        }
        seen
    });
    assert_eq!(seen, 50);
}

#[test]
fn a_throw_finds_its_scope_in_combinators_in_combinators() {
    let mut g = pin!(generator(|co: Co<'_, u32>| async move {
        let inner = |i| {
            let one = async move { co.try_yield(i).await.is_err() };
            FuturesUnordered::from_iter([one]).collect::<Vec<_>>()
        };
        let all: FuturesUnordered<_> = (0..10).map(inner).collect();
        all.collect::<Vec<_>>().await.concat()
    }));
    let mut step = g.as_mut().start().unwrap();
    let mut thrown = 0;
    while let Step::Yielded(_) = step {
        step = g.as_mut().throw(Exception::new("thrown")).unwrap();
        thrown += 1;
    }
    assert_eq!(step, Step::Complete(vec![true; 10]));
    assert_eq!(thrown, 10);
}

#[test]
fn a_consumer_that_yields_itself_does_not_poll_the_body_for_each_that_waits() {
    let polls = Cell::new(0);
    let mut g = pin!(generator(|co: Co<'_, u32>| {
        let polls = &polls;
        async move {
            let mut all: FuturesUnordered<_> = (0..MANY).map(|n| co.yield_(n)).collect();
            let mut body = pin!(async move {
                while all.next().await.is_some() {
                    co.yield_(0).await;
                }
            });
            poll_fn(|cx| {
                polls.set(polls.get() + 1);
                body.as_mut().poll(cx)
            })
            .await;
        }
    }));
    assert_eq!(g.iter().count(), 2 * MANY as usize);
    assert!(polls.get() <= 8 * MANY, "{} polls", polls.get());
}

#[test]
fn yields_that_were_dropped_cost_those_behind_them_few_polls() {
    let polls = Cell::new(0);
    let mut g = pin!(generator(|co: Co<'_, u32>| {
        let polls = &polls;
        async move {
            let mut gone = Some(
                (0..MANY)
                    .map(|n| co.yield_(n))
                    .collect::<FuturesUnordered<_>>(),
            );
            gone.as_mut().unwrap().next().await;
            let mut alive: Vec<_> = (0..10).map(|n| Box::pin(co.yield_(n))).collect();
            poll_fn(|cx| {
                polls.set(polls.get() + 1);
                alive.retain_mut(|alive| alive.as_mut().poll(cx).is_pending());
                gone = None;
                if alive.is_empty() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
    }));
    assert_eq!(g.iter().count(), 11);
    assert!(polls.get() <= 100, "{} polls", polls.get());
}

#[test]
fn a_yield_that_is_polled_now_and_then_keeps_its_place() {
    let mut g = pin!(generator(|co: Co<'_, u32>| async move {
        let mut old = pin!(co.yield_(99));
        let mut first = pin!(co.yield_(0));
        select(first.as_mut(), old.as_mut()).await;
        loop {
            co.yield_(1).await;
            let fresh = pin!(co.yield_(2));
            let selected = select(fresh, old.as_mut()).await;
            if let Either::Right(_) = selected {
                break;
            }
        }
    }));
    let seen: Vec<_> = g.iter().take(10).collect();
    assert!(seen.contains(&99), "{seen:?}");
}

#[test]
fn a_delegation_that_raises_beside_a_raise_may_raise_later() {
    let mut g = pin!(generator(|co: Co<'_, u32>| async move {
        let sub = Box::pin(generator(|co: Co<'_, u32>| async move {
            let _ = co.raise(Exception::new("second")).await;
        }));
        let mut delegation = Box::pin(co.yield_from(sub));
        let raise = co.raise(Exception::new("first")).map(drop);
        let both = join(raise, delegation.as_mut().map(drop));
        let first = co.catch(both).await.map(drop).unwrap_err();
        let second = co.catch(delegation).await.unwrap_err();
        (first.to_string(), second.to_string())
    }));
    let ended = g.as_mut().next().unwrap();
    let expected = ("first".to_owned(), "second".to_owned());
    assert_eq!(ended, Step::Complete(expected));
}

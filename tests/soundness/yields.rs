//! Yields that are polled after their end, or after they were left behind.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use cogen::{Co, Exception, Generator, RecursiveCo, Step, Yield, generator, recursive};

use crate::panic_of;

const OVER: &str = "a yield was polled after it had its reply";
const LATE: &str = "a yield was polled after it had ended";

/// Calls `first` in the first poll and `later` in those after it; never ends.
async fn first_then<A, B>(
    mut first: impl FnMut(&mut std::task::Context<'_>) -> A,
    mut later: impl FnMut(&mut std::task::Context<'_>) -> B,
) {
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        if polls == 1 {
            first(cx);
        } else {
            later(cx);
        }
        Poll::<()>::Pending
    })
    .await;
}

type Text = Box<str>;

fn text(text: &str) -> Text {
    text.into()
}

/// A yield that is over is polled where another one has given its value, and a third waits for its turn.
async fn polls_one_that_is_over<S>(co: Co<'_, Text, S>) {
    let mut over = pin!(co.yield_(text("once")));
    over.as_mut().await;
    let mut given = pin!(co.yield_(text("given")));
    let mut queued = pin!(co.yield_(text("queued")));
    let both = |cx: &mut std::task::Context<'_>| {
        assert!(given.as_mut().poll(cx).is_pending());
        assert!(queued.as_mut().poll(cx).is_pending());
    };
    first_then(both, |cx| over.as_mut().poll(cx).is_pending()).await;
}

#[test]
fn a_yield_that_is_over_gives_nothing_in_the_turn_of_another() {
    let mut g = pin!(generator(polls_one_that_is_over::<Text>));
    assert_eq!(g.as_mut().start().unwrap(), Step::Yielded(text("once")));
    let next = g.as_mut().send(text("for once")).unwrap();
    assert_eq!(next, Step::Yielded(text("given")));
    assert_eq!(panic_of(|| g.as_mut().send(text("for given"))), OVER);
}

#[test]
fn the_same_in_a_plain_iterator() {
    let mut g = pin!(generator(polls_one_that_is_over::<()>));
    let mut all = g.iter();
    assert_eq!(all.next(), Some(text("once")));
    assert_eq!(all.next(), Some(text("given")));
    assert_eq!(panic_of(|| all.next()), OVER);
}

/// Two yields: the first gives its value; in the next resume only the second is polled, and then the first again.
async fn leave_behind(co: Co<'_, Text, Text>, resumes: &Cell<u32>) {
    let mut left = pin!(co.yield_(text("left")));
    let mut other = pin!(co.yield_(text("other")));
    poll_fn(|cx| {
        let polled: Pin<&mut Yield<Text, Text>> = match resumes.get() {
            1 => other.as_mut(),
            _ => left.as_mut(),
        };
        assert!(polled.poll(cx).is_pending());
        Poll::<()>::Pending
    })
    .await;
}

fn check_left_behind(
    mut g: impl Generator<Yield = Text, Resume = Text, Return = ()> + Unpin,
    resumes: &Cell<u32>,
) {
    resumes.set(0);
    assert_eq!(g.start().unwrap(), Step::Yielded(text("left")));
    resumes.set(1);
    let next = g.send(text("for left")).unwrap();
    assert_eq!(next, Step::Yielded(text("other")));
    resumes.set(2);
    assert_eq!(panic_of(|| g.send(text("for other"))), LATE);
}

#[test]
fn a_yield_that_is_left_behind_gives_nothing_again() {
    let resumes = &Cell::new(0);
    let body = |co| leave_behind(co, resumes);
    check_left_behind(Box::pin(generator(body)), resumes);
    check_left_behind(generator(body).boxed_local(), resumes);
    check_left_behind(
        Box::pin(recursive(|co: RecursiveCo<'_, Text, Text>| body(*co))),
        resumes,
    );
    check_left_behind(
        recursive(|co: RecursiveCo<'_, Text, Text>| async move { co.call(body(*co)).await })
            .boxed_local(),
        resumes,
    );
}

#[test]
fn a_yield_is_not_over_before_the_caller_has_its_value() {
    let past = Cell::new(0);
    let mut g = pin!(generator(|co: Co<'_, u8>| {
        let past = &past;
        async move {
            for n in 1..3 {
                let mut twice = pin!(co.yield_(n));
                poll_fn(|cx| {
                    if twice.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    twice.as_mut().poll(cx)
                })
                .await;
                past.set(n);
            }
        }
    }));
    assert_eq!(g.as_mut().next().unwrap(), Step::Yielded(1));
    assert_eq!(past.get(), 0);
    assert_eq!(g.as_mut().next().unwrap(), Step::Yielded(2));
    assert_eq!(past.get(), 1);
    assert_eq!(g.as_mut().next().unwrap(), Step::Complete(()));
    assert_eq!(past.get(), 2);
}

/// Whether a yield that a throw has unwound takes the reply of the next yield.
async fn outlive_a_throw(co: Co<'_, u8, u8>) -> (u8, u8) {
    let mut unwound = pin!(co.yield_(1));
    assert!(co.catch(unwound.as_mut()).await.is_err());
    let mut next = pin!(co.yield_(2));
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        if polls > 1 {
            if let Poll::Ready(reply) = unwound.as_mut().poll(cx) {
                return Poll::Ready((1, reply));
            }
        }
        next.as_mut().poll(cx).map(|reply| (2, reply))
    })
    .await
}

#[test]
fn a_yield_that_a_throw_has_unwound_takes_no_others_reply() {
    fn check(mut g: impl Generator<Yield = u8, Resume = u8, Return = (u8, u8)> + Unpin) {
        assert_eq!(g.start().unwrap(), Step::Yielded(1));
        let caught = g.throw(Exception::new("thrown")).unwrap();
        assert_eq!(caught, Step::Yielded(2));
        assert_eq!(panic_of(|| g.send(7)), LATE);
    }
    check(Box::pin(generator(outlive_a_throw)));
    check(recursive(|co: RecursiveCo<'_, u8, u8>| outlive_a_throw(*co)).boxed());
    check(
        recursive(|co: RecursiveCo<'_, u8, u8>| async move { co.call(outlive_a_throw(*co)).await })
            .boxed(),
    );
    check(
        generator(|co: Co<'_, u8, u8>| async move {
            co.yield_from(generator(outlive_a_throw).boxed()).await
        })
        .boxed(),
    );
}

#[test]
fn a_yield_that_was_dropped_in_the_queue_costs_the_others_nothing() {
    let mut g = pin!(generator(|co: Co<'_, u32, u32>| async move {
        let mut sum = 0;
        for n in 0..20 {
            let mut first = pin!(co.yield_(n));
            let mut losers: Vec<_> = (0..5).map(|i| Box::pin(co.yield_(100 + i))).collect();
            sum += poll_fn(|cx| {
                let polled = first.as_mut().poll(cx);
                for loser in &mut losers {
                    assert!(polled.is_ready() || loser.as_mut().poll(cx).is_pending());
                }
                polled
            })
            .await;
        }
        sum
    }));
    let mut step = g.as_mut().start().unwrap();
    for n in 0..20 {
        assert_eq!(step, Step::Yielded(n));
        step = g.as_mut().send(1).unwrap();
    }
    assert_eq!(step, Step::Complete(20));
}

#[test]
fn a_fresh_yield_in_each_poll_that_is_dropped_at_once_ends_in_a_step() {
    let mut g = pin!(generator(|co: Co<'_, u32, u32>| async move {
        let mut first = pin!(co.yield_(0));
        let mut queued = Some(Box::pin(co.yield_(1)));
        poll_fn(|cx| {
            let polled = first.as_mut().poll(cx);
            if let Some(mut queued) = queued.take() {
                assert!(queued.as_mut().poll(cx).is_pending());
            }
            polled
        })
        .await;
        poll_fn(|cx| {
            let _ = pin!(co.yield_(2)).poll(cx);
            Poll::<()>::Pending
        })
        .await;
    }));
    assert_eq!(g.as_mut().start().unwrap(), Step::Yielded(0));
    assert_eq!(g.as_mut().send(1).unwrap(), Step::Yielded(2));
    assert_eq!(g.as_mut().send(1).unwrap(), Step::Yielded(2));
}

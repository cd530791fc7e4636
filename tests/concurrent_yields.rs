//! Yields that are awaited at the same time, in sync and async drives: none is lost, none gets the reply to another,
//! and none waits for ever.
#![allow(
    unreachable_code,
    reason = "what `join!` makes of a branch that never ends"
)]

mod support;

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use cogen::{BoxGen, Co, Generator, NextError, SendError, StartError, Step, generator};
use futures::future::{join_all, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

/// A hundred; fewer under Miri.
const MANY: i32 = if cfg!(miri) { 12 } else { 100 };

/// Answers each yielded `n` with `10 * n`; gives what was yielded, in order, and what was returned.
fn answer<R>(
    mut g: impl Generator<Yield = i32, Resume = i32, Return = R> + Unpin,
) -> (Vec<i32>, R) {
    let mut seen = Vec::new();
    let mut step = g.start().unwrap();
    loop {
        match step {
            Step::Yielded(n) => {
                seen.push(n);
                step = g.send(10 * n).unwrap();
            }
            Step::Complete(value) => return (seen, value),
        }
    }
}

/// The same with the async methods.
fn answer_async<R>(
    mut g: impl Generator<Yield = i32, Resume = i32, Return = R> + Unpin,
) -> (Vec<i32>, R) {
    futures::executor::block_on(async {
        let mut seen = Vec::new();
        let mut step = g.astart().await.unwrap();
        loop {
            match step {
                Step::Yielded(n) => {
                    seen.push(n);
                    step = g.asend(10 * n).await.unwrap();
                }
                Step::Complete(value) => return (seen, value),
            }
        }
    })
}

/// Is ready at the second poll: wins a `select!` in which it comes first, just when the other future gets its reply.
async fn ready_at_second_poll() {
    let mut polls = 0;
    futures::future::poll_fn(|_| {
        polls += 1;
        if polls == 2 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Checks a body in both drives, pinned and boxed.
macro_rules! check {
    ($body:expr, $expected:expr) => {{
        let expected = $expected;
        assert_eq!(answer(pin!(generator($body))), expected, "sync, pinned");
        assert_eq!(
            answer(generator($body).boxed_local()),
            expected,
            "sync, boxed"
        );
        assert_eq!(
            answer_async(pin!(generator($body))),
            expected,
            "async, pinned"
        );
        assert_eq!(
            answer_async(generator($body).boxed_local()),
            expected,
            "async, boxed"
        );
    }};
}

#[test]
fn join_of_two() {
    check!(
        |co: Co<'_, i32, i32>| async move { futures::join!(co.yield_(1), co.yield_(2)) },
        (vec![1, 2], (10, 20))
    );
}

#[test]
fn join_of_loops_is_fair() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            let branch = |base: i32| async move {
                let mut sum = 0;
                for n in 0..3 {
                    sum += co.yield_(base + n).await;
                }
                sum
            };
            futures::join!(branch(100), branch(200), branch(300))
        },
        (
            vec![100, 200, 300, 101, 201, 301, 102, 202, 302],
            (3030, 6030, 9030)
        )
    );
}

#[test]
fn a_fresh_yield_does_not_overtake_a_queued_one() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            let looping = async {
                co.yield_(1).await;
                co.yield_(2).await;
            };
            futures::join!(looping, co.yield_(9)).1
        },
        (vec![1, 9, 2], 90)
    );
}

#[test]
fn a_yield_polled_before_the_one_that_has_a_reply_to_come() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            let mut first = pin!(co.yield_(1));
            futures::future::poll_fn(|cx| {
                assert!(first.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            futures::join!(co.yield_(2), first)
        },
        (vec![1, 2], (20, 10))
    );
}

#[test]
fn join_all_of_a_hundred() {
    check!(
        |co: Co<'_, i32, i32>| async move { join_all((0..MANY).map(|n| co.yield_(n))).await },
        (
            (0..MANY).collect(),
            (0..MANY).map(|n| 10 * n).collect::<Vec<_>>()
        )
    );
}

#[test]
fn futures_unordered_of_a_hundred_with_two_yields_each() {
    let body = |co: Co<'_, i32, i32>| async move {
        let twice = |n: i32| async move {
            let first = co.yield_(n).await;
            (n, first, co.yield_(n + 1000).await)
        };
        let mut all: Vec<_> = (0..MANY)
            .map(twice)
            .collect::<FuturesUnordered<_>>()
            .collect()
            .await;
        all.sort_unstable();
        all
    };
    let expected: Vec<_> = (0..MANY).map(|n| (n, 10 * n, 10 * (n + 1000))).collect();
    for (seen, returned) in [
        answer(pin!(generator(body))),
        answer_async(pin!(generator(body))),
    ] {
        let mut sorted = seen;
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            (0..MANY).chain(1000..1000 + MANY).collect::<Vec<_>>(),
            "no value is lost"
        );
        assert_eq!(returned, expected, "each has its own reply");
    }
}

#[test]
fn the_loser_of_a_select_leaves_the_turn() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            let mut sum = 0;
            for n in 0..3 {
                let (a, b) = (co.yield_(2 * n), co.yield_(2 * n + 1));
                sum += select(pin!(a), pin!(b)).await.factor_first().0;
            }
            (sum, co.yield_(100).await)
        },
        (vec![0, 2, 4, 100], (60, 1000))
    );
}

#[test]
fn a_reply_whose_yield_was_dropped_is_dropped_too() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            // The `select` polls the other future first, which wins when the reply to 1 comes.
            select(pin!(ready_at_second_poll()), pin!(co.yield_(1))).await;
            (co.yield_(2).await, co.yield_(3).await)
        },
        (vec![1, 2, 3], (20, 30))
    );
}

#[test]
#[should_panic(expected = "a yield was polled after it had ended")]
fn a_yield_that_missed_its_reply_panics_and_takes_no_other() {
    answer(pin!(generator(|co: Co<'_, i32, i32>| async move {
        let mut first = pin!(co.yield_(1));
        let _ = futures::poll!(first.as_mut());
        let second = co.yield_(2).await;
        futures::join!(co.yield_(3), first).0 + second
    })));
}

#[test]
#[should_panic(expected = "a yield was polled after it had ended")]
fn a_yield_that_was_not_looked_at_when_its_reply_came_takes_no_other() {
    answer(pin!(generator(|co: Co<'_, i32, i32>| async move {
        let mut first = pin!(co.yield_(1));
        select(pin!(ready_at_second_poll()), first.as_mut()).await;
        assert_eq!(co.yield_(2).await, 20);
        futures::join!(first, co.yield_(3))
    })));
}

#[test]
#[cfg_attr(miri, ignore = "leaks on purpose: run with -Zmiri-ignore-leaks")]
fn a_queued_yield_that_is_leaked_does_not_keep_others_waiting() {
    check!(
        |co: Co<'_, i32, i32>| async move {
            let mut first = pin!(co.yield_(1));
            let leaked = Box::leak(Box::new(co.yield_(2)));
            let _ = futures::join!(
                async { futures::poll!(first.as_mut()) },
                // SAFETY-free pinning: a leaked box never moves.
                async { futures::poll!(Pin::static_mut(leaked)) }
            );
            let one = first.await;
            (one, co.yield_(3).await)
        },
        (vec![1, 3], (10, 30))
    );
}

#[test]
fn a_raise_beside_a_yield_wins() {
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        futures::join!(co.yield_(1), co.raise(support::Oops(1)));
    }));
    assert!(matches!(g.next(), Err(NextError::Raised(_))));
}

#[test]
fn a_raise_that_a_scope_takes_leaves_alone_what_was_given_before_it() {
    let mut g = generator(|co: Co<'_, i32>| async move {
        let given = async {
            co.try_yield(1)
                .await
                .unwrap_err()
                .downcast::<support::Oops>()
                .unwrap()
                .0
        };
        let raising = async { co.catch(co.raise(support::Oops(2))).await.is_err() };
        futures::join!(given, raising)
    })
    .boxed_local();
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(
        g.throw(support::Oops(5)).unwrap(),
        Step::Complete((5, true))
    );
}

#[test]
fn claims_of_scopes_that_are_gone_do_not_keep_an_exception_from_the_scope_around() {
    async fn never() {
        std::future::pending::<()>().await;
    }
    let raised = |co: Co<'static, i32>| async move {
        let gone =
            co.catch(async { futures::join!(co.catch(never()), co.raise(support::Oops(1))) });
        assert!(gone.await.is_err());
    };
    let dropped = |co: Co<'static, i32>| async move {
        select(pin!(co.catch(never())), std::future::ready(())).await;
    };
    let yielded = |co: Co<'static, i32>| async move {
        let lost = pin!(co.catch(co.yield_(7)));
        select(lost, std::future::ready(())).await;
    };
    let throw = |g: &mut cogen::LocalBoxGen<'static, i32>| {
        assert_eq!(g.throw(support::Oops(3)).unwrap(), Step::Yielded(3));
    };
    macro_rules! around {
        ($inside:expr) => {
            generator(move |co: Co<'static, i32>| async move {
                let caught = co.catch(async {
                    $inside(co).await;
                    never().await;
                });
                let oops = caught
                    .await
                    .unwrap_err()
                    .downcast::<support::Oops>()
                    .unwrap();
                co.yield_(oops.0).await;
            })
            .boxed_local()
        };
    }
    let mut g = around!(raised);
    assert!(matches!(g.next(), Err(NextError::Pending)));
    throw(&mut g);
    let mut g = around!(dropped);
    assert!(matches!(g.next(), Err(NextError::Pending)));
    throw(&mut g);
    let mut g = around!(yielded);
    assert_eq!(g.next().unwrap(), Step::Yielded(7));
    throw(&mut g);
}

/// Polls `future` twice in each poll.
async fn twice<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    futures::future::poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(value);
        }
        future.as_mut().poll(cx)
    })
    .await
}

#[test]
fn of_scopes_that_are_polled_twice_the_innermost_has_what_is_thrown() {
    type Scoped = Pin<Box<dyn Future<Output = ()>>>;
    // Yields its number when it has caught an exception.
    fn scope(co: Co<'static, i32, i32>, number: i32, inside: Scoped) -> Scoped {
        Box::pin(async move {
            if co.catch(inside).await.is_err() {
                co.yield_(number).await;
            }
        })
    }
    // Puts `inside` into the scopes 3, 2 and 1. The bits of `doubled` say at which levels the inside is polled twice.
    fn scopes(co: Co<'static, i32, i32>, doubled: u32, mut inside: Scoped) -> Scoped {
        for level in 0..=3 {
            if doubled & 1 << level != 0 {
                inside = Box::pin(twice(inside));
            }
            if level < 3 {
                inside = scope(co, 3 - level, inside);
            }
        }
        inside
    }
    for doubled in 0..16 {
        let never = || Box::pin(std::future::pending());
        let mut g = generator(|co| scopes(co, doubled, never())).boxed_local();
        assert!(matches!(g.start(), Err(StartError::Pending)));
        assert_eq!(g.throw(support::Oops(1)).unwrap(), Step::Yielded(3));

        let yields = |co: Co<'static, i32, i32>| async move {
            co.yield_(0).await;
        };
        let mut g = generator(|co| scopes(co, doubled, Box::pin(yields(co)))).boxed_local();
        assert_eq!(g.start().unwrap(), Step::Yielded(0));
        assert_eq!(g.throw(support::Oops(1)).unwrap(), Step::Yielded(3));
    }
}

#[test]
fn a_scope_that_is_polled_twice_has_what_one_inside_does_not_take() {
    let mut g = generator(|co: Co<'_, i32, i32>| async move {
        let mut polls = 0;
        let mut inner = Box::pin(co.catch(co.yield_(1)));
        let inside = futures::future::poll_fn(|cx| {
            polls += 1;
            if polls <= 2 {
                assert!(inner.as_mut().poll(cx).is_pending());
            }
            Poll::<()>::Pending
        });
        assert!(twice(co.catch(inside)).await.is_err());
        co.yield_(2).await;
    })
    .boxed_local();
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    assert_eq!(g.throw(support::Oops(1)).unwrap(), Step::Yielded(2));
}

#[test]
fn a_scope_that_ends_leaves_what_another_beside_it_has_claimed() {
    type Caught = Result<(), cogen::Exception>;
    let never = std::future::pending::<()>;
    let throw = |g: &mut cogen::LocalBoxGen<'_, i32>| {
        assert!(matches!(g.next(), Err(NextError::Pending)));
        assert_eq!(g.throw(support::Oops(1)).unwrap(), Step::Yielded(1));
    };
    let beside = async |co: Co<'_, i32>, caught: Caught| {
        co.yield_(i32::from(caught.is_err())).await;
    };
    let mut returns = generator(|co: Co<'_, i32>| async move {
        futures::join!(async { beside(co, co.catch(never()).await).await }, async {
            let ends = async {
                select(pin!(co.catch(never())), std::future::ready(())).await;
            };
            co.catch(ends).await.unwrap();
            never().await;
        });
    })
    .boxed_local();
    throw(&mut returns);
    let mut raises = generator(|co: Co<'_, i32>| async move {
        futures::join!(async { beside(co, co.catch(never()).await).await }, async {
            assert!(co.catch(co.raise(support::Oops(2))).await.is_err());
            never().await;
        });
    })
    .boxed_local();
    throw(&mut raises);
}

#[test]
fn a_throw_reaches_a_scope_that_a_foreign_combinator_polls() {
    let mut g = generator(|co: Co<'_, i32, i32>| async move {
        let guarded = |n: i32| async move { co.try_yield(n).await.map_err(|e| e.to_string()) };
        let all: FuturesUnordered<_> = (0..3).map(guarded).collect();
        all.collect::<Vec<_>>().await
    })
    .boxed_local();
    assert_eq!(g.start().unwrap(), Step::Yielded(0));
    assert_eq!(g.throw(support::Oops(7)).unwrap(), Step::Yielded(1));
    assert_eq!(g.send(5).unwrap(), Step::Yielded(2));
    let Step::Complete(all) = g.send(6).unwrap() else {
        panic!()
    };
    assert_eq!(all, [Err("oops 7".to_owned()), Ok(5), Ok(6)]);
}

#[test]
fn nested_generators_keep_apart() {
    let mut outer = Box::pin(generator(|co: Co<'_, String, i32>| async move {
        let mut inner = pin!(generator(|inner: Co<'_, i32, i32>| async move {
            let all: FuturesUnordered<_> = (0..3).map(|n| inner.yield_(n)).collect();
            all.collect::<Vec<_>>().await
        }));
        let mut step = inner.start().unwrap();
        while let Step::Yielded(n) = step {
            let reply = co.yield_(format!("inner {n}")).await;
            step = inner.send(reply).unwrap();
        }
        step.complete().unwrap()
    }));
    assert_eq!(outer.start().unwrap(), Step::Yielded("inner 0".to_owned()));
    assert_eq!(outer.send(5).unwrap(), Step::Yielded("inner 1".to_owned()));
    assert_eq!(outer.send(6).unwrap(), Step::Yielded("inner 2".to_owned()));
    assert_eq!(outer.send(7).unwrap(), Step::Complete(vec![5, 6, 7]));
}

#[test]
fn an_async_inner_generator_may_use_the_outer_ones_handle() {
    let mut outer = Box::pin(generator(|outer: Co<'_, i32, i32>| async move {
        let mut inner = Box::pin(generator(|inner: Co<'_, i32>| async move {
            let reply = outer.yield_(1).await;
            inner.yield_(reply + 1).await;
        }));
        let Step::Yielded(n) = inner.anext().await.unwrap() else {
            panic!()
        };
        outer.yield_(n).await
    }));
    assert_eq!(outer.start().unwrap(), Step::Yielded(1));
    assert_eq!(outer.send(10).unwrap(), Step::Yielded(11));
    assert_eq!(outer.send(12).unwrap(), Step::Complete(12));
}

#[test]
fn a_reply_that_was_not_taken_is_offered_again() {
    // A combinator that polls its inside every other time.
    let mut g = Box::pin(generator(|co: Co<'_, i32, i32>| async move {
        let mut inner = Box::pin(co.yield_(1));
        let mut skip = true;
        futures::future::poll_fn(|cx| {
            skip = !skip;
            if skip {
                Poll::Pending
            } else {
                inner.as_mut().poll(cx)
            }
        })
        .await
    }));
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    let Err(SendError::Pending(Some(back))) = g.send(7) else {
        panic!("the value must come back")
    };
    assert_eq!(g.send(back).unwrap(), Step::Complete(7));
}

/// A yield inside two combinators was polled before the last reply was taken; a yield beside them is made when that
/// reply is taken. The first in the queue has its turn, in both drives.
#[test]
fn a_queued_yield_is_not_overtaken_where_combinators_are_in_each_other() {
    fn body() -> BoxGen<'static, i32, i32> {
        generator(|co: Co<'_, i32, i32>| async move {
            let mut all = FuturesUnordered::new();
            let one = async move {
                let mut inside = FuturesUnordered::new();
                let yields = async move {
                    for n in [5, 6, 7] {
                        co.yield_(n).await;
                    }
                };
                inside.push(yields);
                while inside.next().await.is_some() {}
            };
            all.push(one.boxed());
            let sub = generator(|own: Co<'_, i32, i32>| async move {
                let yields = FuturesUnordered::from_iter([own.yield_(10), own.yield_(11)]);
                yields.collect::<Vec<_>>().await;
            });
            let other = async move {
                co.yield_from(Box::pin(sub)).await;
            };
            all.push(other.boxed());
            while all.next().await.is_some() {}
        })
        .boxed()
    }
    let expected = [5, 10, 6, 11, 7];
    assert_eq!(answer(body()).0, expected);
    assert_eq!(answer_async(body()).0, expected);
}

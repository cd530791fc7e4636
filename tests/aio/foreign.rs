//! Waits of the library inside other crates' combinators.

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, Event, Promise, ReturnWhen, catch_cancelled, create_task, sleep};
use futures::future::{LocalBoxFuture, join_all, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::secs;

#[test]
fn sleeps_in_join_all_end_in_time() {
    testing::run(async {
        let naps = join_all((0..100).map(|n| async move {
            sleep(secs(n % 7)).await;
            n
        }));
        assert_eq!(naps.await, (0..100).collect::<Vec<_>>());
        assert_eq!(testing::elapsed(), secs(6));
        assert_eq!(testing::census().timers, 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn the_loser_of_a_select_takes_its_timer_back() {
    testing::run(async {
        let (long, short) = (pin!(sleep(secs(100))), pin!(sleep(secs(1))));
        select(long, short).await;
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn tasks_and_promises_in_futures_unordered() {
    testing::run(async {
        let promise = Promise::new();
        let mut unordered = FuturesUnordered::new();
        for n in 0..50_u64 {
            let (promise, task) = (promise.clone(), create_task(sleep(secs(n))));
            unordered.push(async move {
                task.await.unwrap();
                (&promise).await.unwrap() + n
            });
        }
        promise.set_result(1000)?;
        let mut seen = Vec::new();
        while let Some(n) = unordered.next().await {
            seen.push(n);
        }
        assert_eq!(seen, (1000..1050).collect::<Vec<_>>());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_wait_moves_between_combinators() {
    testing::run(async {
        let task = create_task(async {
            sleep(secs(5)).await;
            1_u8
        });
        let mut waiting = Box::pin(aio::wait([&task], ReturnWhen::AllCompleted));
        {
            let nap = pin!(sleep(secs(1)));
            let _first = select(&mut waiting, nap).await;
        }
        let (done, _) = waiting.await?;
        assert_eq!(done[0].result()?, 1);
        aio::ok(())
    })
    .unwrap();
}

/// With several waits at once a cancel cannot be passed on to just one: it unwinds.
#[test]
fn a_cancel_with_several_waits_unwinds_them_all() {
    testing::run(async {
        let (a, b) = (create_task(sleep(secs(10))), create_task(sleep(secs(10))));
        let task = create_task({
            let (a, b) = (a.clone(), b.clone());
            async move { futures::join!(a.into_future(), b.into_future()).0 }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(!a.done() && !b.done(), "what they waited for runs on");
        aio::ok(())
    })
    .unwrap();
}

/// Polls `future` twice whenever it is polled.
async fn twice<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(value);
        }
        future.as_mut().poll(cx)
    })
    .await
}

#[test]
fn a_cancel_goes_to_the_innermost_of_scopes_that_are_polled_twice() {
    testing::run(async {
        let log = Recorder::new();
        let task = create_task({
            let log = log.clone();
            async move {
                let inner = async {
                    if catch_cancelled(pending::<()>()).await.is_err() {
                        log.emit("inner");
                    }
                };
                if twice(catch_cancelled(inner)).await.is_err() {
                    log.emit("outer");
                }
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        task.await?;
        assert_eq!(log.events(), [(secs(1), "inner")]);
        aio::ok(())
    })
    .unwrap();
}

/// In the poll before the cancel only the child is polled: the group claims for the scope in its body.
#[test]
fn a_cancel_goes_to_a_scope_in_a_group_that_is_polled_twice() {
    testing::run(async {
        let log = Recorder::new();
        let task = create_task({
            let log = log.clone();
            async move {
                let group = aio::task_group(async |group| {
                    group.create_task(async {
                        sleep(secs(1)).await;
                        log.emit("child");
                        sleep(secs(1)).await;
                    });
                    if catch_cancelled(pending::<()>()).await.is_err() {
                        log.emit("inner");
                    }
                });
                match catch_cancelled(twice(group)).await {
                    Ok(ended) => ended.unwrap(),
                    Err(_) => log.emit("outer"),
                }
            }
        });
        sleep(Duration::from_millis(1500)).await;
        task.cancel();
        task.await?;
        let events = [(secs(1), "child"), (Duration::from_millis(1500), "inner")];
        assert_eq!(log.events(), events);
        aio::ok(())
    })
    .unwrap();
}

/// A child of a group and a wait beside the group are woken at the same instant, and the child has its turn
/// first: the combinator polls the wait, too, on behalf of the child.
#[test]
fn a_wait_that_is_polled_on_behalf_of_a_child_ends_in_its_own_turn() {
    let waits: [fn(Promise<()>, Rc<Event>) -> LocalBoxFuture<'static, ()>; 4] = [
        |promise, _| async move { promise.await.unwrap() }.boxed_local(),
        |_, event| async move { event.wait().await }.boxed_local(),
        |promise, _| {
            async move {
                let ended = aio::wait([&promise], ReturnWhen::AllCompleted).await;
                assert!(ended.is_ok());
            }
            .boxed_local()
        },
        |_, _| sleep(secs(1)).boxed_local(),
    ];
    for wait in waits {
        testing::run(async move {
            let (promise, event) = (Promise::new(), Rc::new(Event::new()));
            let group = aio::task_group(async |group| {
                group.create_task({
                    let event = event.clone();
                    async move { event.wait().await }
                });
                group.create_task(sleep(secs(1)));
            });
            let group = group.map(Result::unwrap).boxed_local();
            let beside = async {
                sleep(secs(0)).await;
                wait(promise.clone(), event.clone()).await;
            };
            let mut both: FuturesUnordered<_> = [beside.boxed_local(), group].into_iter().collect();
            let other = create_task({
                let (promise, event) = (promise.clone(), event.clone());
                async move {
                    sleep(secs(1)).await;
                    event.set();
                    promise.set_result(()).unwrap();
                }
            });
            while both.next().await.is_some() {}
            assert_eq!(testing::elapsed(), secs(1));
            drop(both);
            other.await
        })
        .unwrap();
    }
}

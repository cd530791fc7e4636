//! Async generators and context managers.

use std::rc::Rc;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, AsyncContext, Error, async_generator, create_task, finally, sleep};
use cogen::context::YieldError;
use cogen::{Co, Generator as _, GeneratorExit, State, Step, generator};
use futures::TryStreamExt;

use super::secs;

#[test]
fn values_go_both_ways() {
    testing::run(async {
        let averager = async_generator(|co| async move {
            let (mut sum, mut count, mut average) = (0.0, 0.0, 0.0);
            loop {
                let n: f64 = co.yield_(average).await;
                sleep(secs(1)).await;
                (sum, count) = (sum + n, count + 1.0);
                average = sum / count;
            }
        });
        assert_eq!(averager.astart().await?, Some(0.0));
        assert_eq!(averager.asend(10.0).await?, Some(10.0));
        assert_eq!(averager.asend(20.0).await?, Some(15.0));
        averager.aclose().await?;
        assert_eq!(
            (averager.asend(1.0).await?, averager.state()),
            (None, State::Closed)
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn two_calls_at_once_are_an_error() {
    testing::run(async {
        let slow = async_generator(|co| async move {
            sleep(secs(1)).await;
            co.yield_(1_u8).await;
        });
        let first = create_task({
            let slow = slow.clone();
            async move { slow.anext().await }
        });
        sleep(secs(0)).await;
        assert_eq!(slow.state(), State::Running);
        assert!(matches!(slow.anext().await, Err(Error::Runtime(_))));
        assert!(matches!(slow.aclose().await, Err(Error::Runtime(_))));
        assert_eq!(first.await?, Some(1));
        aio::ok(())
    })
    .unwrap();
}

/// A close, a throw and a cancel all go to the scopes of the task.
#[test]
fn a_finally_in_a_generator_sees_closes_throws_and_cancels() {
    testing::run(async {
        let log = Recorder::new();
        let make = |name: &'static str| {
            let log = log.clone();
            async_generator(move |co| async move {
                finally(
                    async {
                        co.yield_(1_u8).await;
                        sleep(secs(10)).await;
                    },
                    async {
                        sleep(secs(1)).await;
                        log.emit(name);
                    },
                )
                .await;
            })
        };
        let closed = make("closed");
        closed.anext().await?;
        closed.aclose().await?;

        let thrown = make("thrown");
        thrown.anext().await?;
        let error = thrown.athrow(Error::new("out")).await.unwrap_err();
        assert_eq!(error.to_string(), "out");

        let cancelled = make("cancelled");
        cancelled.anext().await?;
        let task = create_task({
            let cancelled = cancelled.clone();
            async move { cancelled.anext().await }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(cancelled.state(), State::Closed);
        let names: Vec<_> = log.events().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["closed", "thrown", "cancelled"]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_generator_may_swallow_what_is_thrown() {
    testing::run(async {
        let stubborn = async_generator(|co| async move {
            loop {
                match co.try_yield(1_u8).await {
                    Ok(()) => {}
                    Err(error) if error.downcast_ref::<GeneratorExit>().is_some() => {}
                    Err(_) => co.yield_(2).await,
                }
            }
        });
        assert_eq!(stubborn.anext().await?, Some(1));
        assert_eq!(stubborn.athrow(Error::new("no")).await?, Some(2));
        assert_eq!(stubborn.anext().await?, Some(1));
        let ignored = stubborn.aclose().await;
        assert!(matches!(ignored, Err(Error::Runtime(_))), "{ignored:?}");
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_that_a_generator_swallows_does_not_reach_the_consumer() {
    testing::run(async {
        let swallows = async_generator(|co| async move {
            let slept = aio::catch_cancelled(sleep(secs(10))).await;
            co.yield_(slept.is_err()).await;
        });
        let task = create_task(async move { swallows.anext().await });
        sleep(secs(1)).await;
        task.cancel();
        assert_eq!(task.await?, Some(true));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn those_left_suspended_are_closed_when_the_loop_ends() {
    let (log, mut kept) = (Recorder::new(), None);
    testing::run(async {
        let log = log.clone();
        let left = async_generator(move |co| async move {
            finally(co.yield_(1_u8), async {
                sleep(secs(1)).await;
                log.emit("closed");
            })
            .await;
        });
        left.anext().await?;
        kept = Some(left);
        aio::ok(())
    })
    .unwrap();
    assert_eq!(log.events(), [(secs(1), "closed")]);
    assert_eq!(kept.unwrap().state(), State::Closed);
}

#[test]
fn a_dropped_generator_drops_its_body() {
    testing::run(async {
        let alive = Rc::new(());
        let inner = alive.clone();
        let dropped = async_generator(move |co| async move {
            finally(co.yield_(1_u8), async {
                unreachable!("it is dropped, not closed")
            })
            .await;
            drop(inner);
        });
        dropped.anext().await?;
        drop(dropped);
        assert_eq!(Rc::strong_count(&alive), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_generator_is_a_stream() {
    testing::run(async {
        let numbers = async_generator(|co| async move {
            for n in 1..4_u8 {
                sleep(secs(1)).await;
                co.yield_(n).await;
            }
            Err::<(), _>(Error::new("end"))
        });
        let mut items = numbers.items();
        let mut seen = Vec::new();
        while let Ok(Some(n)) = items.try_next().await {
            seen.push(n);
        }
        assert_eq!(
            (seen, items.try_next().await.unwrap()),
            (vec![1, 2, 3], None)
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_context_manager_gets_the_error_at_its_yield() {
    testing::run(async {
        let swallows = aio::context_manager(|co| async move {
            let left = co.try_yield("resource").await;
            assert_eq!(left.unwrap_err().to_string(), "broken");
        });
        let value = swallows
            .with(async |_| Err::<(), _>(Error::new("broken")))
            .await?;
        assert_eq!(value, None);

        let lets_go = aio::context_manager(|co| async move { co.yield_(()).await });
        let left = lets_go
            .with(async |()| Err::<(), _>(Error::new("broken")))
            .await;
        assert_eq!(left.unwrap_err().to_string(), "broken");

        let replaces = aio::context_manager(|co| async move {
            co.try_yield(()).await.map_err(|_| Error::new("another"))
        });
        let left = replaces
            .with(async |()| Err::<(), _>(Error::new("broken")))
            .await;
        assert_eq!(left.unwrap_err().to_string(), "another");
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_context_manager_that_yields_not_once_is_an_error() {
    testing::run(async {
        let never = aio::context_manager::<(), _>(|_co| async {});
        let error = never.with(async |()| {}).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&YieldError::Never));
        let twice = aio::context_manager(|co| async move {
            co.yield_(()).await;
            co.yield_(()).await;
        });
        let error = twice.with(async |()| {}).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&YieldError::Again));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_of_the_block_awaits_the_clean_up() {
    testing::run(async {
        let log = Recorder::new();
        let task = create_task({
            let log = log.clone();
            async move {
                let manager = aio::context_manager(|co| async move {
                    finally(co.yield_(()), async {
                        sleep(secs(2)).await;
                        log.emit("closed");
                    })
                    .await;
                });
                manager.with(async |()| sleep(secs(10)).await).await
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(log.events(), [(secs(3), "closed")]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_exit_stack_leaves_in_reverse_and_pops_all() {
    testing::run(async {
        let log = Recorder::new();
        let manager = |name: &'static str| {
            let log = log.clone();
            aio::context_manager(move |co| async move {
                finally(co.yield_(name), async { log.emit(name) }).await;
            })
        };
        let kept = aio::exit_stack(async |stack| {
            assert_eq!(stack.enter(manager("a")).await?, "a");
            let kept = stack.pop_all();
            stack.enter(manager("b")).await?;
            stack.enter(manager("c")).await?;
            aio::ok(kept)
        })
        .await?
        .unwrap();
        log.emit("after");
        kept.aclose().await?;
        let names: Vec<_> = log.events().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["c", "b", "after", "a"]);

        let swallowed = aio::exit_stack(async |stack| {
            stack.push(async |error: &mut Option<Error>| {
                error.take();
                Ok(())
            });
            stack.callback(async || Err::<(), _>(Error::new("clean-up")));
            Err::<(), _>(Error::new("block"))
        });
        assert!(swallowed.await?.is_none());
        aio::ok(())
    })
    .unwrap();
}

/// A task awaits the next item of a shared generator; another one checks, in a sync call, whether the item is
/// there.
#[test]
fn a_sync_look_at_a_shared_generator_leaves_the_task_that_awaits_it() {
    testing::run(async {
        let (tell, told) = futures::channel::oneshot::channel::<u8>();
        let mut one = generator(|co: Co<'_, u8>| async move {
            co.yield_(told.await.unwrap()).await;
        })
        .shared();
        let mut other = one.clone();
        let waits = create_task(async move { matches!(one.anext().await, Ok(Step::Yielded(7))) });
        sleep(secs(1)).await;
        assert!(other.next().is_err());
        tell.send(7).unwrap();
        assert!(aio::timeout(secs(1), waits).await?);
        aio::ok(())
    })
    .unwrap();
}

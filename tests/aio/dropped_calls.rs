//! Calls of an async generator that are dropped before their end: what the next one does.

use std::future::pending;
use std::pin::pin;

use cogen::aio::testing;
use cogen::aio::{
    self, AsyncGenerator, Error, async_generator, catch, catch_cancelled, create_task, finally,
    sleep,
};
use cogen::{GeneratorExit, State};
use futures::StreamExt;
use futures::future::{Either, select};

use super::secs;

/// Yields 0, 1, 2, each after three seconds.
fn slow() -> AsyncGenerator<u8> {
    async_generator(|co| async move {
        for n in 0..3 {
            sleep(secs(3)).await;
            co.yield_(n).await;
        }
    })
}

/// Doubles what it is sent, two seconds later. It yields 0 first.
fn doubles() -> AsyncGenerator<u32, u32> {
    async_generator(|co| async move {
        let mut answer = 0;
        loop {
            sleep(secs(2)).await;
            answer = 2 * co.yield_(answer).await;
        }
    })
}

/// Drops `call` after a second, in which it does not end.
async fn dropped<F: Future>(call: F) {
    match select(pin!(call), pin!(sleep(secs(1)))).await {
        Either::Left(_) => panic!("the call has ended"),
        Either::Right(_) => {}
    }
}

#[test]
fn the_next_anext_has_the_item() {
    for pause in [0, 5] {
        testing::run(async {
            let slow = slow();
            dropped(slow.anext()).await;
            assert_eq!(slow.state(), State::Awaiting);
            sleep(secs(pause)).await;
            assert_eq!(slow.anext().await?, Some(0));
            dropped(slow.anext()).await;
            dropped(async { slow.items().next().await }).await;
            assert_eq!(slow.anext().await?, Some(1));
            assert_eq!(slow.anext().await?, Some(2));
            assert_eq!(slow.anext().await?, None);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn the_next_stream_has_the_item() {
    testing::run(async {
        let slow = slow();
        dropped(async { slow.items().next().await }).await;
        assert_eq!(slow.items().next().await.unwrap()?, 0);
        dropped(slow.anext()).await;
        let rest: Vec<_> = slow.items().map(Result::unwrap).collect().await;
        assert_eq!(rest, [1, 2]);
        aio::ok(())
    })
    .unwrap();
}

/// Another task may make the next call: then the body's waits belong to that task.
#[test]
fn another_task_goes_on() {
    testing::run(async {
        let slow = slow();
        dropped(slow.anext()).await;
        let task = create_task({
            let slow = slow.clone();
            async move { slow.anext().await }
        });
        assert_eq!(task.await?, Some(0));
        assert_eq!(testing::elapsed(), secs(3));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn the_next_astart_goes_on_to_the_first_yield() {
    testing::run(async {
        let doubles = doubles();
        dropped(doubles.astart()).await;
        assert_eq!(doubles.astart().await?, Some(0));
        assert!(matches!(doubles.astart().await, Err(Error::Runtime(_))));
        assert_eq!(doubles.asend(4).await?, Some(8));
        dropped(doubles.asend(5)).await;
        assert!(matches!(doubles.astart().await, Err(Error::Runtime(_))));
        aio::ok(())
    })
    .unwrap();
}

/// The answer to the dropped call goes with it.
#[test]
fn the_next_asend_has_the_answer_to_its_own_value() {
    testing::run(async {
        let doubles = doubles();
        assert_eq!(doubles.astart().await?, Some(0));
        dropped(doubles.asend(4)).await;
        assert_eq!(doubles.asend(5).await?, Some(10));
        // This call is dropped before the yield that its value is for.
        dropped(doubles.asend(6)).await;
        dropped(doubles.asend(7)).await;
        assert_eq!(doubles.asend(8).await?, Some(16));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_asend_has_the_end_that_a_dropped_call_led_to() {
    for fails in [false, true] {
        testing::run(async {
            let once = async_generator(move |co| async move {
                let sent: u8 = co.yield_(0_u8).await;
                sleep(secs(2)).await;
                assert_eq!(sent, 1);
                if fails {
                    return Err(Error::new("broken"));
                }
                aio::ok(())
            });
            once.astart().await?;
            dropped(once.asend(1)).await;
            let ended = once.asend(2).await.map_err(|error| error.to_string());
            let expected = if fails {
                Err("broken".to_owned())
            } else {
                Ok(None)
            };
            assert_eq!((ended, once.state()), (expected, State::Closed));
            assert_eq!(once.asend(3).await?, None);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn throws_and_closes_arrive_where_the_body_awaits() {
    testing::run(async {
        let log = testing::Recorder::new();
        let guarded = || {
            let log = log.clone();
            async_generator(move |co| async move {
                if let Err(error) = catch(sleep(secs(10))).await {
                    log.emit(error.to_string());
                    co.yield_(1_u8).await;
                }
                finally(sleep(secs(10)), async {
                    sleep(secs(2)).await;
                    log.emit("closed".to_owned());
                })
                .await;
            })
        };
        let thrown = guarded();
        dropped(thrown.anext()).await;
        assert_eq!(thrown.athrow(Error::new("first")).await?, Some(1));
        dropped(thrown.anext()).await;
        // The clean-up is under way when the close is dropped: the next call continues it, to its end.
        dropped(thrown.aclose()).await;
        let ended = thrown.anext().await.unwrap_err();
        assert!(ended.downcast_ref::<GeneratorExit>().is_some());
        assert_eq!(thrown.anext().await?, None);

        let closed = async_generator(|co| async move {
            sleep(secs(10)).await;
            co.yield_(1_u8).await;
        });
        dropped(closed.anext()).await;
        closed.aclose().await?;
        assert_eq!(
            (closed.anext().await?, closed.state()),
            (None, State::Closed)
        );
        let events = [
            (secs(1), "first".to_owned()),
            (secs(4), "closed".to_owned()),
        ];
        assert_eq!(log.events(), events);
        aio::ok(())
    })
    .unwrap();
}

/// A dropped throw has been caught: the item that follows belongs to the next call.
#[test]
fn the_next_anext_has_the_item_after_a_dropped_throw() {
    testing::run(async {
        let caught = async_generator(|co| async move {
            co.try_yield(0_u8).await.unwrap_err();
            sleep(secs(2)).await;
            co.yield_(1).await;
        });
        caught.anext().await?;
        dropped(caught.athrow(Error::new("caught"))).await;
        assert_eq!(caught.anext().await?, Some(1));
        aio::ok(())
    })
    .unwrap();
}

/// The cancel of the task that continues the body arrives in the body.
#[test]
fn a_cancel_of_the_next_call_is_raised_in_the_body() {
    testing::run(async {
        let log = testing::Recorder::new();
        let guarded = async_generator({
            let log = log.clone();
            move |co| async move {
                finally(sleep(secs(10)), async { log.emit("cleaned up") }).await;
                co.yield_(1_u8).await;
            }
        });
        dropped(guarded.anext()).await;
        let task = create_task(async move { guarded.anext().await });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(log.events(), [(secs(2), "cleaned up")]);
        aio::ok(())
    })
    .unwrap();
}

type Log = testing::Recorder<&'static str>;

/// Awaits for a long time, and takes two seconds to clean up.
fn guarded(log: &Log) -> AsyncGenerator<u8> {
    let log = log.clone();
    async_generator(move |co| async move {
        finally(sleep(secs(60)), async {
            sleep(secs(2)).await;
            log.emit("cleaned up");
        })
        .await;
        co.yield_(1).await;
    })
}

#[test]
fn a_close_or_a_throw_awaits_the_clean_up() {
    let log = Log::new();
    testing::run(async {
        let closed = guarded(&log);
        dropped(closed.anext()).await;
        closed.aclose().await?;
        assert_eq!(closed.state(), State::Closed);

        let thrown = guarded(&log);
        dropped(thrown.anext()).await;
        // A different task from the one that has polled it.
        let task = create_task(async move { thrown.athrow(Error::new("broken")).await });
        assert_eq!(task.await.unwrap_err().to_string(), "broken");
        aio::ok(())
    })
    .unwrap();
    let events = [(secs(3), "cleaned up"), (secs(6), "cleaned up")];
    assert_eq!(log.events(), events);
}

#[test]
fn one_that_awaits_is_closed_with_its_loop() {
    let log = Log::new();
    let kept = testing::run(async {
        let kept = guarded(&log);
        dropped(kept.anext()).await;
        aio::ok(kept)
    })
    .unwrap();
    assert_eq!(log.events(), [(secs(3), "cleaned up")]);
    assert_eq!(kept.state(), State::Closed);
}

/// After a throw, the waits of the body are inside the task's scopes again.
#[test]
fn a_cancel_after_a_throw_goes_to_the_scope_in_the_body() {
    testing::run(async {
        let caught = async_generator(|co| async move {
            catch(pending::<()>()).await.unwrap_err();
            catch_cancelled(pending::<()>()).await.unwrap_err();
            co.yield_(1_u8).await;
        });
        dropped(caught.anext()).await;
        let task = create_task(async move { caught.athrow(Error::new("caught")).await });
        sleep(secs(1)).await;
        task.cancel();
        assert_eq!(task.await?, Some(1));
        aio::ok(())
    })
    .unwrap();
}

/// The body's wait has ended meanwhile: the throw arrives at the next yield, or after the end.
#[test]
fn a_throw_finds_the_body_where_it_can_go_on_to() {
    testing::run(async {
        let slow = async_generator(|co| async move {
            sleep(secs(2)).await;
            assert!(co.try_yield(0_u8).await.is_err());
            co.yield_(1).await;
            sleep(secs(2)).await;
        });
        dropped(slow.anext()).await;
        sleep(secs(2)).await;
        assert_eq!(slow.athrow(Error::new("caught")).await?, Some(1));
        dropped(slow.anext()).await;
        sleep(secs(2)).await;
        let thrown = slow.athrow(Error::new("late")).await;
        assert_eq!(thrown.unwrap_err().to_string(), "late");
        assert_eq!(slow.state(), State::Closed);
        aio::ok(())
    })
    .unwrap();
}

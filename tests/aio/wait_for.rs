//! `wait_for` with a limit of zero. CPython 3.11 to 3.13 agree: what has ended gives its outcome, and only a
//! cancel by `wait_for` itself is a timeout.

use std::time::Duration;

use cogen::aio::{self, Promise, create_task, finally, sleep, testing};

use super::secs;

#[test]
fn a_cancel_by_somebody_else_is_no_timeout() {
    for limit in [Duration::ZERO, secs(1)] {
        testing::run(async move {
            let task = create_task(sleep(secs(10)));
            let promise = Promise::<()>::new();
            task.cancel();
            promise.cancel_with("enough");
            sleep(secs(0)).await;
            assert!(task.cancelled());
            assert!(
                aio::wait_for(&task, limit)
                    .await
                    .unwrap_err()
                    .is_cancelled()
            );
            let error = aio::wait_for(promise, limit).await.unwrap_err();
            assert_eq!(error.to_string(), "cancelled: enough");
            assert_eq!(testing::elapsed(), secs(0));
            aio::ok(())
        })
        .unwrap();
    }
}

/// A cancel has been requested, but the clean-up goes on: `wait_for` cancels, too.
#[test]
fn a_cancel_that_is_on_its_way_is_a_timeout_with_a_limit_of_zero() {
    for (limit, timeout) in [(Duration::ZERO, true), (secs(5), false)] {
        testing::run(async move {
            let task = create_task(finally(sleep(secs(10)), sleep(secs(2))));
            sleep(secs(1)).await;
            task.cancel();
            let error = aio::wait_for(&task, limit).await.unwrap_err();
            assert_eq!(
                (error.is_timeout(), error.is_cancelled()),
                (timeout, !timeout)
            );
            assert!(task.done());
            aio::ok(())
        })
        .unwrap();
    }
}

/// CPython 3.12 runs the coroutine in the waiting task, 3.11 wakes the wait after its first step.
#[test]
fn a_future_has_begun_when_its_wait_is_cancelled_a_turn_later() {
    let log = testing::Recorder::new();
    testing::run(async {
        let own = log.clone();
        let job = async move {
            own.emit("begun");
            finally(sleep(secs(9)), async { own.emit("cleaned up") }).await;
            own.emit("never");
        };
        let waiter = create_task(aio::wait_for(job, secs(60)));
        sleep(Duration::ZERO).await;
        waiter.cancel();
        assert!(waiter.await.unwrap_err().is_cancelled());
        // One with a limit of zero still does not start.
        let own = log.clone();
        let late = aio::wait_for(async move { own.emit("never") }, Duration::ZERO).await;
        assert!(late.unwrap_err().is_timeout());
        aio::ok(())
    })
    .unwrap();
    let events: Vec<_> = log.events().into_iter().map(|(_, event)| event).collect();
    assert_eq!(events, ["begun", "cleaned up"]);
}

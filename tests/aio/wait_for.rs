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

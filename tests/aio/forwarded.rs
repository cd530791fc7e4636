//! A cancel that was passed on belongs to the wait through which it was passed on: no other wait raises it,
//! and it is not lost with that wait.

use std::future::IntoFuture;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, Error, Promise, Task, catch_cancelled, create_task, current_task, finally};
use cogen::aio::{sleep, task_group, timeout};
use futures::channel::oneshot;
use futures::future::select;
use futures::join;

use super::secs;

/// A task that takes five seconds to clean up.
fn slow() -> Task<()> {
    create_task(finally(sleep(secs(60)), sleep(secs(5))))
}

/// A task that has been cancelled from elsewhere.
fn cancelled() -> Task<()> {
    let task = create_task(sleep(secs(60)));
    task.cancel();
    task
}

/// Gives a receiver that something is sent to after two seconds.
fn later() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    create_task(async move {
        sleep(secs(2)).await;
        tell.send(()).unwrap();
    });
    told
}

/// Waits for one of the two, and drops the other.
async fn either(one: impl Future + Unpin, other: impl Future + Unpin) {
    drop(select(one, other).await);
}

fn cancelling() -> u32 {
    current_task().unwrap().cancelling()
}

/// The limit's cancel went to a task that is slow to end, and something else ended the block.
#[test]
fn a_timeout_whose_block_went_on_leaves_no_cancel() {
    testing::run(async {
        let slow = slow();
        let limited = timeout(secs(1), either((&slow).into_future(), later()));
        assert!(limited.await.is_ok());
        assert_eq!((testing::elapsed(), cancelling()), (secs(2), 0));
        assert!(
            cancelled().await.unwrap_err().is_cancelled(),
            "it is a value"
        );
        aio::ok(())
    })
    .unwrap();
}

/// The same with a wait that outlives the block, and is awaited in the end.
#[test]
fn a_timeout_leaves_no_cancel_with_a_wait_from_outside() {
    testing::run(async {
        let mut wait = slow().into_future();
        assert!(timeout(secs(1), either(&mut wait, later())).await.is_ok());
        assert!(wait.await.unwrap_err().is_cancelled(), "it is a value");
        assert_eq!(testing::elapsed(), secs(6));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_group_whose_body_went_on_leaves_no_cancel() {
    testing::run(async {
        let slow = slow();
        let failed = task_group(async |group| {
            group.create_task(async {
                sleep(secs(1)).await;
                Err::<(), _>(Error::new("broken"))
            });
            either((&slow).into_future(), later()).await;
            aio::ok(())
        });
        assert!(matches!(failed.await, Err(Error::Group(_))));
        assert_eq!((testing::elapsed(), cancelling()), (secs(2), 0));
        assert!(
            cancelled().await.unwrap_err().is_cancelled(),
            "it is a value"
        );
        aio::ok(())
    })
    .unwrap();
}

/// A wait that began later and ends earlier gets nothing of the cancel.
async fn beside(slow: Task<()>) -> (Result<(), Error>, Result<(), Error>) {
    let told = later();
    join!(slow, async {
        told.await.unwrap();
        create_task(sleep(secs(1))).await
    })
}

#[test]
fn a_later_wait_does_not_take_the_cancel() {
    testing::run(async {
        let task = create_task(async { beside(slow()).await });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(6));

        let limited = create_task(async { timeout(secs(1), beside(slow())).await });
        assert!(limited.await.unwrap_err().is_timeout());
        assert_eq!(testing::elapsed(), secs(12));
        aio::ok(())
    })
    .unwrap();
}

/// The wait is dropped, and the task goes on: it gets its cancel when it is next suspended.
#[test]
fn a_cancel_is_not_lost_with_the_wait() {
    testing::run(async {
        let log = Recorder::new();
        let task = create_task({
            let log = log.clone();
            async move {
                let told = later();
                either(slow().into_future(), told).await;
                log.emit("went on");
                let caught = catch_cancelled(sleep(secs(60))).await.unwrap_err();
                log.emit("caught");
                assert_eq!(caught.message(), Some("stop"));
                sleep(secs(1)).await; // that was all
                7_u8
            }
        });
        sleep(secs(1)).await;
        task.cancel_with("stop");
        assert_eq!(task.await?, 7);
        assert_eq!(log.events(), [(secs(2), "went on"), (secs(2), "caught")]);
        aio::ok(())
    })
    .unwrap();
}

/// Like any cancel that was not delivered by the end.
#[test]
fn a_task_that_ends_with_the_wait_is_cancelled() {
    testing::run(async {
        let task = create_task(async {
            let told = later();
            either(slow().into_future(), told).await;
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(2));
        aio::ok(())
    })
    .unwrap();
}

/// A loop that waits for the same task again and again: that task has already been cancelled, and is not disturbed in
/// its clean-up.
#[test]
fn a_new_wait_for_the_same_goes_on_with_the_cancel() {
    testing::run(async {
        let task = create_task(async {
            let slow = slow();
            for told in [later(), later()] {
                either((&slow).into_future(), told).await;
            }
            (&slow).await
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(6));
        aio::ok(())
    })
    .unwrap();
}

/// The target ends at once, and so does the other side of the select: the wait never sees its end.
#[test]
fn a_cancel_is_not_lost_with_a_wait_whose_end_came() {
    testing::run(async {
        let (tell, told) = oneshot::channel();
        let task = create_task(async {
            either(told, Promise::<()>::new().into_future()).await;
            catch_cancelled(sleep(secs(60))).await.is_err()
        });
        sleep(secs(1)).await;
        task.cancel();
        tell.send(()).unwrap();
        assert!(task.await?);
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

/// A target that swallowed the cancel has received it.
#[test]
fn a_cancel_that_the_target_swallowed_does_not_come_back() {
    testing::run(async {
        let (tell, told) = oneshot::channel();
        let task = create_task(async move {
            let swallows = create_task(async move {
                let caught = catch_cancelled(sleep(secs(60))).await;
                tell.send(()).unwrap();
                caught.is_err()
            });
            either(told, (&swallows).into_future()).await;
            sleep(secs(1)).await;
            swallows.await
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await?);
        aio::ok(())
    })
    .unwrap();
}

/// A second cancel unwinds the scope that waits for the target of the first one: the clean-up sees one, not
/// two.
#[test]
fn a_cancel_that_unwinds_the_wait_is_both() {
    testing::run(async {
        let task = create_task(async {
            let told = later();
            let both = async {
                join!(async { slow().await }, async {
                    told.await.unwrap();
                    sleep(secs(60)).await;
                })
            };
            let caught = catch_cancelled(both).await.is_err();
            sleep(secs(1)).await;
            caught
        });
        sleep(secs(1)).await;
        task.cancel(); // passed on
        sleep(secs(2)).await;
        task.cancel(); // delivered: it is in two waits
        assert!(task.await?);
        assert_eq!(testing::elapsed(), secs(4));
        aio::ok(())
    })
    .unwrap();
}

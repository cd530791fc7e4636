//! Waits that are polled by another task, another combinator or another loop than before.

mod each_kind;
mod kinds;

use cogen::aio::testing;
use cogen::aio::{self, Promise, ReturnWhen, catch_cancelled, create_task, finally, sleep};
use futures::FutureExt;
use std::cell::RefCell;
use std::future::{Future, IntoFuture, pending};
use std::pin::Pin;
use std::rc::Rc;

use super::secs;

type Moved<T> = Pin<Box<dyn Future<Output = T>>>;

/// Polls it once in a task, which then ends, and awaits it in another one.
async fn in_two_tasks<T: 'static>(wait: impl Future<Output = T> + 'static) -> T {
    let moved: Rc<RefCell<Option<Moved<T>>>> = Rc::new(RefCell::new(Some(Box::pin(wait))));
    let value = Rc::new(RefCell::new(None));
    let first = create_task({
        let moved = moved.clone();
        async move {
            let mut wait = moved.take().unwrap();
            assert!(futures::poll!(&mut wait).is_pending());
            moved.replace(Some(wait));
        }
    });
    first.await.unwrap();
    let second = create_task({
        let (wait, value) = (moved.take().unwrap(), value.clone());
        async move {
            let ended = wait.await;
            value.replace(Some(ended));
        }
    });
    second.await.unwrap();
    value.take().unwrap()
}

#[test]
fn a_sleep_wakes_who_polled_it_last() {
    testing::run(async {
        let mut nap = sleep(secs(1));
        assert!((&mut nap).now_or_never().is_none());
        nap.await;
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_sleep_moves_to_another_task() {
    testing::run(async {
        in_two_tasks(sleep(secs(1))).await;
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_join_moves_to_another_task() {
    testing::run(async {
        let child = create_task(async {
            sleep(secs(1)).await;
            7_u8
        });
        let joined = in_two_tasks(child.into_future()).await;
        assert_eq!(joined?, 7);
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_wait_moves_to_another_task() {
    testing::run(async {
        let child = create_task(sleep(secs(1)));
        let wait = aio::wait([child], ReturnWhen::AllCompleted);
        let (done, _pending) = in_two_tasks(wait).await?;
        assert_eq!(done.len(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_place_in_a_queue_moves_to_another_task() {
    testing::run(async {
        let queue = Rc::new(aio::Queue::new(0));
        let get = {
            let queue = queue.clone();
            async move { queue.get().await }
        };
        create_task(async move {
            sleep(secs(1)).await;
            let _put = queue.put_nowait(7_u8);
        });
        assert_eq!(in_two_tasks(get).await?, 7);
        aio::ok(())
    })
    .unwrap();
}

/// Timers are a loop's own: their names mean nothing to another one.
#[test]
fn a_handle_of_a_loop_that_is_gone_cancels_nothing() {
    let handle = testing::run(async { aio::ok(aio::call_later(secs(9), || {})) }).unwrap();
    testing::run(async move {
        let task = create_task(sleep(secs(1)));
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        handle.cancel();
        task.await?;
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_wait_of_a_loop_that_is_gone_cancels_nothing() {
    let waiting = testing::run(async {
        let promise = Promise::<()>::new();
        let mut waiting = Box::pin(aio::wait([promise], ReturnWhen::AllCompleted).timeout(secs(9)));
        assert!(futures::poll!(&mut waiting).is_pending());
        aio::ok(waiting)
    })
    .unwrap();
    testing::run(async move {
        let task = create_task(sleep(secs(1)));
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        drop(waiting);
        task.await?;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_sleep_moves_to_another_loop() {
    let nap = testing::run(async {
        let mut nap = sleep(secs(2));
        assert!((&mut nap).now_or_never().is_none());
        aio::ok(nap)
    })
    .unwrap();
    testing::run(async move {
        let other = create_task(sleep(secs(1)));
        nap.await;
        assert_eq!(testing::elapsed(), secs(0), "it ends at once");
        other.await?;
        aio::ok(())
    })
    .unwrap();
}

/// The task that passed the cancel on has it back when the wait moves. To the other task it is a value.
#[test]
fn a_cancel_that_was_passed_on_does_not_move() {
    testing::run(async {
        let moved = Rc::new(RefCell::new(None));
        let before = create_task({
            let moved = moved.clone();
            async move {
                let waits = async {
                    let slow = create_task(finally(sleep(secs(60)), sleep(secs(5))));
                    let mut wait = slow.into_future();
                    assert!(futures::poll!(&mut wait).is_pending());
                    moved.replace(Some(wait));
                    pending::<()>().await;
                };
                catch_cancelled(waits).await.is_err()
            }
        });
        sleep(secs(1)).await;
        before.cancel();
        sleep(secs(1)).await;
        assert!(!before.done());

        let wait = moved.take().unwrap();
        let after = create_task(async { wait.await.unwrap_err().is_cancelled() });
        assert!(before.await?);
        assert_eq!(testing::elapsed(), secs(2));
        assert!(after.await?);
        assert_eq!(testing::elapsed(), secs(6));
        aio::ok(())
    })
    .unwrap();
}

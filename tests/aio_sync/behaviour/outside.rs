//! Outside a loop, and under foreign combinators.

use std::rc::Rc;

use cogen::aio::testing::{census, run};
use cogen::aio::{self, Event, Lock, Queue, Semaphore};
use futures::executor::block_on;
use futures::stream::{FuturesUnordered, StreamExt as _};

use crate::secs;

#[test]
fn what_need_not_wait_needs_no_loop() {
    let (lock, semaphore, queue) = (Lock::new(1), Semaphore::new(1), Queue::new(1));
    block_on(async {
        assert_eq!(*lock.lock().await, 1);
        drop(semaphore.acquire().await);
        queue.put(1).await.unwrap();
        assert_eq!(queue.get().await, Ok(1));
    });
}

#[test]
#[should_panic(expected = "awaited outside a task")]
fn a_wait_needs_a_task() {
    block_on(Event::new().wait());
}

#[test]
fn what_a_loop_leaves_behind_is_free_for_the_next() {
    let lock = Rc::new(Lock::new(()));
    for _ in 0..2 {
        let lock = lock.clone();
        run(async move {
            for _ in 0..3 {
                let lock = lock.clone();
                aio::create_task(async move {
                    let _guard = lock.lock().await;
                    aio::sleep(secs(60)).await;
                });
            }
            aio::sleep(secs(1)).await;
            assert!(lock.locked());
        })
        .unwrap();
    }
    assert!(lock.try_lock().is_some());
}

#[test]
fn several_waits_of_one_task_are_woken_one_by_one() {
    run(async {
        let (event, semaphore) = (Event::new(), Semaphore::new(0));
        let mut waits: FuturesUnordered<_> = (0..3)
            .map(|n| {
                let (event, semaphore) = (&event, &semaphore);
                async move {
                    if n == 1 {
                        event.wait().await;
                    } else {
                        semaphore.acquire().await.forget();
                    }
                    n
                }
            })
            .collect();
        assert!(futures::poll!(waits.next()).is_pending());
        event.set();
        assert_eq!(waits.next().await, Some(1));
        semaphore.release();
        assert_eq!(waits.next().await, Some(0));
        semaphore.release();
        assert_eq!(waits.next().await, Some(2));
        assert_eq!(census().tasks, 1);
        aio::ok(())
    })
    .unwrap();
}

/// A wait for an event that was polled here, and then moved to a task.
async fn wait_that_moved() -> (Rc<Event>, aio::Task<()>) {
    let event = Rc::new(Event::new());
    let waits = event.clone();
    let mut wait = Box::pin(async move { waits.wait().await });
    assert!(futures::poll!(&mut wait).is_pending());
    let task = aio::create_task(wait);
    aio::sleep(secs(1)).await;
    (event, task)
}

#[test]
fn a_wait_may_move_to_another_task() {
    run(async {
        let (event, task) = wait_that_moved().await;
        event.set();
        task.await
    })
    .unwrap();
}

#[test]
fn a_wait_that_moved_is_cancelled_with_its_task() {
    run(async {
        let (event, task) = wait_that_moved().await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(format!("{event:?}"), "Event { set: false, waiting: 0 }");
        aio::ok(())
    })
    .unwrap();
}

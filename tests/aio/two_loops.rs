//! What belongs to one loop, and is awaited in another: an error at once, as in CPython, unless it has ended.

use cogen::aio::{
    self, Condition, Error, Event, Lock, Promise, Queue, ReturnWhen, Runner, Semaphore, Task,
    as_completed, create_task, gather, gather_all, shield, sleep, wait, wait_for,
};
use std::future::IntoFuture;
use std::rc::Rc;
use std::time::Duration;

use super::secs;

const TURN: Duration = Duration::ZERO;

fn runners() -> [Runner; 2] {
    [(); 2].map(|()| Runner::new().unwrap())
}

#[track_caller]
fn is_foreign(error: &Error) {
    assert!(
        matches!(error, Error::Runtime(said) if said.contains("another event loop")),
        "{error:?}"
    );
}

#[test]
fn a_promise_or_task_of_another_loop_is_an_error_for_every_wait() {
    let [mut one, mut other] = runners();
    let made = || async {
        let never: Task<u8> = create_task(std::future::pending::<u8>());
        aio::ok((Promise::<u8>::new(), never))
    };
    let (promise, task) = one.run(made()).unwrap();
    let own = promise.clone();
    other
        .run(async move {
            is_foreign(&(&promise).await.unwrap_err());
            is_foreign(&promise.clone().await.unwrap_err());
            is_foreign(&(&task).await.unwrap_err());
            is_foreign(&gather((&promise, Promise::<u8>::new())).await.unwrap_err());
            is_foreign(
                &gather([&task, &create_task(async { 1_u8 })])
                    .await
                    .unwrap_err(),
            );
            let all = aio::catch_exception(gather_all([&promise]).into_future()).await;
            is_foreign(&all.unwrap_err());
            is_foreign(
                &wait([&promise], ReturnWhen::AllCompleted)
                    .await
                    .unwrap_err(),
            );
            is_foreign(&wait_for(&promise, secs(60)).await.unwrap_err());
            is_foreign(&wait_for(&promise, TURN).await.unwrap_err());
            is_foreign(&shield(&promise).await.unwrap_err());
            is_foreign(&shield(&task).into_future().await.unwrap_err());
            let mut completed = as_completed([&promise, &{ Promise::<u8>::new() }]).timeout(TURN);
            is_foreign(&completed.next().await.unwrap().unwrap_err());
            assert!(completed.next().await.unwrap().unwrap_err().is_timeout());
            let (a, b) = futures::join!((&promise).into_future(), task.clone().into_future());
            is_foreign(&a.unwrap_err());
            is_foreign(&b.unwrap_err());
            let late = aio::timeout(secs(60), promise.clone()).await;
            is_foreign(&late.unwrap_err());
            assert!(
                !promise.done() && !task.done(),
                "none of this cancelled them"
            );
            aio::ok(())
        })
        .unwrap();
    let value = one.run(async move {
        own.set_result(7)?;
        own.await
    });
    assert_eq!(value.unwrap(), 7);
}

#[test]
fn what_has_ended_in_another_loop_gives_its_value() {
    let [mut one, mut other] = runners();
    let (promise, task) = one
        .run(async {
            let (promise, task) = (Promise::new(), create_task(async { 2_u8 }));
            promise.set_result(1_u8)?;
            sleep(TURN).await;
            aio::ok((promise, task))
        })
        .unwrap();
    other
        .run(async move {
            assert_eq!(((&promise).await?, (&task).await?), (1, 2));
            assert_eq!(gather((&promise, &task)).await?, (1, 2));
            assert_eq!(gather_all([&task]).await[0].clone()?, 2);
            assert_eq!(
                (shield(&promise).await?, wait_for(&task, secs(60)).await?),
                (1, 2)
            );
            let (done, _) = wait([&promise], ReturnWhen::AllCompleted).await?;
            assert_eq!(done.len(), 1);
            let mut completed = as_completed([&promise]);
            assert_eq!(completed.next().await.unwrap()?, 1);
            aio::ok(())
        })
        .unwrap();
}

/// A wait makes a lock or the like one of its loop, as in CPython; one that does not wait does not.
#[test]
fn locks_and_queues_in_which_tasks_of_another_loop_wait_raise() {
    struct All {
        lock: Lock<u8>,
        semaphore: Semaphore,
        event: Event,
        condition: Condition<u8>,
        queue: Queue<u8>,
        full: Queue<u8>,
    }
    let all = Rc::new(All {
        lock: Lock::new(0),
        semaphore: Semaphore::new(0),
        event: Event::new(),
        condition: Condition::new(0),
        queue: Queue::new(0),
        full: Queue::new(1),
    });
    all.full.put_nowait(1).unwrap();
    let waits = |all: Rc<All>, which: u8| async move {
        match which {
            0 => drop(all.lock.lock().await),
            1 => drop(all.semaphore.acquire().await),
            2 => all.event.wait().await,
            3 => {
                let mut guard = all.condition.lock().await;
                all.condition.wait(&mut guard).await;
            }
            4 => drop(all.queue.get().await),
            5 => drop(all.full.put(2).await),
            _ => all.queue.join().await,
        }
    };
    let [mut one, mut other] = runners();
    let in_one = all.clone();
    one.run(async move {
        in_one.lock.lock().await.forget();
        in_one.queue.put_nowait(0)?;
        in_one.queue.get_nowait()?; // it is not done
        for which in 0..7 {
            create_task(waits(in_one.clone(), which));
        }
        sleep(TURN).await;
        sleep(TURN).await;
        aio::ok(())
    })
    .unwrap();
    let in_other = all.clone();
    other
        .run(async move {
            for which in 0..7 {
                let ended = create_task(waits(in_other.clone(), which)).await;
                is_foreign(&ended.unwrap_err());
            }
            let both = create_task(async move {
                let _both = futures::join!(in_other.event.wait(), in_other.semaphore.acquire());
            });
            is_foreign(&both.await.unwrap_err());
            aio::ok(())
        })
        .unwrap();
    one.close().unwrap();
    // Their loop is gone, so they are free for another one.
    let late = aio::timeout(TURN, async move { all.event.wait().await });
    assert!(other.run(late).unwrap_err().is_timeout());
}

use std::pin::pin;
use std::rc::Rc;

use cogen::aio::testing::{Recorder, run};
use cogen::aio::{self, Condition, Lock};
use futures::FutureExt as _;

use crate::secs;

#[test]
fn a_cancelled_wait_takes_the_lock_before_the_cancel_goes_on() {
    let log = Recorder::new();
    run(async {
        let condition = Rc::new(Condition::new(0));
        let waiter = aio::create_task({
            let (condition, log) = (condition.clone(), log.clone());
            async move {
                let mut guard = condition.lock().await;
                let waited = aio::catch_cancelled(condition.wait(&mut guard)).await;
                *guard += 1;
                log.emit(("cancelled", *guard));
                waited.unwrap_err().raise().await;
            }
        });
        aio::sleep(secs(1)).await;
        let mut guard = condition.lock().await;
        waiter.cancel();
        aio::sleep(secs(1)).await;
        *guard = 5;
        drop(guard);
        assert!(waiter.await.unwrap_err().is_cancelled());
        assert!(!condition.locked());
        aio::ok(())
    })
    .unwrap();
    assert_eq!(log.events(), [(secs(2), ("cancelled", 6))]);
}

#[test]
fn a_notification_of_a_cancelled_task_goes_to_another() {
    run(async {
        let condition = Rc::new(Condition::new(()));
        let wait = |condition: &Rc<Condition>| {
            let condition = condition.clone();
            aio::create_task(async move {
                let mut guard = condition.lock().await;
                condition.wait(&mut guard).await;
            })
        };
        let (first, second) = (wait(&condition), wait(&condition));
        aio::sleep(secs(1)).await;
        let guard = condition.lock().await;
        condition.notify(1)?;
        first.cancel();
        drop(guard);
        second.await?;
        assert!(first.cancelled());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn conditions_may_share_a_lock() {
    run(async {
        let lock = Rc::new(Lock::new(Vec::new()));
        let (filled, emptied) = (
            Condition::with_lock(lock.clone()),
            Condition::with_lock(lock.clone()),
        );
        aio::task_group(async |group| {
            let sum = group.create_task(async {
                let mut sum = 0;
                for _ in 0..3 {
                    let mut items = lock.lock().await;
                    filled.wait_for(&mut items, |items| !items.is_empty()).await;
                    sum += items.pop().unwrap_or(0);
                    emptied.notify(1)?;
                }
                aio::ok(sum)
            });
            for n in 1..=3 {
                let mut items = lock.lock().await;
                emptied.wait_for(&mut items, |items| items.is_empty()).await;
                items.push(n);
                filled.notify(1)?;
            }
            assert_eq!(sum.await?, 6);
            aio::ok(())
        })
        .await
    })
    .unwrap();
}

#[test]
fn who_notifies_has_the_lock() {
    run(async {
        let condition = Condition::new(());
        let error = condition.notify(1).unwrap_err();
        assert_eq!(error.to_string(), "cannot notify: the lock is not acquired");
        assert!(condition.notify_all().is_err());
        assert!(condition.adopt().is_err());
        let guard = condition.lock().await;
        condition.notify_all()?;
        drop(guard);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_wait_that_is_dropped_loses_the_lock() {
    run(async {
        let condition = Condition::new(7);
        let mut guard = condition.lock().await;
        assert!(condition.wait(&mut guard).now_or_never().is_none());
        assert!(!condition.locked());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| *guard));
        assert!(panicked.is_err());
        drop(guard);
        assert_eq!(*condition.lock().await, 7);
        aio::ok(())
    })
    .unwrap();
}

#[test]
#[should_panic(expected = "the guard of another lock")]
fn a_guard_of_another_lock_is_refused() {
    let outcome = run(async {
        let (one, other) = (Condition::new(()), Condition::new(()));
        let mut guard = other.lock().await;
        one.wait(&mut guard).await;
    });
    if let Err(aio::Error::Panicked(panicked)) = outcome {
        std::panic::resume_unwind(panicked.take_payload().unwrap());
    }
}

#[test]
fn a_predicate_that_holds_is_no_wait() {
    let condition = Condition::new(1);
    let mut guard = condition.lock().now_or_never().unwrap();
    let wait = pin!(condition.wait_for(&mut guard, |n| *n == 1));
    assert!(wait.now_or_never().is_some());
}

use std::pin::pin;
use std::rc::Rc;

use cogen::aio::testing::{Recorder, run};
use cogen::aio::{self, Lock};
use futures::FutureExt as _;

use crate::secs;

#[test]
fn a_dropped_guard_lets_the_next_in_a_turn_later() {
    let log = Recorder::new();
    run(async {
        let lock = Lock::new(());
        aio::task_group(async |group| {
            for name in ["one", "two", "three"] {
                let (lock, log) = (&lock, &log);
                group.create_task(async move {
                    let _guard = lock.lock().await;
                    log.emit(name);
                    aio::sleep(secs(1)).await;
                });
            }
        })
        .await
    })
    .unwrap();
    assert_eq!(
        log.events(),
        [(secs(0), "one"), (secs(1), "two"), (secs(2), "three")]
    );
}

#[test]
fn a_free_lock_is_not_taken_past_a_waiter() {
    run(async {
        let lock = Rc::new(Lock::new(()));
        let guard = lock.lock().await;
        let waiter = aio::create_task({
            let lock = lock.clone();
            async move {
                let _guard = lock.lock().await;
            }
        });
        aio::sleep(secs(1)).await;
        drop(guard);
        assert!(!lock.locked());
        assert!(lock.try_lock().is_none());
        waiter.await?;
        assert!(lock.try_lock().is_some());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_waiter_that_is_cancelled_at_its_handover_passes_it_on() {
    run(async {
        let lock = Rc::new(Lock::new(0));
        let add = |lock: &Rc<Lock<i32>>| {
            let lock = lock.clone();
            aio::create_task(async move { *lock.lock().await += 1 })
        };
        let guard = lock.lock().await;
        let (first, second) = (add(&lock), add(&lock));
        aio::sleep(secs(1)).await;
        drop(guard);
        first.cancel();
        second.await?;
        assert!(first.cancelled());
        assert_eq!(*lock.lock().await, 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_panic_frees_the_lock() {
    run(async {
        let lock = Rc::new(Lock::new(1));
        let task = aio::create_task({
            let lock = lock.clone();
            async move {
                let mut guard = lock.lock().await;
                *guard = 2;
                panic!("on purpose");
            }
        });
        assert!(matches!(task.await, Err(aio::Error::Panicked(_))));
        assert_eq!(*lock.lock().await, 2);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_forgotten_guard_is_released_by_hand() {
    run(async {
        let lock = Lock::new(1);
        assert_eq!(
            lock.release().unwrap_err().to_string(),
            "the lock is not acquired"
        );
        *lock.lock().await = 2;
        lock.lock().await.forget();
        assert!(lock.locked());
        let adopted = lock.adopt()?;
        assert_eq!(*adopted, 2);
        assert_eq!(
            lock.release().unwrap_err().to_string(),
            "a guard has the lock"
        );
        assert!(lock.adopt().is_err());
        adopted.forget();
        lock.release()?;
        assert!(!lock.locked());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_wait_that_is_dropped_leaves_nothing() {
    run(async {
        let lock = Lock::new(());
        let guard = lock.lock().await;
        {
            let mut wait = pin!(lock.lock());
            assert!((&mut wait).now_or_never().is_none());
        }
        drop(guard);
        assert!(lock.try_lock().is_some());
        assert_eq!(
            format!("{lock:?}"),
            "Lock { value: (), locked: false, waiting: 0, .. }"
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_lock_may_guard_what_has_no_size() {
    run(async {
        let lock: Box<Lock<[u8]>> = Box::new(Lock::new([1, 2, 3]));
        lock.lock().await[1] = 5;
        assert_eq!(lock.lock().await.iter().sum::<u8>(), 9);
        aio::ok(())
    })
    .unwrap();
}

//! Waits beside a scope, when their task is cancelled: the wait has the cancel, too, even if the scope takes its own.
//! Here each of them has its turn in the time between the cancel and its delivery. What it would have got goes to
//! the next one, or stays.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;

use cogen::aio::testing::run;
use cogen::aio::{
    self, Barrier, BoundedSemaphore, Condition, Event, Lock, Queue, QueueError, Semaphore, Task,
};
use futures::FutureExt as _;
use futures::stream::{FuturesUnordered, StreamExt as _};

use crate::secs;

/// How a wait is combined with a scope.
#[derive(Clone, Copy, Debug)]
enum Form {
    Join,
    /// Polls only what was woken.
    Unordered,
}

const FORMS: [Form; 2] = [Form::Join, Form::Unordered];

/// Awaits `wait` beside a scope that waits for ever, until a cancel comes.
async fn beside_a_scope<F: Future>(form: Form, wait: F) -> F::Output {
    let scope = async { aio::catch_cancelled(pending::<()>()).await.unwrap_err() };
    match form {
        Form::Join => futures::join!(wait, scope).0,
        Form::Unordered => {
            let both = [
                wait.map(Some).boxed_local(),
                scope.map(|_| None).boxed_local(),
            ];
            let ended: Vec<_> = both
                .into_iter()
                .collect::<FuturesUnordered<_>>()
                .collect()
                .await;
            ended.into_iter().flatten().next().unwrap()
        }
    }
}

/// A task that awaits `wait` beside a scope, and has begun to.
async fn waiter<F>(form: Form, wait: F) -> Task<F::Output>
where
    F: Future<Output: aio::Output<Ok = F::Output>> + 'static,
{
    let task = aio::create_task(beside_a_scope(form, wait));
    aio::sleep(secs(1)).await;
    task
}

type Names = Rc<RefCell<Vec<&'static str>>>;

/// Notes its name, and then stays in for a second.
async fn visit<P>(name: &'static str, log: Names, enter: impl Future<Output = P>) {
    let _pass = enter.await;
    log.borrow_mut().push(name);
    aio::sleep(secs(1)).await;
}

macro_rules! visit {
    ($name:literal, $log:expr, $object:ident.$enter:ident()) => {{
        let (log, object) = ($log.clone(), $object.clone());
        async move { visit($name, log, object.$enter()).await }
    }};
}

#[test]
fn a_lock_that_is_freed_meanwhile_goes_to_the_next_one() {
    for form in FORMS {
        run(async move {
            let (lock, log) = (Rc::new(Lock::new(())), Names::default());
            let guard = lock.lock().await;
            let first = waiter(form, visit!("first", log, lock.lock())).await;
            let second = aio::create_task(visit!("second", log, lock.lock()));
            aio::sleep(secs(1)).await;
            first.cancel();
            drop(guard);
            second.await?;
            assert!(first.await.unwrap_err().is_cancelled());
            assert_eq!(*log.borrow(), ["second"]);
            assert!(lock.try_lock().is_some());
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_lock_that_is_freed_when_a_timeout_beside_comes_is_taken() {
    for order in [["holder", "waiter"], ["waiter", "holder"]] {
        run(async move {
            let (lock, taken) = (Rc::new(Lock::new(())), Rc::new(Event::new()));
            for who in order {
                let (lock, taken) = (lock.clone(), taken.clone());
                aio::create_task(async move {
                    if who == "holder" {
                        let _guard = lock.lock().await;
                        aio::sleep(secs(2)).await;
                    } else {
                        aio::sleep(secs(1)).await;
                        let late = aio::timeout(secs(1), pending::<()>());
                        let (_guard, late) = futures::join!(lock.lock(), late);
                        assert!(late.unwrap_err().is_timeout());
                        taken.set();
                    }
                });
            }
            aio::timeout(secs(3), taken.wait()).await?;
            assert_eq!(aio::testing::elapsed(), secs(2));
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_lock_is_taken_past_a_wait_that_is_cut_off() {
    for form in FORMS {
        run(async move {
            let (lock, log) = (Rc::new(Lock::new(())), Names::default());
            let guard = lock.lock().await;
            let first = waiter(form, visit!("first", log, lock.lock())).await;
            first.cancel();
            drop(guard);
            assert!(lock.try_lock().is_some());
            let second = aio::create_task(visit!("second", log, lock.lock()));
            second.await?;
            assert!(first.await.unwrap_err().is_cancelled());
            assert_eq!(*log.borrow(), ["second"]);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_lock_that_is_freed_meanwhile_goes_on_when_the_wait_ends() {
    run(async {
        let (lock, log) = (Rc::new(Lock::new(())), Names::default());
        let guard = lock.lock().await;
        // The first task's scope is around the wait, too.
        let first = aio::create_task({
            let wait = visit!("first", log, lock.lock());
            async move { aio::catch_cancelled(beside_a_nap(wait)).await.unwrap_err() }.map(|_| ())
        });
        aio::sleep(secs(1)).await;
        let second = aio::create_task(visit!("second", log, lock.lock()));
        aio::sleep(secs(1)).await;
        first.cancel();
        drop(guard);
        second.await?;
        assert!(first.done());
        assert_eq!(*log.borrow(), ["second"]);
        aio::ok(())
    })
    .unwrap();
}

async fn beside_a_nap(wait: impl Future<Output = ()>) {
    futures::join!(wait, pending::<()>());
}

#[test]
fn a_permit_that_is_given_back_meanwhile_stays() {
    for form in FORMS {
        run(async move {
            let (plain, log) = (Rc::new(Semaphore::new(1)), Names::default());
            let bounded = Rc::new(BoundedSemaphore::new(1));
            let permits = (plain.acquire().await, bounded.acquire().await);
            let one = waiter(form, visit!("plain", log, plain.acquire())).await;
            let two = waiter(form, visit!("bounded", log, bounded.acquire())).await;
            one.cancel();
            two.cancel();
            drop(permits);
            assert!(one.await.unwrap_err().is_cancelled());
            assert!(two.await.unwrap_err().is_cancelled());
            assert!(log.borrow().is_empty());
            assert_eq!((plain.available(), bounded.available()), (1, 1));
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn waits_that_are_cut_off_give_their_places_up() {
    for form in FORMS {
        run(async move {
            let (semaphore, log) = (Rc::new(Semaphore::new(1)), Names::default());
            let permit = semaphore.acquire().await;
            let one = waiter(form, visit!("one", log, semaphore.acquire())).await;
            let two = waiter(form, visit!("two", log, semaphore.acquire())).await;
            let later: Vec<_> = ["three", "four"]
                .into_iter()
                .map(|name| {
                    let (semaphore, log) = (semaphore.clone(), log.clone());
                    aio::create_task(async move { visit(name, log, semaphore.acquire()).await })
                })
                .collect();
            aio::sleep(secs(1)).await;
            two.cancel();
            one.cancel();
            drop(permit);
            aio::gather(later).await?;
            assert!(one.await.unwrap_err().is_cancelled());
            assert!(two.await.unwrap_err().is_cancelled());
            assert_eq!(*log.borrow(), ["three", "four"]);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn an_event_that_was_set_and_cleared_meanwhile_is_left() {
    for form in FORMS {
        run(async move {
            let event = Rc::new(Event::new());
            let waits = event.clone();
            let task = waiter(form, async move { waits.wait().await }).await;
            task.cancel();
            event.set();
            event.clear();
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(format!("{event:?}"), "Event { set: false, waiting: 0 }");
            aio::ok(())
        })
        .unwrap();
    }
}

/// A task that waits until the value is above `n`.
async fn above(form: Form, condition: &Rc<Condition<i32>>, n: i32) -> Task<i32> {
    let condition = condition.clone();
    let wait = async move {
        let mut guard = condition.lock().await;
        condition.wait_for(&mut guard, |value| *value > n).await;
        *guard
    };
    waiter(form, wait).await
}

/// The wait takes the lock again before it goes on unwinding, and notifies another task.
#[test]
fn a_notification_meanwhile_goes_to_the_next_one() {
    for form in FORMS {
        run(async move {
            let condition = Rc::new(Condition::new(0));
            let cancelled = above(form, &condition, 0).await;
            let next = above(form, &condition, 0).await;
            let mut guard = condition.lock().await;
            *guard = 1;
            cancelled.cancel();
            condition.notify(1)?;
            drop(guard);
            assert!(cancelled.await.unwrap_err().is_cancelled());
            aio::sleep(secs(1)).await;
            next.cancel();
            assert_eq!(next.await?, 1);
            assert!(!condition.locked());
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_barrier_that_is_full_meanwhile_is_left() {
    for form in FORMS {
        run(async move {
            let barrier = Rc::new(Barrier::new(3));
            let wait = |barrier: &Rc<Barrier>| {
                let barrier = barrier.clone();
                async move { barrier.wait().await.ok() }
            };
            let first = waiter(form, wait(&barrier).map(|index| index.unwrap())).await;
            let second = waiter(form, wait(&barrier).map(|index| index.unwrap())).await;
            second.cancel();
            first.cancel();
            assert_eq!(barrier.wait().await?, 2);
            assert!(first.await.unwrap_err().is_cancelled());
            assert!(second.await.unwrap_err().is_cancelled());
            assert_eq!(barrier.n_waiting(), 0);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_barrier_that_is_broken_meanwhile_lets_nobody_sleep() {
    for (form, reset) in [(Form::Join, false), (Form::Unordered, true)] {
        run(async move {
            let barrier = Rc::new(Barrier::new(2));
            let waits = barrier.clone();
            let task = waiter(form, async move { waits.wait().await.is_err() }).await;
            task.cancel();
            if reset {
                barrier.reset().await;
            } else {
                barrier.abort().await;
            }
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(barrier.n_waiting(), 0);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn an_item_or_room_that_comes_meanwhile_stays() {
    for form in FORMS {
        run(async move {
            let queue = Rc::new(Queue::new(1));
            let getter = queue.clone();
            let got = waiter(form, async move { getter.get().await.unwrap() }).await;
            got.cancel();
            queue.put_nowait(1).unwrap();
            assert!(got.await.unwrap_err().is_cancelled());
            assert_eq!(queue.get_nowait(), Ok(1));
            queue.put_nowait(2).unwrap();
            let putter = queue.clone();
            let put = waiter(form, async move { putter.put(3).await.unwrap() }).await;
            put.cancel();
            assert_eq!(queue.get_nowait(), Ok(2));
            assert!(put.await.unwrap_err().is_cancelled());
            assert_eq!(queue.get_nowait(), Err(QueueError::Empty));
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_queue_that_ends_meanwhile_lets_nobody_sleep() {
    for form in FORMS {
        run(async move {
            let queue = Rc::new(Queue::new(1));
            queue.put_nowait(1).unwrap();
            let waits = queue.clone();
            let joined = waiter(form, async move { waits.join().await }).await;
            joined.cancel();
            queue.get_nowait().unwrap();
            queue.task_done()?;
            queue.put_nowait(2).unwrap(); // It is not finished any longer.
            assert!(joined.await.unwrap_err().is_cancelled());
            queue.get_nowait().unwrap();
            let waits = queue.clone();
            let gotten = waiter(form, async move {
                assert_eq!(waits.get().await, Err(QueueError::ShutDown));
            });
            let gotten = gotten.await;
            gotten.cancel();
            queue.shutdown(false);
            assert!(gotten.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    }
}

//! Wakers, destructors, clones and comparisons that call back into the very object that runs them, or
//! panic.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::fmt;
use std::future::{Future, IntoFuture, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cogen::aio::{
    self, Condition, Event, EventLoop, Lock, PriorityQueue, Promise, Queue, ReturnWhen, Semaphore,
    create_task, sleep, testing,
};

use super::hooked_waker::{Call, hooked, hooked_always, wakes};
use super::secs;

pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;
type Slot<T> = Rc<RefCell<Option<T>>>;

pub(super) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Panics when it is dropped.
#[derive(Clone)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

/// A wait, and a call that ends it.
pub(super) type Blocked = (&'static str, Boxed<()>, Box<dyn FnOnce()>);

/// Waits of every kind. Calling the second part ends the wait.
pub(super) fn blocked() -> Vec<Blocked> {
    fn case<F: Future + 'static>(
        name: &'static str,
        wait: F,
        end: impl FnOnce() + 'static,
    ) -> Blocked {
        let wait = async {
            wait.await;
        };
        (name, Box::pin(wait), Box::new(end))
    }
    let (lock, semaphore) = (Rc::new(Lock::new(())), Rc::new(Semaphore::new(0)));
    let (event, promise) = (Rc::new(Event::new()), Promise::<u8>::new());
    let (empty, full) = (Rc::new(Queue::new(0)), Rc::new(Queue::new(1)));
    full.put_nowait(1).unwrap();
    // Without a guard, so that the lock can be freed from anywhere.
    lock.try_lock().unwrap().forget();
    vec![
        case(
            "lock",
            {
                let lock = lock.clone();
                async move { drop(lock.lock().await) }
            },
            move || {
                lock.release().unwrap();
            },
        ),
        case(
            "semaphore",
            {
                let it = semaphore.clone();
                async move { drop(it.acquire().await) }
            },
            move || {
                semaphore.release();
            },
        ),
        case(
            "event",
            {
                let it = event.clone();
                async move { it.wait().await }
            },
            move || event.set(),
        ),
        case(
            "get",
            {
                let it = empty.clone();
                async move { it.get().await }
            },
            move || {
                empty.put_nowait(1).unwrap();
            },
        ),
        case(
            "put",
            {
                let it = full.clone();
                async move { it.put(2).await }
            },
            move || {
                full.get_nowait().unwrap();
            },
        ),
        case("promise", promise.clone().into_future(), {
            let it = promise.clone();
            move || it.set_result(1).unwrap()
        }),
        case(
            "wait",
            aio::wait(
                [Promise::<u8>::new(), promise.clone()],
                ReturnWhen::FirstCompleted,
            ),
            move || {
                let _set = promise.set_result(1);
            },
        ),
    ]
}

/// The wait is polled as by a combinator within the task: the waker is not the task's own. What ends the wait
/// is called while the waker is cloned, at the first poll or the second.
#[test]
fn no_wake_is_lost_while_a_waker_is_cloned() {
    for polls in 0..2 {
        testing::run(async move {
            for (name, mut wait, end) in blocked() {
                for _ in 0..polls {
                    assert!(poll(&mut wait, Waker::noop()).is_pending());
                }
                let waker = hooked(Call::Clone, end);
                let ended = poll(&mut wait, &waker).is_ready();
                sleep(secs(0)).await;
                sleep(secs(0)).await;
                assert!(
                    ended || wakes(&waker) > 0,
                    "{name}, polled {polls} times before"
                );
                if !ended {
                    assert!(poll(&mut wait, &waker).is_ready(), "{name}");
                }
            }
        })
        .unwrap();
    }
}

/// Each wait is dropped by its own waker, while that waker is cloned, woken or dropped by whatever ends the wait.
#[test]
fn a_waker_drops_the_wait_that_it_is_of() {
    for on in [&[Call::Clone], &[Call::Wake], &[Call::Drop]] {
        testing::run(async move {
            for (_, mut wait, end) in blocked() {
                let slot: Slot<Boxed<()>> = Rc::default();
                let waker = armed(on, {
                    let slot = slot.clone();
                    move || drop(slot.take())
                });
                assert!(poll(&mut wait, &waker.0).is_pending());
                slot.replace(Some(wait));
                waker.1.set(true);
                end();
                sleep(secs(0)).await;
                sleep(secs(0)).await;
                drop(slot.take());
            }
        })
        .unwrap();
    }
}

/// A waker that runs `action` at the first of the calls `on` that it gets after it was armed.
fn armed(on: &'static [Call], action: impl FnOnce() + 'static) -> (Waker, Rc<Cell<bool>>) {
    let (armed, action) = (Rc::new(Cell::new(false)), Cell::new(Some(action)));
    let is_armed = armed.clone();
    let waker = hooked_always(move |call| {
        if is_armed.get()
            && on.contains(&call)
            && let Some(action) = action.take()
        {
            action();
        }
    });
    (waker, armed)
}

/// A group's future is polled by the waker that the group wakes for its child's turn, at a time when the
/// group's task does not run.
#[test]
fn a_group_is_polled_by_its_own_waker() {
    let polled = Rc::new(Cell::new(0));
    let count = polled.clone();
    testing::run(async move {
        let slot: Slot<Boxed<()>> = Rc::new(RefCell::new(None));
        let (waker, is_armed) = armed(&[Call::Clone, Call::Wake], {
            let slot = slot.clone();
            move || {
                let Some(mut group) = slot.take() else { return };
                let poll = AssertUnwindSafe(|| poll(&mut group, Waker::noop()));
                let refused = catch_unwind(poll).unwrap_err();
                let message = refused.downcast::<String>().unwrap();
                assert!(message.contains("outside a task"), "{message}");
                slot.replace(Some(group));
                count.set(count.get() + 1);
            }
        });
        let mut group: Boxed<()> = Box::pin(async {
            let _ended = aio::task_group(async |group| {
                group.create_task(sleep(secs(1)));
                pending::<()>().await;
            })
            .await;
        });
        assert!(poll(&mut group, &waker).is_pending());
        slot.replace(Some(group));
        is_armed.set(true);
        sleep(secs(2)).await;
        drop(slot.take());
    })
    .unwrap();
    assert_eq!(polled.get(), 1);
}

/// Until the woken wait for a lock is over, no other task gets the lock, nor does a destructor of something that the
/// wait left behind.
#[test]
fn a_lock_is_not_taken_past_the_one_who_was_woken() {
    struct Grabs(Rc<Lock<u8>>, Rc<Cell<Option<bool>>>);
    impl Drop for Grabs {
        fn drop(&mut self) {
            self.1.set(Some(self.0.try_lock().is_some()));
        }
    }
    testing::run(async {
        let (lock, grabbed) = (Rc::new(Lock::new(0)), Rc::new(Cell::new(None)));
        let guard = lock.try_lock().unwrap();
        let slot: Slot<Boxed<()>> = Rc::default();
        let waits = lock.clone();
        slot.replace(Some(Box::pin(async move { *waits.lock().await += 1 })));
        // The task polls the wait, and ends; the wait holds the last pointer to the task.
        let value = Grabs(lock.clone(), grabbed.clone());
        let polls = slot.clone();
        let first = create_task(async move {
            poll_fn(|cx| {
                let mut wait = polls.take().unwrap();
                assert!(wait.as_mut().poll(cx).is_pending());
                polls.replace(Some(wait));
                Poll::Ready(())
            })
            .await;
            aio::ok(value)
        });
        sleep(secs(1)).await;
        assert!(first.done());
        drop(first);
        assert_eq!(grabbed.get(), None);
        drop(guard);
        slot.take().unwrap().await;
        assert_eq!(grabbed.get(), Some(false));
        assert_eq!(*lock.lock().await, 1);
    })
    .unwrap();
}

/// One of the waiters has a waker that panics.
#[test]
fn a_panicking_waker_costs_nobody_else_the_wake() {
    testing::run(async {
        let promise = Promise::<u8>::new();
        let mut bad = promise.clone().into_future();
        assert!(poll(&mut bad, &hooked(Call::Wake, || panic!("waker"))).is_pending());
        let good = create_task(promise.clone().into_future());
        sleep(secs(1)).await;
        promise.set_result(3)?;
        let cloned = aio::timeout(secs(1), good).await;
        assert!(matches!(cloned, Ok(3) | Err(aio::Error::InvalidState(_))));

        let event = Rc::new(Event::new());
        let mut bad = Box::pin(event.wait());
        assert!(poll(&mut bad, &hooked(Call::Wake, || panic!("waker"))).is_pending());
        let waits = event.clone();
        let good = create_task(async move { waits.wait().await });
        sleep(secs(1)).await;
        event.set();
        aio::timeout(secs(1), good).await
    })
    .unwrap();
}

/// Whatever the loop drops may panic, even twice at once.
#[test]
fn a_panicking_destructor_stops_no_loop() {
    let ran = Rc::new(Cell::new(0));
    let count = ran.clone();
    testing::run(async move {
        drop(create_task(async { aio::ok(Bomb) }));
        let other = create_task(sleep(secs(1)));
        let promise = Promise::new();
        let set = promise.clone();
        aio::call_soon(move || drop(set.set_result(Bomb)));
        drop(promise);
        other.await?;
        // These are left until the loop ends.
        for _ in 0..3 {
            let bomb = Bomb;
            aio::call_later(secs(9), move || drop(bomb));
            let bomb = Bomb;
            create_task(pending::<()>()).add_done_callback(move |_| drop(bomb));
        }
        count.set(1);
        aio::ok(())
    })
    .unwrap();
    assert_eq!(ran.get(), 1);
}

/// A loop that is dropped with many destructors that panic drops them all.
#[test]
fn a_dropped_loop_drops_all_bombs() {
    let alive = Rc::new(());
    let held = alive.clone();
    let mut running = Box::pin(EventLoop::run(async move {
        let _bomb = (Bomb, held.clone());
        for _ in 0..3 {
            let bomb = (held.clone(), Bomb);
            create_task(pending::<()>()).add_done_callback(move |_| drop(bomb));
            let bomb = (held.clone(), Bomb);
            create_task(async move {
                pending::<()>().await;
                drop(bomb);
            });
        }
        pending::<()>().await;
    }));
    assert!(poll(&mut running, Waker::noop()).is_pending());
    drop(running);
    assert_eq!(Rc::strong_count(&alive), 1);
}

/// Two children of a group that is dropped panic in their destructors: all handles still see the end of their tasks.
#[test]
fn a_dropped_group_ends_all_its_children() {
    testing::run(async {
        let handle = Rc::new(RefCell::new(Vec::new()));
        let handles = handle.clone();
        let mut group: Boxed<()> = Box::pin(async move {
            let _ended = aio::task_group(async |group: &aio::TaskGroup<'static>| {
                for _ in 0..2 {
                    let bomb = Bomb;
                    let child = async move {
                        pending::<()>().await;
                        drop(bomb);
                    };
                    handles.borrow_mut().push(group.create_task(child));
                }
                handles
                    .borrow_mut()
                    .push(group.create_task(sleep(secs(99))));
                pending::<()>().await;
            })
            .await;
        });
        assert!(poll(&mut group, Waker::noop()).is_pending());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(group))).is_ok());
        for task in handle.take() {
            assert!(
                aio::timeout(secs(9), task)
                    .await
                    .is_err_and(|error| error.is_cancelled())
            );
        }
    })
    .unwrap();
}

/// Errors and panics whose own code panics when the loop reports them.
#[test]
fn a_report_does_not_panic() {
    #[derive(Debug)]
    struct Mute;
    impl fmt::Display for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words");
        }
    }
    impl std::error::Error for Mute {}
    testing::run(async {
        drop(create_task(async { Err::<(), _>(Mute) }));
        aio::call_soon(|| panic_any(Bomb));
        sleep(secs(1)).await;
    })
    .unwrap();
}

/// A cancel replaces the value of the last step: its destructor sees a task that has ended.
#[test]
fn a_value_that_is_replaced_goes_when_its_task_has_ended() {
    struct Looks(Slot<aio::Task<Looks>>, Rc<Cell<bool>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            let task = self.0.take().unwrap();
            self.1.set(task.done() && task.cancelled());
        }
    }
    let saw = Rc::new(Cell::new(false));
    let seen = saw.clone();
    testing::run(async move {
        let slot: Slot<aio::Task<Looks>> = Rc::default();
        let value = Looks(slot.clone(), seen);
        slot.replace(Some(create_task(async {
            aio::current_task().unwrap().cancel();
            aio::ok(value)
        })));
        sleep(secs(1)).await;
    })
    .unwrap();
    assert!(saw.get());
}

/// While the loop that waits clones the waker of its executor, something becomes ready.
#[test]
fn a_loop_does_not_wait_when_its_executors_waker_made_work() {
    let promise: Slot<Promise<u8>> = Rc::default();
    let slot = promise.clone();
    let mut running = Box::pin(EventLoop::run(async move {
        let promise = Promise::new();
        slot.replace(Some(promise.clone()));
        promise.await
    }));
    let waker = hooked(Call::Clone, move || {
        promise.take().unwrap().set_result(5).unwrap();
    });
    assert!(matches!(poll(&mut running, &waker), Poll::Ready(Ok(5))));
}

/// The executor's waker is called where a task is made beside the loop, and makes one itself.
#[test]
fn a_group_makes_a_task_while_it_makes_one() {
    let slot: Slot<aio::TaskGroup<'static>> = Rc::default();
    let ran = Rc::new(Cell::new(0));
    let group = slot.clone();
    let mut running: Boxed<_> = Box::pin(EventLoop::run(aio::task_group(
        async move |own: &aio::TaskGroup<'static>| {
            group.replace(Some(own.clone()));
            aio::sleep(secs(0)).await;
            pending::<()>().await;
        },
    )));
    let count = |ran: &Rc<Cell<i32>>| {
        let ran = ran.clone();
        async move { ran.set(ran.get() + 1) }
    };
    let (inner, ran_in) = (slot.clone(), ran.clone());
    let waker = hooked(Call::Wake, move || {
        let group = inner.borrow().clone().unwrap();
        group.create_task(count(&ran_in));
        group.create_static_task(count(&ran_in));
    });
    while slot.borrow().is_none() {
        assert!(poll(&mut running, Waker::noop()).is_pending());
    }
    assert!(poll(&mut running, &waker).is_pending());
    let group = slot.borrow().clone().unwrap();
    group.create_task(count(&ran));
    slot.take();
    drop(group);
    for _ in 0..4 {
        assert!(poll(&mut running, Waker::noop()).is_pending());
    }
    assert_eq!(ran.get(), 3);
}

/// A task that another thread made is cancelled by the waker that its cancel calls.
#[test]
fn a_remote_result_is_cancelled_while_it_is_cancelled() {
    let slot: Slot<aio::LoopHandle> = Rc::default();
    let handle = slot.clone();
    let mut running = Box::pin(EventLoop::run(async move {
        handle.replace(Some(aio::loop_handle()));
        pending::<()>().await;
    }));
    assert!(poll(&mut running, Waker::noop()).is_pending());
    let result = slot.take().unwrap().run_coroutine_threadsafe(pending::<()>);
    let result = Rc::new(result);
    let again = result.clone();
    let waker = hooked(Call::Wake, move || again.cancel());
    assert!(poll(&mut running, &waker).is_pending());
    result.cancel();
    assert_eq!(wakes(&waker), 1);
    assert!(poll(&mut running, Waker::noop()).is_pending());
    assert!(poll(&mut running, Waker::noop()).is_pending());
    let result = Rc::try_unwrap(result).unwrap();
    assert!(result.result().is_err_and(|error| error.is_cancelled()));
}

/// An item whose comparison uses the queue that orders it.
struct Job(u8, Rc<PriorityQueue<Job>>, Rc<Cell<Use>>);

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum Use {
    #[default]
    Nothing,
    Looks,
    Puts,
    Takes,
    Clears,
    Panics,
}

impl Job {
    fn use_queue(&self) {
        let queue = &self.1;
        match self.2.replace(Use::Nothing) {
            Use::Nothing => {}
            Use::Looks => assert!(queue.qsize() > 0 && !queue.empty()),
            Use::Puts => queue
                .put_nowait(Self(0, queue.clone(), self.2.clone()))
                .ok()
                .unwrap(),
            Use::Takes => assert!(queue.get_nowait().is_err()),
            Use::Clears => queue.shutdown(true),
            Use::Panics => panic!("compared"),
        }
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        self.use_queue();
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Job {}

#[test]
fn a_comparison_uses_the_queue_that_it_orders() {
    let all = [Use::Looks, Use::Puts, Use::Takes, Use::Clears, Use::Panics];
    for (of, when) in all.into_iter().flat_map(|of| [(of, "put"), (of, "get")]) {
        let (queue, what) = (
            Rc::new(PriorityQueue::new(0)),
            Rc::new(Cell::new(Use::Nothing)),
        );
        let put = |n| queue.put_nowait(Job(n, queue.clone(), what.clone())).ok();
        for n in [3, 1, 2] {
            put(n).unwrap();
        }
        what.set(of);
        let used = catch_unwind(AssertUnwindSafe(|| match when {
            "put" => drop(put(0)),
            _ => drop(queue.get_nowait()),
        }));
        assert_eq!(used.is_err(), of == Use::Panics);
        assert_eq!(what.take(), Use::Nothing, "the comparison was made");
        let mut left = Vec::new();
        while let Ok(job) = queue.get_nowait() {
            left.push(job.0);
        }
        let expected: &[u8] = match (of, when) {
            (Use::Puts, "put") => &[0, 0, 1, 2, 3],
            (Use::Puts, _) => &[0, 2, 3],
            (_, "put") => &[0, 1, 2, 3],
            _ => &[2, 3],
        };
        assert_eq!(left, expected, "{of:?} in a {when}");
        assert_eq!(queue.qsize(), 0);
    }
}

/// A task that asks for an item while items are compared gets one of those that are left.
#[test]
fn whoever_asks_during_a_comparison_has_the_next_item() {
    struct Asks(u8, Slot<Boxed<u8>>, Slot<u8>);
    impl Ord for Asks {
        fn cmp(&self, other: &Self) -> Ordering {
            if let Some(mut get) = self.1.take() {
                match poll(&mut get, Waker::noop()) {
                    Poll::Ready(got) => drop(self.2.replace(Some(got))),
                    Poll::Pending => drop(self.1.replace(Some(get))),
                }
            }
            self.0.cmp(&other.0)
        }
    }
    impl PartialOrd for Asks {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl PartialEq for Asks {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }
    impl Eq for Asks {}
    testing::run(async {
        let (queue, slot, got) = (
            Rc::new(PriorityQueue::new(0)),
            Slot::default(),
            Slot::default(),
        );
        for n in [3, 1, 2] {
            queue.put_nowait(Asks(n, slot.clone(), got.clone()))?;
        }
        let asked = queue.clone();
        slot.replace(Some(
            Box::pin(async move { asked.get().await.unwrap().0 }) as Boxed<u8>
        ));
        assert_eq!(queue.get_nowait()?.0, 1);
        let waits = slot.take().unwrap();
        assert_eq!(aio::timeout(secs(1), waits).await?, 2);
        aio::ok(())
    })
    .unwrap();
}

/// The value of a lock uses the lock in its `Debug`.
#[test]
fn a_lock_is_shown_by_a_value_that_uses_it() {
    struct Shows(Slot<Rc<Lock<Self>>>);
    impl fmt::Debug for Shows {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let lock = self.0.borrow().clone().unwrap();
            f.write_str(if lock.try_lock().is_some() {
                "free"
            } else {
                "held"
            })
        }
    }
    let slot: Slot<Rc<Lock<Shows>>> = Rc::default();
    let lock = Rc::new(Lock::new(Shows(slot.clone())));
    slot.replace(Some(lock.clone()));
    let shown = format!("{lock:?}");
    assert!(
        shown.contains("value: held") && shown.contains("locked: false"),
        "{shown}"
    );
    assert!(lock.try_lock().is_some());
    let condition = Condition::with_lock(lock.clone());
    assert!(format!("{condition:?}").contains("value: held"));
    slot.take();
}

/// An event shows the recorder that holds it.
#[test]
fn a_recorder_is_shown_with_events_that_use_it() {
    #[derive(Clone)]
    struct Noisy(testing::Recorder<Noisy>);
    impl fmt::Debug for Noisy {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.emit(self.clone());
            f.write_str("noisy")
        }
    }
    testing::run(async {
        let log = testing::Recorder::new();
        log.emit(Noisy(log.clone()));
        assert!(format!("{log:?}").contains("events: 1"));
        drop(log.events());
    })
    .unwrap();
}

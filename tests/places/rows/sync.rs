//! Waits at locks, queues and the like.

use std::rc::Rc;
use std::time::Duration;

use cogen::aio::{self, Error, create_task};

use super::{Row, at, row, when};

pub(super) const SYNC: &[Row] = &[
    row("lock", |_, until| {
        let lock = Rc::new(aio::Lock::new(()));
        lock.try_lock().expect("it is free").forget();
        let held = lock.clone();
        when(until, move || held.release().expect("it is held"));
        at(&lock, "locked: false", |lock| async move {
            drop(lock.lock().await);
        })
    }),
    row("condition", |_, until| {
        let condition = Rc::new(aio::Condition::new(()));
        let notified = condition.clone();
        when(until, move || {
            let lock = notified.shared_lock().try_lock().expect("all wait");
            notified.notify_all().expect("the lock is held");
            drop(lock);
        });
        at(&condition, "waiting: 0", |condition| async move {
            let mut guard = condition.lock().await;
            condition.wait(&mut guard).await;
            aio::ok(())
        })
    }),
    row("condition's wait_for", |_, until| {
        let condition = Rc::new(aio::Condition::new(false));
        let notified = condition.clone();
        when(until, move || {
            let mut lock = notified.shared_lock().try_lock().expect("all wait");
            *lock = true;
            notified.notify_all().expect("the lock is held");
        });
        at(&condition, "waiting: 0", |condition| async move {
            let mut guard = condition.lock().await;
            condition.wait_for(&mut guard, |set| *set).await;
            aio::ok(())
        })
    }),
    row("semaphore", |_, until| {
        let semaphore = Rc::new(aio::Semaphore::new(0));
        let freed = semaphore.clone();
        when(until, move || freed.release());
        at(
            &semaphore,
            "available: 1, waiting: 0",
            |semaphore| async move { drop(semaphore.acquire().await) },
        )
    }),
    row("bounded semaphore", |_, until| {
        let semaphore = Rc::new(aio::BoundedSemaphore::new(1));
        semaphore.try_acquire().expect("it is free").forget();
        let freed = semaphore.clone();
        when(until, move || freed.release().expect("it is held"));
        at(&semaphore, "available: 1", |semaphore| async move {
            drop(semaphore.acquire().await);
        })
    }),
    row("event", |_, until| {
        let event = Rc::new(aio::Event::new());
        let set = event.clone();
        when(until, move || set.set());
        at(&event, "set: true, waiting: 0", |event| async move {
            event.wait().await;
        })
    }),
    row("barrier", |_, until| {
        let barrier = Rc::new(aio::Barrier::new(2));
        let last = barrier.clone();
        when(until, move || {
            create_task(async move {
                // If nobody else has come.
                let _late = aio::timeout(Duration::ZERO, last.wait()).await;
            });
        });
        at(&barrier, "waiting: 0", |barrier| async move {
            barrier.wait().await.map(drop).map_err(Error::new)
        })
    }),
    row("queue's get", |_, until| {
        let queue = Rc::new(aio::Queue::new(0));
        let filled = queue.clone();
        when(until, move || filled.put_nowait(1).expect("there is room"));
        at(&queue, "", |queue| async move {
            queue.get().await.map(drop).map_err(Error::new)
        })
    }),
    row("queue's put", |_, until| {
        let queue = Rc::new(aio::Queue::new(1));
        queue.put_nowait(1).expect("there is room");
        let emptied = queue.clone();
        when(until, move || {
            let _none = emptied.get_nowait();
        });
        at(&queue, "", |queue| async move {
            queue.put(2).await.map_err(Error::new)
        })
    }),
    row("queue's join", |_, until| {
        let queue = Rc::new(aio::LifoQueue::new(1));
        queue.put_nowait(1).expect("there is room");
        let emptied = queue.clone();
        when(until, move || {
            emptied.task_done().expect("there is an item");
        });
        at(&queue, "", |queue| async move { queue.join().await })
    }),
    row("priority queue's get", |_, until| {
        let queue = Rc::new(aio::PriorityQueue::new(0));
        let filled = queue.clone();
        when(until, move || filled.put_nowait(1).expect("there is room"));
        at(&queue, "", |queue| async move {
            queue.get().await.map(drop).map_err(Error::new)
        })
    }),
];

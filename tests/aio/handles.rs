//! What a task's handle shows, and the waker with which the task's body is polled.

use cogen::aio::{self, Promise, all_tasks, create_task, current_task, sleep, testing};
use std::cell::Cell;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::future::poll_fn;
use std::hash::BuildHasher;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use super::secs;

#[test]
fn handles_of_one_task_are_equal_and_of_two_are_not() {
    testing::run(async {
        let (one, two) = (create_task(sleep(secs(1))), create_task(sleep(secs(1))));
        let handles = all_tasks();
        let distinct: HashSet<_> = handles.iter().cloned().chain(all_tasks()).collect();
        // The main task, too.
        assert_eq!(distinct.len(), 3);
        assert_eq!(handles[0], current_task().unwrap());
        assert_ne!(handles[1], handles[2]);
        let hasher = RandomState::new();
        let made = [1, 1, 2].map(|at| hasher.hash_one(&handles[at]));
        assert!(made[0] == made[1] && made[1] != made[2]);
        drop((one, two));
        aio::ok(())
    })
    .unwrap();
}

#[test]
#[allow(clippy::mutable_key_type, reason = "the hash is that of the identity")]
fn tasks_and_promises_go_into_sets() {
    testing::run(async {
        let tasks = [1, 2].map(|n| create_task(async move { n }));
        let mut waiting: HashSet<_> = tasks.iter().cloned().collect();
        assert!(waiting.contains(&tasks[0]) && tasks[0] != tasks[1]);
        assert!(waiting.remove(&tasks[1].clone()) && waiting.len() == 1);
        let promises = [(); 2].map(|()| Promise::<u8>::new());
        #[expect(
            clippy::mutable_key_type,
            reason = "it is hashed by where it is, which never changes"
        )]
        let set: HashSet<_> = promises.iter().cloned().chain(promises.clone()).collect();
        assert_eq!(set.len(), 2);
        assert_ne!(promises[0], promises[1]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_callback_is_taken_back_once() {
    testing::run(async {
        let called = Rc::new(Cell::new(0));
        let task = create_task(sleep(secs(1)));
        let count = |by| {
            let called = called.clone();
            move || called.set(called.get() + by)
        };
        let (one, ten, handle) = (count(1), count(10), all_tasks().pop().unwrap());
        task.add_done_callback(move |_| one());
        let id = handle.add_done_callback(move |_| ten());
        assert!(handle.remove_done_callback(id));
        assert!(!handle.remove_done_callback(id));
        task.await?;
        sleep(secs(0)).await;
        assert_eq!(called.get(), 1);
        assert!(!handle.remove_done_callback(id));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_task_that_runs_is_suspended_nowhere() {
    testing::run(async {
        let promise = Promise::<()>::new();
        let same = promise.clone();
        let task = create_task(async move {
            assert!(current_task().unwrap().suspended_at().is_none());
            let ended = same.await;
            assert!(current_task().unwrap().suspended_at().is_none());
            ended
        });
        let handle = all_tasks().pop().unwrap();
        assert!(handle.suspended_at().is_none(), "it has not begun");
        sleep(secs(1)).await;
        let at = handle.suspended_at().unwrap();
        assert!(at.file().ends_with("handles.rs"), "{at}");
        promise.set_result(())?;
        task.await?;
        assert!(handle.suspended_at().is_none(), "it has ended");
        aio::ok(())
    })
    .unwrap();
}

/// The waker with which a body is polled leads to the loop. Meanwhile another thread may use a reference to it. (Under
/// Miri this is a check for races.)
#[test]
fn the_waker_of_a_poll_works_on_another_thread() {
    testing::run(async {
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(());
            }
            let waker = cx.waker();
            thread::scope(|scope| {
                scope.spawn(|| match polls {
                    1 => waker.wake_by_ref(),
                    _ => drop(waker.clone()),
                });
                // This happens at the same time as the thread's calls.
                waker.wake_by_ref();
                drop(waker.clone());
            });
            Poll::Pending
        })
        .await;
        aio::ok(())
    })
    .unwrap();
}

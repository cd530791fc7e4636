//! The ends of loops: what is left over, and what is reported about it; and what reaches a loop from outside its polls.

use cogen::aio::testing;
use cogen::aio::{
    self, EventLoop, Promise, ReturnWhen, Runner, Semaphore, Task, TaskGroup, create_task,
    loop_handle, sleep, task_group,
};
use std::cell::RefCell;
use std::future::{IntoFuture, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use super::secs;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Runs a loop for some turns, and drops it.
fn dropped<F: Future<Output = ()>>(main: F) {
    block_on(async {
        tokio::select! {
            biased;
            _ = EventLoop::run(main) => unreachable!("it waits for ever"),
            () = async { for _ in 0..4 { tokio::task::yield_now().await } } => {}
        }
    });
}

/// A thread that waits for a task is told when the task's loop is gone.
#[test]
fn a_dropped_loop_tells_who_waits_on_another_thread() {
    let mut results = Vec::new();
    dropped(async {
        results.push(loop_handle().run_coroutine_threadsafe(|| sleep(secs(3600))));
        sleep(Duration::ZERO).await;
        sleep(Duration::ZERO).await;
        pending::<()>().await;
    });
    let result = results.pop().unwrap();
    let error = result.result_timeout(secs(5)).unwrap_err();
    assert!(!error.is_timeout(), "{error}");
}

/// A promise that never ends is dropped with its last owner, however it was waited for.
#[test]
fn a_promise_that_never_ends_is_dropped_with_its_last_owner() {
    type Way = fn(Promise<()>) -> Pin<Box<dyn Future<Output = ()>>>;
    let ways: &[(&str, Way)] = &[
        ("callback", |promise| {
            promise.add_done_callback(|_| {});
            Box::pin(pending())
        }),
        ("await", |promise| {
            Box::pin(async move { drop(promise.await) })
        }),
        ("task", |promise| {
            let task = create_task(promise.into_future());
            Box::pin(async move { drop(task.await) })
        }),
        ("gather", |promise| {
            Box::pin(async move { drop(aio::gather([promise.clone(), promise]).await) })
        }),
        ("gather_all", |promise| {
            Box::pin(async move { drop(aio::gather_all([promise]).await) })
        }),
        ("wait", |promise| {
            Box::pin(async move { drop(aio::wait([promise], ReturnWhen::AllCompleted).await) })
        }),
        ("shield", |promise| {
            Box::pin(async move { drop(aio::shield(promise).await) })
        }),
        ("wait_for", |promise| {
            Box::pin(async move { drop(aio::wait_for(promise, None).await) })
        }),
        ("as_completed", |promise| {
            Box::pin(async move { drop(aio::as_completed([promise]).next().await) })
        }),
    ];
    for (name, way) in ways {
        for polled in [false, true] {
            let alive = Rc::new(());
            let held = alive.clone();
            testing::run(async move {
                let promise = Promise::new();
                promise.add_done_callback(move |_| drop(held));
                let mut waits = way(promise);
                if polled {
                    assert!(futures::poll!(&mut waits).is_pending(), "{name}");
                    sleep(secs(1)).await;
                }
                drop(waits);
                aio::ok(())
            })
            .unwrap();
            assert_eq!(Rc::strong_count(&alive), 1, "{name}, polled: {polled}");
        }
    }
}

/// This many wait for one promise, and each of them gives up.
#[test]
fn many_who_wait_for_one_promise_give_up() {
    let many = if cfg!(miri) { 50 } else { 100_000 };
    testing::run(async move {
        let promise = Promise::<()>::new();
        let mut waits: Vec<_> = (0..many).map(|_| promise.clone().into_future()).collect();
        for wait in &mut waits {
            assert!(futures::poll!(wait).is_pending());
        }
        drop(waits);
        let ids: Vec<_> = (0..many)
            .map(|_| promise.add_done_callback(|_| unreachable!()))
            .collect();
        for id in ids {
            assert!(promise.remove_done_callback(id));
        }
        promise.set_result(())?;
        aio::ok(())
    })
    .unwrap();
}

/// A callback holds its task, and the task holds the callback.
#[test]
fn a_dropped_loop_drops_what_callbacks_hold() {
    let alive = Rc::new(());
    dropped(async {
        let held = alive.clone();
        create_task(sleep(secs(3600))).add_done_callback(move |_| drop(held));
        pending::<()>().await;
    });
    assert_eq!(Rc::strong_count(&alive), 1);
}

/// Under Miri this is a check for leaks.
#[test]
fn a_dropped_loop_leaves_nothing_of_a_group() {
    dropped(async {
        let _ended = aio::task_group(async |group| {
            group.create_task(sleep(secs(3600)));
            group.create_static_task(sleep(secs(3600)));
            sleep(secs(3600)).await;
        })
        .await;
    });
}

/// Something else on the loop's thread, while the loop waits, ends what the loop waits for: that gives the loop a turn.
#[test]
fn what_comes_from_beside_the_loop_wakes_it() {
    let promise = Rc::new(RefCell::new(None));
    let set = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let promise: Option<Promise<u8>> = promise.take();
        promise.unwrap().set_result(7).unwrap();
    };
    let main = EventLoop::run(async {
        let own = Promise::new();
        promise.replace(Some(own.clone()));
        own.await
    });
    let both = async { tokio::join!(main, set).0 };
    let value = block_on(async { tokio::time::timeout(secs(5), both).await });
    assert_eq!(value.expect("it is woken").unwrap(), 7);
}

/// Even if both loops have turns, as in CPython (where that takes two threads).
#[test]
fn a_task_of_a_loop_that_runs_beside_this_one_is_an_error() {
    let other = Rc::new(RefCell::new(None));
    let there = EventLoop::run(async {
        let task = create_task(async {
            sleep(Duration::from_millis(5)).await;
            7_u8
        });
        other.replace(Some(task.clone()));
        task.await
    });
    let here = EventLoop::run(async { other.take().unwrap().await });
    let (there, here) = block_on(async { tokio::join!(there, here) });
    assert!(here.unwrap_err().to_string().contains("another event loop"));
    assert_eq!(there.unwrap(), 7);
}

#[test]
fn a_wait_for_what_a_loop_that_is_gone_left_is_an_error() {
    let promise = testing::run(async { aio::ok(Promise::<u8>::new()) }).unwrap();
    let outcome = testing::run(async move {
        let waits = create_task(promise.into_future());
        waits.await
    });
    assert!(outcome.unwrap_err().to_string().contains("loop is gone"));
}

/// A task and a promise that have ended, from a loop that is gone or has no turns now.
fn ended(runner: &mut Runner) -> (Task<u8>, Promise<u8>) {
    let made = runner.run(async {
        let (task, promise) = (create_task(async { 1_u8 }), Promise::new());
        promise.set_result(2)?;
        aio::wait([&task], ReturnWhen::AllCompleted).await?;
        aio::ok((task, promise))
    });
    made.unwrap()
}

#[test]
fn what_has_ended_in_another_loop_is_told_of_here() {
    for gone in [true, false] {
        let mut runner = Some(Runner::new().unwrap());
        let (task, promise) = ended(runner.as_mut().unwrap());
        if gone {
            runner = None;
        }
        let told = testing::run(async move {
            let (one, two) = aio::gather((&task, &promise)).await?;
            let all = aio::gather_all([&task, &task]).await;
            let all = all.into_iter().collect::<Result<Vec<_>, _>>()?;
            let (done, _) = aio::wait([&task], ReturnWhen::AllCompleted).await?;
            let mut completed = aio::as_completed([&promise, &promise]);
            let first = completed.next().await.expect("a child")?;
            let called = Rc::new(RefCell::new(false));
            promise.add_done_callback({
                let called = called.clone();
                move |_| *called.borrow_mut() = true
            });
            sleep(Duration::ZERO).await;
            let called = called.take();
            aio::ok((one, two, all, done.len(), first, called))
        });
        assert_eq!(told.unwrap(), (1, 2, vec![1, 1], 1, 2, true), "{gone}");
        drop(runner);
    }
}

/// A wake for a task whose loop is over must go nowhere: an entry in the queue of that loop would keep the
/// loop, the task, its group and the group's parent with its value.
#[test]
fn a_wake_after_the_end_of_its_loop_keeps_nothing() {
    let (alive, semaphore) = (Rc::new(()), Rc::new(Semaphore::new(1)));
    let kept = Rc::new(RefCell::new(None));
    let parent = {
        let (alive, semaphore, kept) = (alive.clone(), semaphore.clone(), kept.clone());
        async move {
            semaphore.acquire().await.forget();
            let mut group = Box::pin(task_group(async move |group: &TaskGroup<'_>| {
                let child = async move {
                    drop(semaphore.acquire().await);
                    aio::ok(())
                };
                group.create_task(child).await
            }));
            for _ in 0..3 {
                assert!(futures::poll!(&mut group).is_pending());
                sleep(Duration::ZERO).await;
            }
            kept.replace(Some(group));
            aio::ok(alive)
        }
    };
    let main = async move {
        drop(create_task(parent));
        pending::<()>().await;
    };
    block_on(async {
        let mut run = pin!(EventLoop::run(main));
        while kept.borrow().is_none() {
            assert!(futures::poll!(&mut run).is_pending());
            tokio::task::yield_now().await;
        }
        assert!(futures::poll!(&mut run).is_pending());
    });
    semaphore.release();
    kept.take();
    assert_eq!(Rc::strong_count(&alive), 1);
}

/// The waits of one task, for as many promises.
#[test]
fn one_task_gives_up_many_waits() {
    let many = if cfg!(miri) { 50 } else { 100_000 };
    testing::run(async move {
        let promises: Vec<_> = (0..many).map(|_| Promise::<()>::new()).collect();
        let mut waits: Vec<_> = promises.iter().map(IntoFuture::into_future).collect();
        for wait in &mut waits {
            assert!(futures::poll!(wait).is_pending());
        }
        // The first to come are the first to go.
        for wait in waits {
            drop(wait);
        }
        let promise = promises[0].clone();
        create_task(async move { promise.set_result(()) }).await?;
        aio::ok(())
    })
    .unwrap();
}

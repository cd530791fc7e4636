//! Queues of a loop that other threads put into and take from.

use cogen::aio::{
    self, LifoQueue, PriorityQueue, PutError, Queue, QueueError, RemoteQueue, create_task, sleep,
    testing,
};
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use tokio::sync::oneshot;

use super::secs;

#[test]
fn threads_put_and_the_loop_takes() {
    let seen = aio::run(async {
        let queue = Rc::new(Queue::new(2));
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let remote = queue.remote();
                thread::spawn(move || (0..20).try_for_each(|n| remote.blocking_put((number, n))))
            })
            .collect();
        let mut seen = Vec::new();
        for _ in 0..60 {
            assert!(queue.qsize() <= 2);
            seen.push(queue.get().await?);
        }
        for thread in threads {
            thread.join().unwrap()?;
        }
        aio::ok(seen)
    });
    let seen = seen.unwrap();
    for number in 0..3 {
        let of_one = seen.iter().filter(|(from, _)| *from == number);
        assert!(of_one.map(|(_, n)| *n).eq(0..20), "in order, and each once");
    }
}

#[test]
fn the_loop_puts_and_threads_take() {
    let sum: u32 = aio::run(async {
        let queue = Rc::new(Queue::new(2));
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let remote = queue.remote();
                thread::spawn(move || {
                    let mut sum = 0;
                    while let Ok(n) = remote.blocking_get() {
                        sum += n;
                        remote.task_done();
                    }
                    sum
                })
            })
            .collect();
        for n in 1..=60_u32 {
            queue.put(n).await?;
        }
        queue.join().await;
        queue.shutdown(false);
        let join = || {
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum::<u32>()
        };
        aio::to_thread(join).await
    })
    .unwrap();
    assert_eq!(sum, 60 * 61 / 2);
}

#[test]
fn tasks_of_tokio_put_and_take() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).build().unwrap();
    let (sender, receiver) = oneshot::channel::<(RemoteQueue<u32>, RemoteQueue<u32>)>();
    let doubles = thread::spawn(move || {
        aio::run(async move {
            let (to, from) = (Rc::new(Queue::new(1)), Rc::new(Queue::new(1)));
            drop(sender.send((to.remote(), from.remote())));
            while let Ok(n) = to.get().await {
                from.put(2 * n).await?;
            }
            aio::ok(())
        })
    });
    runtime.block_on(async {
        let (to, from) = receiver.await.unwrap();
        let sends = tokio::spawn({
            let to = to.clone();
            async move {
                for n in 1..=20 {
                    to.put(n).await?;
                }
                Ok::<_, PutError<u32>>(())
            }
        });
        for n in 1..=20 {
            assert_eq!(from.get().await, Ok(2 * n));
        }
        sends.await.unwrap().unwrap();
        to.shutdown(false);
    });
    doubles.join().unwrap().unwrap();
}

#[test]
fn a_shutdown_ends_the_calls_and_gives_items_back() {
    for by_remote in [false, true] {
        aio::run(async {
            let (full, empty) = (Rc::new(Queue::new(1)), Rc::new(Queue::<u8>::new(0)));
            full.put_nowait(1)?;
            let remotes = (full.remote(), empty.remote());
            let (begun, begins) = oneshot::channel();
            let thread = thread::spawn(move || {
                let (full, empty) = remotes;
                let _begun = begun.send(());
                (
                    full.blocking_put(2),
                    empty.blocking_get(),
                    full.blocking_get(),
                )
            });
            begins.await?;
            if by_remote {
                full.remote().shutdown(false);
                empty.remote().shutdown(false);
            } else {
                full.shutdown(false);
                empty.shutdown(false);
            }
            let shut_down = QueueError::ShutDown;
            let ended = aio::to_thread(move || thread.join().unwrap()).await?;
            let back = PutError {
                item: 2,
                reason: shut_down,
            };
            assert_eq!(ended, (Err(back), Err(shut_down), Ok(1)));
            assert!(full.remote().put(3).await.is_err());
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_queue_or_a_loop_that_is_gone_is_shut_down() {
    let (sender, receiver) = mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let lp = thread::spawn(move || {
        aio::run(async move {
            let (gone, stays) = (Rc::new(Queue::<u8>::new(0)), Rc::new(Queue::<u8>::new(1)));
            stays.put_nowait(0)?;
            sender.send((gone.remote(), stays.remote()))?;
            drop(gone);
            let _stopped = stopped.await;
            aio::ok(())
        })
    });
    let (gone, stays) = receiver.recv().unwrap();
    let shut_down = QueueError::ShutDown;
    let back = |item| {
        Err(PutError {
            item,
            reason: shut_down,
        })
    };
    assert_eq!(
        (gone.blocking_put(7), gone.blocking_get()),
        (back(7), Err(shut_down))
    );
    gone.task_done();
    gone.shutdown(true);
    // The loop ends while a thread waits for room.
    let waits = thread::spawn({
        let stays = stays.clone();
        move || stays.blocking_put(8)
    });
    drop(stop);
    lp.join().unwrap().unwrap();
    assert_eq!(waits.join().unwrap(), back(8));
    assert_eq!(
        (stays.blocking_put(9), stays.blocking_get()),
        (back(9), Err(shut_down))
    );
    drop(stays.get());
}

struct Sent(u8);

#[test]
fn a_call_that_is_dropped_loses_nothing() {
    for (before, after) in (0..5).flat_map(|before| (0..5).map(move |after| (before, after))) {
        testing::run(async {
            let turns = async |n: usize| {
                for _ in 0..n {
                    sleep(secs(0)).await;
                }
            };
            // A get that is dropped at any time takes nothing, and the order stays.
            let queue = Rc::new(Queue::new(0));
            let mut get = Box::pin(queue.remote().get());
            assert!(futures::poll!(&mut get).is_pending());
            turns(before).await;
            queue.put_nowait(Sent(1))?;
            queue.put_nowait(Sent(2))?;
            turns(after).await;
            drop(get);
            turns(5).await;
            let both = (queue.get_nowait()?.0, queue.get_nowait()?.0);
            assert_eq!(both, (1, 2), "{before} {after}");
            // A put that is dropped has put its item in, or drops it.
            let queue = Rc::new(Queue::new(1));
            queue.put_nowait(Sent(1))?;
            let mut put = Box::pin(queue.remote().put(Sent(2)));
            assert!(futures::poll!(&mut put).is_pending());
            turns(before).await;
            assert_eq!(queue.get().await?.0, 1);
            turns(after).await;
            drop(put);
            turns(5).await;
            queue.put_nowait(Sent(3)).or_else(|full| {
                assert_eq!(queue.get_nowait().unwrap().0, 2);
                queue.put_nowait(full.item)
            })?;
            assert_eq!(queue.get_nowait()?.0, 3);
            assert_eq!(testing::census().tasks, 1);
            aio::ok(())
        })
        .unwrap();
    }
}

#[test]
fn queues_of_other_orders_have_handles() {
    aio::run(async {
        let (newest, smallest) = (Rc::new(LifoQueue::new(0)), Rc::new(PriorityQueue::new(0)));
        let remotes = (newest.remote(), smallest.remote());
        let taken = aio::to_thread(move || {
            let (newest, smallest) = remotes;
            for n in [2, 1, 3] {
                newest.blocking_put(n)?;
                smallest.blocking_put(n)?;
            }
            Ok::<_, PutError<i32>>((newest.blocking_get(), smallest.blocking_get()))
        });
        assert_eq!(taken.await??, (Ok(3), Ok(1)));
        aio::ok(())
    })
    .unwrap();
}

/// Panics when it is compared.
#[derive(PartialEq, Eq)]
struct Incomparable;

impl Ord for Incomparable {
    fn cmp(&self, _other: &Self) -> Ordering {
        panic!("on purpose")
    }
}

impl PartialOrd for Incomparable {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[test]
fn a_comparison_that_panics_hangs_nobody() {
    aio::run(async {
        let queue = Rc::new(PriorityQueue::new(0));
        let remote = queue.remote();
        let puts = aio::to_thread(move || {
            let puts = [(); 2].map(|()| remote.blocking_put(Incomparable).is_ok());
            (puts, remote.blocking_get().is_err())
        });
        // Both are in, and none comes out.
        assert_eq!(puts.await?, ([true; 2], true));
        assert_eq!(queue.qsize(), 2);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn the_loops_own_thread_awaits_and_does_not_block() {
    testing::run(async {
        let queue = Rc::new(Queue::new(1));
        let remote = queue.remote();
        let put = create_task({
            let remote = remote.clone();
            async move { remote.put(1).await }
        });
        assert_eq!(remote.get().await?, 1);
        put.await?;
        let blocks = catch_unwind(AssertUnwindSafe(|| remote.blocking_get()));
        let message = *blocks.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("own thread"), "{message}");
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn virtual_time_and_deadlocks_count_jobs_that_wait_for_a_queue() {
    testing::run(async {
        let queue = Rc::new(Queue::new(0));
        let remote = queue.remote();
        let job = aio::to_thread(move || remote.blocking_get());
        sleep(secs(3600)).await;
        queue.put_nowait(7)?;
        assert_eq!(job.await??, 7);
        aio::ok(())
    })
    .unwrap();
    let stuck = testing::run(async {
        let queue = Rc::new(Queue::<u8>::new(0));
        let remote = queue.remote();
        aio::ok(aio::to_thread(move || remote.blocking_get()).await?)
    });
    assert!(stuck.unwrap_err().to_string().contains("deadlock"));
}

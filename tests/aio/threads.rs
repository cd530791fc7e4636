//! Blocking calls on other threads, and other threads that call the loop.

use cogen::aio::{self, Error, create_task, sleep, testing};
use std::sync::mpsc;
use std::time::Duration;

use super::secs;

#[test]
fn the_loop_runs_on_while_a_thread_blocks() {
    let (go, wait) = mpsc::channel::<()>();
    let order = aio::run(async move {
        let log = testing::Recorder::new();
        let blocked = create_task({
            let log = log.clone();
            async move {
                let value = aio::to_thread(move || {
                    wait.recv().unwrap();
                    7_u8
                })
                .await?;
                log.emit("thread");
                aio::ok(value)
            }
        });
        sleep(Duration::ZERO).await;
        log.emit("loop");
        go.send(()).unwrap();
        assert_eq!(blocked.await?, 7);
        aio::ok(
            log.events()
                .into_iter()
                .map(|(_, event)| event)
                .collect::<Vec<_>>(),
        )
    });
    assert_eq!(order.unwrap(), ["loop", "thread"]);
}

/// The virtual clock stands still while a thread is at work.
#[test]
fn the_virtual_clock_waits_for_threads() {
    testing::run(async {
        let value = aio::timeout(secs(1), aio::to_thread(|| 7_u8)).await?;
        assert_eq!((value, testing::elapsed()), (7, secs(0)));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_panic_on_a_thread_is_an_error() {
    testing::run(async {
        let outcome =
            aio::to_thread(|| assert!(std::env::args().count() == 0, "on a thread")).await;
        assert!(matches!(outcome, Err(Error::Panicked(panic)) if panic.message() == "on a thread"));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_ends_the_wait_and_the_thread_runs_on() {
    let (go, wait) = mpsc::channel::<()>();
    let (ended, end) = mpsc::channel();
    let (begins, begun) = tokio::sync::oneshot::channel();
    aio::run(async move {
        let blocked = create_task(async move {
            aio::to_thread(move || {
                begins.send(()).unwrap();
                wait.recv().unwrap();
                ended.send(()).unwrap();
            })
            .await
        });
        begun.await.unwrap();
        blocked.cancel();
        assert!(blocked.await.unwrap_err().is_cancelled());
        go.send(()).unwrap();
    })
    .unwrap();
    // The loop has joined it.
    end.try_recv().unwrap();
}

#[test]
fn an_executor_that_drops_the_job_ends_the_wait() {
    testing::run(async {
        let outcome = aio::run_in_executor(&drop::<Box<dyn FnOnce() + Send>>, || 1_u8).await;
        assert!(matches!(outcome, Err(Error::Runtime(_))));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_thread_cancels_what_it_made_the_loop_run() {
    let outcome = aio::run(async {
        let handle = aio::loop_handle();
        aio::to_thread(move || {
            let remote = handle.run_coroutine_threadsafe(|| sleep(Duration::from_hours(1)));
            remote.cancel();
            remote.result()
        })
        .await?
    });
    assert!(outcome.unwrap_err().is_cancelled());
}

#[test]
fn a_loop_that_is_gone_says_so() {
    let handle = aio::run(async { aio::ok(aio::loop_handle()) }).unwrap();
    assert_eq!(handle.call_soon_threadsafe(|| {}), Err(aio::LoopGone));
    let remote = handle.run_coroutine_threadsafe(|| async { 1_u8 });
    assert!(matches!(remote.result(), Err(Error::Runtime(_))));
}

#[test]
fn calls_from_a_thread_come_in_their_order() {
    let (sender, receiver) = mpsc::channel();
    aio::run(async move {
        let handle = aio::loop_handle();
        aio::to_thread(move || {
            for n in 0..100 {
                let sender = sender.clone();
                handle
                    .call_soon_threadsafe(move || sender.send(n).unwrap())
                    .unwrap();
            }
        })
        .await?;
        sleep(Duration::ZERO).await;
        aio::ok(())
    })
    .unwrap();
    assert_eq!(
        receiver.try_iter().collect::<Vec<_>>(),
        (0..100).collect::<Vec<_>>()
    );
}

/// A call on a thread can be used wherever a task can.
#[test]
fn calls_on_threads_are_gathered_waited_for_and_shielded() {
    let (go, wait) = mpsc::channel::<()>();
    aio::run(async move {
        let both = aio::gather((aio::to_thread(|| 1_u8), async { 2_u8 })).await?;
        assert_eq!(both, (1, 2));

        let calls = [1, 2_u8].map(|n| aio::to_thread(move || n));
        let (done, pending) = aio::wait(calls, aio::ReturnWhen::AllCompleted).await?;
        assert_eq!((done.len(), pending.len()), (2, 0));

        let blocked = aio::to_thread(move || wait.recv());
        let late = aio::wait_for(blocked, Duration::from_millis(1)).await;
        assert!(late.unwrap_err().is_timeout());
        go.send(())?;

        let shielded = aio::shield(aio::to_thread(|| 3_u8));
        shielded.cancel();
        assert!(shielded.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

/// Such a thread is not at work: the clock jumps to what the loop waits for.
#[test]
fn the_virtual_clock_does_not_wait_for_a_thread_that_waits_for_the_loop() {
    testing::run(async {
        let handle = aio::loop_handle();
        let sleeps = aio::to_thread(move || {
            let sleep = |n| handle.run_coroutine_threadsafe(move || sleep(secs(n)));
            let (long, short) = (sleep(3), sleep(1));
            short.result().and_then(|()| long.result())?;
            sleep(4).result()
        });
        sleeps.await??;
        assert_eq!(testing::elapsed(), secs(7));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_thread_that_waits_for_what_never_comes_is_a_deadlock() {
    let outcome = testing::run(async {
        let handle = aio::loop_handle();
        let never = aio::to_thread(move || {
            let never = handle.run_coroutine_threadsafe(std::future::pending::<()>);
            never.result()
        });
        never.await?
    });
    assert!(matches!(outcome, Err(Error::Deadlock(_))));
}

/// How a thread's wait ends that is limited, under virtual time, and when.
fn limited(nap: Duration, limit: Duration) -> (Result<u8, Error>, Duration) {
    testing::run(async move {
        let handle = aio::loop_handle();
        let waits = aio::to_thread(move || {
            let value = handle.run_coroutine_threadsafe(move || async move {
                sleep(nap).await;
                3_u8
            });
            value.result_timeout(limit)
        });
        let outcome = waits.await?;
        aio::ok((outcome, testing::elapsed()))
    })
    .unwrap()
}

#[test]
fn a_limit_of_a_thread_counts_virtual_time() {
    let millis = Duration::from_millis;
    for _ in 0..200 {
        let (outcome, at) = limited(millis(50), Duration::ZERO);
        assert!(outcome.unwrap_err().is_timeout());
        assert_eq!(at, Duration::ZERO);
    }
    let (outcome, at) = limited(secs(3600), millis(100));
    assert!(outcome.unwrap_err().is_timeout());
    assert_eq!(at, millis(100));
    // What comes at the very end is in time.
    for _ in 0..200 {
        for (nap, limit) in [(0, 0), (50, 50), (50, 51)] {
            let (outcome, at) = limited(millis(nap), millis(limit));
            assert_eq!((outcome.unwrap(), at), (3, millis(nap)));
        }
    }
    let (outcome, at) = limited(secs(5), Duration::MAX);
    assert_eq!((outcome.unwrap(), at), (3, secs(5)));
}

/// The value comes later, and another wait gets it.
#[test]
fn a_thread_waits_again_after_a_limit() {
    testing::run(async {
        let handle = aio::loop_handle();
        let waits = aio::to_thread(move || {
            let value = handle.run_coroutine_threadsafe(|| async {
                sleep(secs(10)).await;
                3_u8
            });
            let late = |n| value.result_timeout(secs(n)).unwrap_err().is_timeout();
            assert!(late(4) && late(4) && late(0) && late(1));
            let outcome = value.result_timeout(secs(1));
            // There is one value.
            let again = value.result_timeout(secs(1));
            assert!(matches!(again, Err(Error::InvalidState(_))));
            outcome
        });
        assert_eq!(waits.await??, 3);
        assert_eq!(testing::elapsed(), secs(10));
        // No timer is left of the limits.
        assert_eq!(testing::census().timers, 0);
        aio::ok(())
    })
    .unwrap();
}

/// A limit is something to come, so nothing is a deadlock, not even in the loop's end.
#[test]
fn a_thread_that_waits_with_a_limit_is_no_deadlock() {
    let never = |handle: &aio::LoopHandle| {
        let never = handle.run_coroutine_threadsafe(std::future::pending::<()>);
        never.result_timeout(secs(3600))
    };
    let outcome = testing::run(async move {
        let handle = aio::loop_handle();
        aio::to_thread(move || never(&handle)).await?
    });
    assert!(outcome.unwrap_err().is_timeout());
    let (told, heard) = mpsc::channel();
    testing::run(async move {
        let handle = aio::loop_handle();
        drop(aio::to_thread(move || told.send(never(&handle)).unwrap()));
    })
    .unwrap();
    assert!(heard.recv().unwrap().unwrap_err().is_timeout());
}

/// Two limits at one time, and a job that is at work meanwhile.
#[test]
fn limits_of_several_threads_come_at_their_times() {
    let mut times = testing::run(async {
        let calls = [3, 1, 2, 3, 1].map(|n| {
            let handle = aio::loop_handle();
            aio::to_thread(move || {
                let never = handle.run_coroutine_threadsafe(std::future::pending::<()>);
                assert!(never.result_timeout(secs(n)).unwrap_err().is_timeout());
                let now = handle.run_coroutine_threadsafe(|| async { testing::elapsed() });
                now.result()
            })
        });
        let times = aio::gather(calls).await?;
        times.into_iter().collect::<Result<Vec<_>, _>>()
    })
    .unwrap();
    times.sort_unstable();
    assert_eq!(times, [1, 1, 2, 3, 3].map(secs));
}

/// A thread that waits for a task that the loop does not finish hears that the loop is gone.
#[test]
fn a_wait_for_a_task_ends_with_the_loop() {
    let (told, heard) = mpsc::channel();
    let outcome = testing::run(async {
        let handle = aio::loop_handle();
        aio::to_thread(move || {
            let remote = handle.run_coroutine_threadsafe(std::future::pending::<()>);
            told.send(remote.result()).unwrap();
        })
        .await
    });
    assert!(matches!(outcome, Err(Error::Deadlock(_))));
    assert!(matches!(heard.recv().unwrap(), Err(Error::Runtime(_))));
}

/// As in CPython, where both go to one queue.
#[test]
fn calls_on_the_loops_own_thread_keep_their_order() {
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    testing::run(async {
        for n in 0..6 {
            let order = order.clone();
            let call = move || order.lock().unwrap().push(n);
            if n % 2 == 0 {
                aio::loop_handle().call_soon_threadsafe(call)?;
            } else {
                aio::call_soon(call);
            }
        }
        sleep(secs(1)).await;
        aio::ok(())
    })
    .unwrap();
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
}

/// It would wait for itself.
#[test]
fn a_result_on_the_loops_own_thread_is_an_error() {
    let mut runner = aio::Runner::new().unwrap();
    let (early, late) = runner
        .run(async {
            let handle = aio::loop_handle();
            let early = handle.run_coroutine_threadsafe(|| async { 5_u8 });
            assert!(matches!(
                early.result_timeout(Duration::MAX),
                Err(Error::Runtime(_))
            ));
            let never = handle.run_coroutine_threadsafe(|| async { 5_u8 });
            assert!(matches!(never.result(), Err(Error::Runtime(_))));
            let late = handle.run_coroutine_threadsafe(|| sleep(Duration::from_hours(1)));
            sleep(Duration::from_millis(1)).await;
            aio::ok((early, late))
        })
        .unwrap();
    // What is there already needs no wait; between two runs nothing comes.
    assert_eq!(early.result().unwrap(), 5);
    assert!(matches!(late.result(), Err(Error::Runtime(_))));
}

//! The loop in a program that runs tokio, and tokio's things in bodies.

use cogen::aio::{self, EventLoop, create_task, sleep};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// More than tokio lets a task do before it must yield.
const NUMBERS: u32 = if cfg!(miri) { 10 } else { 200 };

#[tokio::test]
async fn tokio_channels_bring_values_into_tasks() {
    let (reply, answer) = oneshot::channel();
    let (numbers, mut stream) = mpsc::channel(1);
    tokio::spawn(async move {
        for n in 0..NUMBERS {
            numbers.send(n).await.unwrap();
        }
        reply.send("done").unwrap();
    });
    let (sum, last) = EventLoop::run(async move {
        let sum = create_task(async move {
            let mut sum = 0;
            while let Some(n) = stream.recv().await {
                sum += n;
            }
            sum
        });
        let last = create_task(async move { answer.await.unwrap() });
        aio::gather((sum, last)).await
    })
    .await
    .unwrap();
    assert_eq!((sum, last), (NUMBERS * (NUMBERS - 1) / 2, "done"));
}

#[tokio::test(start_paused = true)]
async fn the_loop_keeps_tokios_paused_time() {
    let before = tokio::time::Instant::now();
    EventLoop::run(async {
        let naps = (1..4).map(|n| sleep(Duration::from_secs(600 * n)));
        aio::gather(naps.collect::<Vec<_>>()).await?;
        tokio::time::sleep(Duration::from_mins(1)).await;
        aio::ok(())
    })
    .await
    .unwrap();
    let passed = before.elapsed();
    assert!(passed >= Duration::from_mins(31) && passed < Duration::from_secs(1861));
}

#[tokio::test]
async fn two_loops_take_turns_on_one_thread() {
    let (to, mut from) = mpsc::channel::<u32>(1);
    let sender = EventLoop::run(async move {
        for n in 0..50 {
            to.send(n).await.unwrap();
        }
    });
    let receiver = EventLoop::run(async move {
        let mut count = 0;
        while from.recv().await.is_some() {
            count += 1;
        }
        count
    });
    let (sent, count) = tokio::join!(sender, receiver);
    sent.unwrap();
    assert_eq!(count.unwrap(), 50_i32);
}

/// A channel that always has a message, for as long as `on` says so.
async fn flood(on: Rc<Cell<bool>>) -> u64 {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    sender.send(()).unwrap();
    let mut count = 0;
    while on.get() && receiver.recv().await.is_some() {
        sender.send(()).unwrap();
        count += 1;
    }
    count
}

/// Without tokio's budget this never ends.
#[cfg(not(miri))]
#[test]
fn a_ready_channel_stops_no_timer_and_no_other_task() {
    let ended = aio::run(async {
        let on = Rc::new(Cell::new(true));
        let floods = [(); 3].map(|()| create_task(flood(on.clone())));
        // Another task that needs tokio has its turns, between the floods.
        let (sender, mut receiver) = mpsc::channel(1);
        let sends = create_task(async move {
            for n in 0..NUMBERS {
                sender.send(n).await.unwrap();
            }
        });
        for n in 0..NUMBERS {
            assert_eq!(receiver.recv().await, Some(n));
        }
        sends.await?;
        sleep(Duration::from_millis(1)).await;
        on.set(false);
        for flood in floods {
            assert!(flood.await? > 0);
        }
        let late = aio::timeout(Duration::from_millis(1), flood(Rc::new(Cell::new(true)))).await;
        aio::ok(late.unwrap_err().is_timeout())
    });
    assert!(ended.unwrap());
}

/// The runtime's other tasks have their turns as well.
#[cfg(not(miri))]
#[tokio::test]
async fn a_ready_channel_stops_no_task_of_the_runtime() {
    let on = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let off = on.clone();
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        off.store(false, std::sync::atomic::Ordering::Relaxed);
    });
    let (sender, mut receiver) = mpsc::unbounded_channel();
    sender.send(()).unwrap();
    EventLoop::run(async move {
        while on.load(std::sync::atomic::Ordering::Relaxed) && receiver.recv().await.is_some() {
            sender.send(()).unwrap();
        }
    })
    .await
    .unwrap();
}

/// It is like a thread that reads tokio's stdin, which waits for a line that nobody types.
#[test]
fn a_blocking_call_that_never_ends_does_not_keep_the_program() {
    for runner in [false, true] {
        let (typist, line) = std::sync::mpsc::channel::<()>();
        let main = async move {
            let wait = move || line.recv().is_ok();
            let stuck = tokio::task::spawn_blocking(wait);
            aio::timeout(Duration::from_millis(1), stuck).await.is_err()
        };
        let timed_out = if runner {
            aio::Runner::new().unwrap().run(main)
        } else {
            aio::run(main)
        };
        assert!(timed_out.unwrap());
        drop(typist);
    }
}

/// The message of the panic in `call`.
fn panic_of(call: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let payload = std::panic::catch_unwind(call).unwrap_err();
    *payload.downcast::<String>().unwrap()
}

#[tokio::test(start_paused = true)]
async fn under_tokio_alone_the_panics_say_what_to_use() {
    let no_loop = panic_of(|| drop(create_task(async {})));
    let no_task = panic_of(|| {
        let _ = futures::FutureExt::now_or_never(sleep(Duration::ZERO));
    });
    for message in [no_loop, no_task] {
        let both = message.contains("`EventLoop::run") && message.contains("`testing::run`");
        assert!(both, "{message}");
    }
}

#[test]
fn tokios_things_under_virtual_time_say_what_to_use() {
    let kinds: [fn() -> aio::Task<()>; 4] = [
        || create_task(tokio::time::sleep(Duration::from_secs(1))),
        || {
            let nap = sleep(Duration::from_secs(1));
            create_task(async { drop(tokio::time::timeout(Duration::from_secs(2), nap).await) })
        },
        || create_task(async { drop(tokio::net::TcpStream::connect("127.0.0.1:1").await) }),
        || create_task(async { drop(tokio::spawn(async {})) }),
    ];
    for kind in kinds {
        let error = aio::testing::run(async { kind().await }).unwrap_err();
        assert!(error.to_string().contains("`aio::sleep`"), "{error}");
    }
    // A panic of the user's own has no such advice, and under a runtime it makes no sense.
    let own = aio::testing::run(async { panic!("mine") }).unwrap_err();
    assert_eq!(own.to_string(), "a task panicked: mine");
}

#[test]
fn a_timer_without_tokio_says_what_to_use() {
    let line = line!() + 2;
    let message = panic_of(|| {
        let run = EventLoop::run(sleep(Duration::from_secs(1)));
        drop(futures::executor::block_on(run));
    });
    assert!(
        message.contains(&format!("tokio_programs.rs:{line}")),
        "{message}"
    );
    assert!(message.contains("use `aio::run`"), "{message}");
}

//! The loop in a program that runs tokio, and tokio's things in bodies.

use cogen::aio::{self, EventLoop, create_task, sleep};
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

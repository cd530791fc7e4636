//! Calls that make no sense: an error value, or a panic that names the place.

use std::panic;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cogen::aio::{self, Error, Promise, ReturnWhen, create_task, sleep, testing};
use futures::FutureExt;

use super::secs;

/// The message of the panic in `call`.
fn panic_of(call: impl FnOnce() + panic::UnwindSafe) -> String {
    let payload = panic::catch_unwind(call).unwrap_err();
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&'static str>().unwrap()).to_owned(),
    }
}

#[test]
fn a_wait_outside_a_loop_panics_with_its_place() {
    let line = line!() + 2;
    let message = panic_of(|| {
        sleep(secs(1)).now_or_never();
    });
    assert!(
        message.contains(&format!("bad_input.rs:{line}")),
        "{message}"
    );
    assert!(message.contains("outside a task"), "{message}");
}

#[test]
fn creating_a_task_outside_a_loop_panics() {
    assert!(panic_of(|| drop(create_task(async {}))).contains("no running event loop"));
    assert!(panic_of(|| drop(Promise::<()>::new())).contains("no running event loop"));
    assert!(aio::current_task().is_none());
}

#[test]
fn a_loop_in_a_loop_is_an_error() {
    let inner = testing::run(async { testing::run(async { 1_u8 }) });
    assert!(matches!(inner, Err(Error::Runtime(_))));
    let inner = aio::run(async { aio::run(async { 1_u8 }) });
    assert!(matches!(inner, Err(Error::Runtime(_))));
    let inner = aio::run(async { aio::EventLoop::run(async { 1_u8 }).await });
    assert!(matches!(inner, Err(Error::Runtime(_))));
    // The outer loop is unharmed.
    assert_eq!(aio::run(async { 1_u8 }).unwrap(), 1);
}

#[test]
fn the_result_of_a_pending_task_is_an_error() {
    testing::run(async {
        let task = create_task(async { 1_u8 });
        assert!(matches!(task.result(), Err(Error::InvalidState(_))));
        assert!(matches!(task.exception(), Err(Error::InvalidState(_))));
        let promise = Promise::<u8>::new();
        assert!(matches!(promise.result(), Err(Error::InvalidState(_))));
        promise.set_result(1)?;
        assert!(matches!(promise.set_result(2), Err(Error::InvalidState(_))));
        assert_eq!(promise.try_set(3), Err(3));
        assert_eq!(promise.await?, 1);
        assert_eq!((&task).await?, 1);
        assert_eq!(task.clone().await?, 1);
        assert!(
            matches!(task.await, Err(Error::InvalidState(_))),
            "the value was taken"
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_empty_wait_is_an_error() {
    testing::run(async {
        let none: [aio::Task<()>; 0] = [];
        let waited = aio::wait(none, ReturnWhen::AllCompleted).await;
        assert!(matches!(waited, Err(Error::Value(_))));
        let gathered = aio::gather(Vec::<aio::Task<()>>::new()).await?;
        assert!(gathered.is_empty());
        aio::ok(())
    })
    .unwrap();
}

/// A negative duration cannot be written; an enormous one never ends.
#[test]
fn an_enormous_delay_never_ends() {
    testing::run(async {
        let forever = create_task(sleep(Duration::MAX));
        let timeout = aio::timeout(Duration::MAX, sleep(secs(1))).await;
        assert!(timeout.is_ok());
        sleep(secs(1_000_000)).await;
        assert!(!forever.done());
        forever.cancel();
        assert!(forever.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_waker_used_after_the_loop_is_gone_does_nothing() {
    let mut kept = None;
    testing::run(async {
        std::future::poll_fn(|cx: &mut Context<'_>| {
            kept = Some(cx.waker().clone());
            Poll::Ready(())
        })
        .await;
    })
    .unwrap();
    let waker: Waker = kept.unwrap();
    waker.wake_by_ref();
    std::thread::spawn(move || waker.wake()).join().unwrap();
}

#[test]
fn a_handle_outlives_its_loop() {
    let task = testing::run(async {
        let task = create_task(sleep(secs(10)));
        sleep(secs(1)).await;
        aio::ok(task)
    })
    .unwrap();
    assert!(task.done() && task.cancelled());
    assert!(!task.cancel());
    assert!(!task.remote().cancel());
    assert_eq!(task.name(), "Task-2");
}

#[test]
fn a_task_that_awaits_itself_gets_an_error() {
    testing::run(async {
        let itself = Promise::new();
        let task = create_task({
            let itself = itself.clone();
            async move {
                let itself: aio::Task<()> = itself.await?;
                itself.await
            }
        });
        itself.set_result(task.clone())?;
        assert!(matches!(task.await, Err(Error::Runtime(_))));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn tasks_that_wait_in_a_circle_can_be_cancelled() {
    testing::run(async {
        let (a, b) = (Promise::new(), Promise::new());
        let waits_for = |other: &Promise<aio::Task<()>>| {
            let other = other.clone();
            create_task(async move {
                let other = other.await?;
                (&other).await
            })
        };
        let (first, second) = (waits_for(&b), waits_for(&a));
        a.set_result(first.clone())?;
        b.set_result(second.clone())?;
        sleep(secs(1)).await;
        first.cancel();
        assert!(first.await.unwrap_err().is_cancelled());
        assert!(second.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

/// With newer compilers the two are one type.
#[test]
fn bodies_that_never_end_are_named_in_two_ways() {
    fn is_output<T: cogen::aio::Output<Ok = T>>() {}
    is_output::<cogen::Never>();
    is_output::<std::convert::Infallible>();
}

//! Values of a loop that other threads and other runtimes wait for.

use cogen::aio::{self, Error, LoopHandle, RemoteResult, create_task, loop_handle, sleep, testing};
use futures::executor::block_on;
use futures::future::{Either, FutureExt, join_all, pending, select};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use tokio::sync::oneshot;

use super::secs;

/// Runs `work` beside a loop on another thread, which ends with it.
pub(crate) fn beside_a_loop<R>(work: impl FnOnce(&LoopHandle) -> R) -> R {
    let (sender, receiver) = mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = thread::spawn(move || {
        aio::run(async move {
            sender.send(loop_handle())?;
            let _stopped = stopped.await;
            aio::ok(())
        })
    });
    let done = work(&receiver.recv().unwrap());
    drop(stop);
    thread.join().unwrap().unwrap();
    done
}

/// A body that lets others run, and uses what is not `Send`.
async fn seven() -> u8 {
    let value = Rc::new(Cell::new(6));
    sleep(secs(0)).await;
    value.set(value.get() + 1);
    value.get()
}

#[test]
fn tasks_of_tokio_await_a_value_of_the_loop() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).build().unwrap();
    beside_a_loop(|handle| {
        let tasks = (0..20).map(|_| {
            let handle = handle.clone();
            runtime.spawn(async move { handle.run_coroutine_threadsafe(seven).await })
        });
        for value in runtime.block_on(join_all(tasks)) {
            assert_eq!(value.unwrap().unwrap(), 7);
        }
    });
}

#[test]
fn block_on_and_combinators_take_it() {
    beside_a_loop(|handle| {
        assert_eq!(block_on(handle.run_coroutine_threadsafe(seven)).unwrap(), 7);
        let (one, two) = block_on(async {
            let both = (0..2).map(|_| handle.run_coroutine_threadsafe(seven));
            let mut both = join_all(both).await;
            (both.pop().unwrap(), both.pop().unwrap())
        });
        assert_eq!((one.unwrap(), two.unwrap()), (7, 7));
        // What a select drops runs on.
        let (told, tells) = mpsc::channel();
        let (go, gone) = oneshot::channel::<()>();
        let runs = handle.run_coroutine_threadsafe(move || async move {
            gone.await?;
            told.send(7)?;
            aio::ok(())
        });
        let Either::Right(_) = block_on(select(runs, pin!(async {}))) else {
            panic!("it waits for us");
        };
        go.send(()).unwrap();
        assert_eq!(tells.recv(), Ok(7));
    });
}

#[test]
fn a_task_of_another_loop_or_of_the_same_one_awaits_it() {
    beside_a_loop(|handle| {
        let outcome = aio::run(async move {
            let other = handle.run_coroutine_threadsafe(seven);
            let own = loop_handle().run_coroutine_threadsafe(seven);
            let own = create_task(own);
            let other = create_task(other);
            aio::ok((other.await?, own.await?))
        });
        assert_eq!(outcome.unwrap(), (7, 7));
    });
}

#[test]
fn it_ends_with_what_the_task_ended_with() {
    beside_a_loop(|handle| {
        let failed = handle.run_coroutine_threadsafe(|| async { Err::<u8, _>(Error::new("no")) });
        assert_eq!(block_on(failed).unwrap_err().to_string(), "no");
        let panics = handle.run_coroutine_threadsafe(|| async {
            assert!(std::env::args().count() == 0, "on purpose");
            aio::ok(())
        });
        assert!(matches!(block_on(panics), Err(Error::Panicked(_))));
        let slow = handle.run_coroutine_threadsafe(|| sleep(secs(3600)));
        slow.cancel();
        assert!(block_on(slow).unwrap_err().is_cancelled());
        let mut once = handle.run_coroutine_threadsafe(seven);
        assert_eq!(block_on(&mut once).unwrap(), 7);
        assert!(matches!(block_on(&mut once), Err(Error::InvalidState(_))));
        assert!(matches!(once.result(), Err(Error::InvalidState(_))));
    });
}

#[test]
fn the_end_of_the_loop_ends_the_waits() {
    let (waiting, handle) = beside_a_loop(|handle| {
        let never = handle.run_coroutine_threadsafe(pending::<()>);
        let waits = thread::spawn(move || block_on(never));
        (waits, handle.clone())
    });
    // The leftover task was cancelled.
    assert!(waiting.join().unwrap().unwrap_err().is_cancelled());
    let late = block_on(handle.run_coroutine_threadsafe(seven));
    assert!(matches!(late, Err(Error::Runtime(_))));
}

/// While a job waits for its loop, it is not at work for it, and time goes on.
#[test]
fn virtual_time_goes_on_while_a_job_awaits_a_value() {
    testing::run(async {
        let handle = loop_handle();
        let job = aio::to_thread(move || {
            let hour = handle.run_coroutine_threadsafe(|| sleep(secs(3600)));
            block_on(hour)?;
            // Polled in vain, and then dropped: the job is at work again.
            let mut other = handle.run_coroutine_threadsafe(|| sleep(secs(3600)));
            assert!((&mut other).now_or_never().is_none());
            drop(other);
            handle
                .run_coroutine_threadsafe(|| async { testing::elapsed() })
                .result()
        });
        assert!(job.await?? >= secs(3600));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_hostile_waker_hurts_nobody() {
    beside_a_loop(|handle| {
        let (go, gone) = oneshot::channel::<()>();
        let mut result = handle.run_coroutine_threadsafe(move || async move {
            gone.await?;
            aio::ok(7)
        });
        assert!(poll(&mut result, &Arc::new(Panics).into()).is_pending());
        go.send(()).unwrap();
        // The loop goes on, and the value is there.
        assert_eq!(handle.run_coroutine_threadsafe(seven).result().unwrap(), 7);
        assert!(matches!(
            poll(&mut result, Waker::noop()),
            Poll::Ready(Ok(7))
        ));
    });
}

/// A waker that panics.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

fn poll<T>(result: &mut RemoteResult<T>, waker: &Waker) -> Poll<Result<T, Error>> {
    let mut cx = Context::from_waker(waker);
    pin!(result).poll(&mut cx)
}

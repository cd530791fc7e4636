//! What the destructor of a thread-local may do when the library's thread-locals are gone. A panic in it
//! would abort the whole process.

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use cogen::aio::{self, EventLoop, Promise, create_task, sleep, testing};

use super::secs;

struct AtExit(RefCell<Vec<Box<dyn FnOnce()>>>);

impl Drop for AtExit {
    fn drop(&mut self) {
        for act in self.0.take() {
            act();
        }
    }
}

thread_local! {
    static AT_EXIT: AtExit = const { AtExit(RefCell::new(Vec::new())) };
}

/// Calls `act` on a new thread, and what `act` returned at the thread's end, when the library's thread-locals are gone.
fn at_thread_end<A: FnOnce() + 'static>(act: impl FnOnce() -> A + Send + 'static) {
    let run = move || {
        // Made first, so that it goes last.
        AT_EXIT.with(|_| {});
        testing::run(async { aio::run_in_executor(&here, || ()).await }).unwrap();
        let at_exit: Box<dyn FnOnce()> = Box::new(act());
        AT_EXIT.with(|own| own.0.borrow_mut().push(at_exit));
    };
    thread::spawn(run).join().unwrap();
}

fn here(job: Box<dyn FnOnce() + Send>) {
    job();
}

/// Runs a loop, and calls `act` with its waker, by which the loop must be woken.
fn woken_by(act: impl FnOnce(Waker)) {
    let mut act = Some(act);
    testing::run(poll_fn(|cx| match act.take() {
        Some(act) => {
            act(cx.waker().clone());
            Poll::Pending
        }
        None => Poll::Ready(()),
    }))
    .unwrap();
}

#[test]
fn a_waker_wakes_the_loop_of_another_thread() {
    woken_by(|waker| {
        at_thread_end(move || {
            waker.wake_by_ref();
            move || waker.wake()
        });
    });
    woken_by(|waker| {
        at_thread_end(move || {
            move || {
                let clone = waker.clone();
                drop(waker);
                clone.wake_by_ref();
            }
        });
    });
}

#[test]
fn handles_of_another_threads_loop_work() {
    let ended = testing::run(async {
        let waits = create_task(pending::<()>());
        let (remote, handle) = (waits.remote(), aio::loop_handle());
        at_thread_end(move || {
            move || {
                assert!(remote.cancel());
                handle.call_soon_threadsafe(|| ()).unwrap();
                let result = handle.run_coroutine_threadsafe(async || 7);
                assert!(result.result_timeout(secs(0)).is_err());
                result.cancel();
            }
        });
        aio::ok(waits.await.is_err())
    });
    assert!(ended.unwrap());
}

#[test]
fn there_is_no_loop_any_more() {
    at_thread_end(|| {
        || {
            assert!(aio::current_task().is_none());
            assert!(testing::run(async {}).is_err());
            assert!(aio::run(async {}).is_err());
            if let Ok(mut runner) = aio::Runner::new() {
                assert!(runner.run(async {}).is_err());
            }
        }
    });
}

/// A loop, with what belongs to it, dies with the thread: what is dropped there may not find a loop.
#[test]
fn what_belongs_to_a_loop_is_dropped() {
    at_thread_end(|| {
        let kept = Rc::new(RefCell::new(Vec::<Box<dyn Any>>::new()));
        let mut running: Pin<Box<dyn Future<Output = _>>> = Box::pin(EventLoop::run({
            let kept = kept.clone();
            async move {
                let (lock, promise) = (Rc::new(aio::Lock::new(0)), Promise::<u8>::new());
                let task = create_task({
                    let (lock, promise) = (lock.clone(), promise.clone());
                    async move {
                        let _guard = lock.lock().await;
                        promise.await
                    }
                });
                let waits = create_task(async move { *lock.lock().await });
                let queue = Rc::new(aio::Queue::<u8>::new(1));
                let gets = create_task(async move { queue.get().await });
                let all = aio::gather((task.clone(), waits));
                let timer = aio::call_later(secs(9), || ());
                kept.borrow_mut()
                    .push(Box::new((task, promise, all, gets, timer)));
                aio::timeout(secs(9), pending::<()>()).await
            }
        }));
        let mut cx = Context::from_waker(Waker::noop());
        let polled = tokio_entered(|| running.as_mut().poll(&mut cx).is_pending());
        assert!(polled);
        move || drop((running, kept))
    });
}

/// A loop's timers are tokio's.
fn tokio_entered<R>(run: impl FnOnce() -> R) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let _entered = runtime.enter();
    run()
}

#[test]
fn a_runner_is_dropped_with_its_tasks() {
    at_thread_end(|| {
        let mut runner = aio::Runner::new().unwrap();
        let task =
            runner.run(async { aio::ok(RefCell::new(Some(create_task(sleep(secs(9))))).take()) });
        let task = task.unwrap();
        move || drop((runner, task))
    });
}

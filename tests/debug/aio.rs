use std::future::{IntoFuture, ready};
use std::time::Duration;

use cogen::aio::{
    self, AsyncCo, AsyncExitStack, Barrier, BoundedSemaphore, Condition, Error, Event, LifoQueue,
    Lock, PriorityQueue, Promise, Queue, ReturnWhen, Runner, Semaphore, testing,
};

use crate::{Plain, shows};

const SECOND: Duration = Duration::from_secs(1);

/// Runs `test` in a task.
fn in_task(test: impl AsyncFnOnce() + 'static) {
    testing::run(async {
        test().await;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn tasks_and_promises() {
    in_task(async || {
        let task = aio::create_task(async { aio::sleep(SECOND).await });
        task.set_name("sleeper");
        let promise = Promise::<Plain>::new();
        shows! {
            task => "Task { name: \"sleeper\", done: false, .. }",
            aio::current_task().unwrap() => "Task { name: \"Task-1\", done: false, .. }",
            task.remote() => "RemoteTask { id: TaskId { slot: 1, number: 2 }, .. }",
            promise => "Promise { done: false, .. }",
            aio::call_soon(|| ()) => "Handle { when: None, cancelled: false, .. }",
            (&Promise::<u8>::new()).into_future() => "Cloned { at: tests/debug/aio.rs:#:#, .. }",
            promise.clone().into_future() => "Owned { at: tests/debug/aio.rs:#:#, .. }",
        }
        aio::sleep(Duration::ZERO).await;
        shows! { task.clone() => "Task { name: \"sleeper\", done: false, suspended_at: tests/debug/aio.rs:#:#, .. }" }
        promise.set_result(Plain).unwrap();
        shows! { promise.clone() => "Promise { done: true, .. }" }
    });
    shows! { Runner::new().unwrap() => "Runner { tasks: 0, .. }" }
}

#[test]
fn waits() {
    in_task(async || {
        let children = || [ready(aio::ok(1)), ready(aio::ok(2))];
        let mut each = aio::as_completed(children());
        shows! {
            each => "AsCompleted { children: 2, given: 0, .. }",
            aio::gather(children()) => "Gather { done: false, .. }",
            aio::gather_all(children()) => "GatherAll { done: false, .. }",
            aio::shield(ready(aio::ok(1))) => "Shield { done: false, .. }",
            aio::wait([Promise::<u8>::new()], ReturnWhen::FirstCompleted) =>
                "Wait { items: 1, when: FirstCompleted, .. }",
            aio::wait_for(ready(aio::ok(1)), SECOND) => "WaitFor { .. }",
            aio::timeout(SECOND, ready(aio::ok(Plain))) => "TimeoutFuture { .. }",
            aio::timeout(None, ready(aio::ok(Plain))) => "TimeoutFuture { .. }",
        }
        let _ = each.next().await;
        shows! { each => "AsCompleted { children: 2, given: 1, .. }" }
        let with = format!("{:?}", aio::sleep_with(SECOND, Plain));
        assert!(with.starts_with("SleepWith { sleep: Sleep {"), "{with}");
        let sleep = format!("{:?}", aio::sleep(SECOND));
        assert!(sleep.ends_with(", state: new }"), "{sleep}");
        let _ = aio::timeout_with(None, async |timeout| {
            shows! { timeout => "Timeout { when: None, expired: false }" }
            aio::ok(())
        })
        .await;
    });
}

#[test]
fn scopes() {
    in_task(async || {
        shows! {
            aio::catch(ready(Plain)) => "Catch { .. }",
            aio::catch_cancelled(ready(Plain)) => "CatchCancelled { .. }",
            aio::catch_exception(ready(Plain)) => "CatchException { .. }",
            aio::finally(ready(Plain), ready(())) => "Finally { .. }",
            aio::try_finally(ready(1_u8), ready(())) => "TryFinally { .. }",
        }
        let _ = aio::task_group(async |group| {
            group.create_task(async { aio::ok(()) });
            shows! { group => "TaskGroup { running: 1, .. }" }
            aio::ok(())
        })
        .await;
    });
    let stack = AsyncExitStack::new();
    stack.callback(async || aio::ok(()));
    shows! {
        stack => "AsyncExitStack { exits: 1 }",
        aio::closing(Plain, async |_| aio::ok(())) => "ClosingAfter { .. }",
    }
}

#[test]
fn generators() {
    in_task(async || {
        let generator = aio::async_generator(|co: AsyncCo<Plain, Plain>| async move {
            shows! {
                co => "Co { id: # }",
                co.yield_(Plain) => "Yield { .. }",
                co.try_yield(Plain) => "TryYield { .. }",
            }
            aio::ok(())
        });
        let items = aio::async_generator(|co: AsyncCo<Plain>| async move {
            co.yield_(Plain).await;
            aio::ok(())
        });
        let manager = aio::context_manager(|co: AsyncCo<Plain>| async move {
            co.yield_(Plain).await;
            aio::ok(())
        });
        shows! {
            generator => "AsyncGenerator { running: false, .. }",
            items.items() => "AsyncItems { generator: AsyncGenerator { running: false, .. }, .. }",
            manager => "ContextManager { generator: AsyncGenerator { running: false, .. } }",
        }
        let _ = generator.astart().await;
    });
}

#[test]
fn locks() {
    in_task(async || {
        let lock = Lock::new(1);
        let held = Lock::new(2);
        let guard = held.lock().await;
        let semaphore = Semaphore::new(2);
        let bounded = BoundedSemaphore::new(2);
        let permit = semaphore.acquire().await;
        shows! {
            lock => "Lock { value: 1, locked: false, waiting: 0, .. }",
            held => "Lock { value: <locked>, locked: true, waiting: 0, .. }",
            guard => "LockGuard(Some(2))",
            Condition::new(3) => "Condition { lock: Lock { value: 3, locked: false, waiting: 0, .. }, waiting: 0 }",
            Event::new() => "Event { set: false, waiting: 0 }",
            semaphore => "Semaphore { available: 1, waiting: 0 }",
            bounded => "BoundedSemaphore { available: 2, bound: 2, waiting: 0 }",
            permit => "Permit { .. }",
            Barrier::new(2) => "Barrier { state: Filling, parties: 2, waiting: 0, .. }",
        }
    });
}

#[test]
fn queues() {
    let queue = Queue::new(1);
    queue.put_nowait(Plain).unwrap_or_else(|_| unreachable!());
    shows! {
        queue => "Queue { maxsize: 1, items: 1, unfinished: 1, getters: 0, putters: 0, shut_down: false }",
        LifoQueue::<Plain>::new(0) =>
                "LifoQueue { maxsize: 0, items: 0, unfinished: 0, getters: 0, putters: 0, shut_down: false }",
        PriorityQueue::<u8>::new(0) =>
                "PriorityQueue { maxsize: 0, items: 0, unfinished: 0, getters: 0, putters: 0, shut_down: false }",
        queue.put_nowait(Plain).err().unwrap() => "PutError { reason: Full, .. }",
    }
}

#[test]
fn threads() {
    in_task(async || {
        let thread = aio::to_thread(|| 1);
        let handle = aio::loop_handle();
        let result = handle.run_coroutine_threadsafe(|| async { aio::ok(1) });
        shows! {
            handle => "LoopHandle { .. }",
            result => "RemoteResult { .. }",
            std::rc::Rc::new(aio::Queue::<u8>::new(0)).remote() => "RemoteQueue { .. }",
            thread => "InThread { promise: Promise { done: false, .. } }",
        }
        thread.await.unwrap();
    });
}

#[test]
fn errors_and_tests() {
    in_task(async || {
        let wrong = async || Err::<(), _>(Error::new("wrong"));
        let group = aio::task_group(async move |group| {
            group.create_task(wrong());
            aio::ok(())
        });
        let panicked = aio::create_task(async { panic!("on purpose") });
        let recorder = testing::Recorder::new();
        recorder.emit(Plain);
        shows! {
            group.await.unwrap_err() => "unhandled errors in a task group (1 sub-error)\n1: wrong",
            panicked.await.unwrap_err() => "a task panicked: on purpose",
            recorder => "Recorder { events: 1 }",
        }
    });
}

#[test]
fn a_deadlock() {
    let stuck = testing::run(async { Promise::<()>::new().await });
    let Err(Error::Deadlock(deadlock)) = stuck else {
        panic!("{stuck:?}")
    };
    shows! {
        deadlock => "deadlock: every task waits, no timer is set, and no other thread is at work for the loop\n    \
                     Task-1 at tests/debug/aio.rs:#:#"
    }
}

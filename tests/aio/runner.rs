//! `run` and `Runner`.

use cogen::aio::{self, Error, Runner, create_task, sleep};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(1);

#[test]
fn a_runner_leaves_tasks_to_the_next_run_and_close_cancels_them() {
    let mut runner = Runner::new().unwrap();
    let cleaned = Rc::new(Cell::new(false));
    let flag = cleaned.clone();
    let (quick, name) = runner
        .run(async move {
            create_task(aio::finally(sleep(Duration::from_hours(1)), async move {
                sleep(TICK).await;
                flag.set(true);
            }));
            let quick = create_task(async {
                sleep(TICK).await;
                7_u8
            });
            (quick, aio::current_task().unwrap().name())
        })
        .unwrap();
    assert_eq!(name, "Task-1");
    assert_eq!(runner.run(quick).unwrap(), 7);
    assert!(!cleaned.get());
    runner.close().unwrap();
    assert!(cleaned.get());
}

#[test]
fn main_may_borrow() {
    let text = "borrowed".to_owned();
    let length = aio::run(async { text.len() }).unwrap();
    assert_eq!(length, 8);
}

#[test]
fn leftovers_are_cancelled_and_awaited() {
    let cleaned = Rc::new(Cell::new(0));
    let count = cleaned.clone();
    aio::run(async move {
        for _ in 0..3 {
            let count = count.clone();
            create_task(aio::finally(sleep(Duration::from_hours(1)), async move {
                sleep(TICK).await;
                count.set(count.get() + 1);
            }));
        }
        sleep(TICK).await;
    })
    .unwrap();
    assert_eq!(cleaned.get(), 3);
}

#[test]
fn run_inside_a_tokio_runtime_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let outcome = runtime.block_on(async { aio::run(async { 1_u8 }) });
    assert!(matches!(outcome, Err(Error::Runtime(_))));
}

/// Neither the run nor the drop panics, and what is left is there for a later run.
#[test]
fn a_runner_in_a_loop_is_an_error() {
    let mut runner = Runner::new().unwrap();
    let task = runner
        .run(async { aio::ok(create_task(sleep(TICK))) })
        .unwrap();
    aio::run(async {
        assert!(runner.run(async { 1_u8 }).is_err());
        let other = Runner::new();
        assert!(other.is_err());
        aio::ok(())
    })
    .unwrap();
    runner.run(task).unwrap();
    assert_eq!(
        runner.run(async { aio::to_thread(|| 7_u8).await }).unwrap(),
        7
    );
    runner
        .run(async {
            create_task(sleep(Duration::from_hours(1)));
        })
        .unwrap();
    aio::run(async move { drop(runner) }).unwrap();
}

fn seven() -> Result<u8, Error> {
    aio::run(async {
        sleep(TICK).await;
        7_u8
    })
}

/// asyncio: `await asyncio.to_thread(asyncio.run, main())`.
#[test]
fn a_run_in_to_thread_is_a_loop_of_its_own() {
    let nested = || aio::run(async { aio::to_thread(seven).await? });
    assert_eq!(nested().unwrap(), 7);
    let deeper = aio::run(async move { aio::to_thread(nested).await? });
    assert_eq!(deeper.unwrap(), 7);
    let runner = || Runner::new()?.run(async { aio::to_thread(|| 7_u8).await });
    assert_eq!(
        aio::run(async move { aio::to_thread(runner).await? }).unwrap(),
        7
    );
}

#[test]
fn a_run_in_a_blocking_thread_of_tokio_is_a_loop_of_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let blocking = runtime.block_on(async { tokio::task::spawn_blocking(seven).await });
    assert_eq!(blocking.unwrap().unwrap(), 7);
    // A runtime that is entered drives nothing.
    let _entered = runtime.enter();
    assert_eq!(seven().unwrap(), 7);
}

/// Each error says what to do instead.
#[test]
fn a_nested_run_is_told_what_works() {
    let advice = "to_thread(|| aio::run(…))";
    aio::run(async {
        let nested = [
            seven(),
            aio::EventLoop::run(async { 7_u8 }).await,
            Runner::new().map(|_| 7),
            aio::testing::run(async { 7_u8 }),
        ];
        for error in nested.map(Result::unwrap_err) {
            assert!(error.to_string().contains(advice), "{error}");
        }
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let driven = runtime.block_on(async { seven() }).unwrap_err().to_string();
    assert!(driven.contains("`EventLoop::run`") && driven.contains("`spawn_blocking`"));
    let without_a_budget = tokio::task::unconstrained(async { seven() });
    assert_eq!(
        runtime.block_on(without_a_budget).unwrap_err().to_string(),
        driven
    );
}

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

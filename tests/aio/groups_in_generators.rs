//! Groups around a yield: whoever drives the generator, the group's tasks end as they would elsewhere.

use std::cell::RefCell;
use std::rc::Rc;

use cogen::aio::{self, AsyncGenerator, Error, TaskGroup, create_task, finally, sleep, testing};

use super::secs;

type Log = testing::Recorder<&'static str>;

/// Yields 1 and 2 inside a group whose tasks sleep for a long time, and take a second to clean up.
fn numbers(log: &Log) -> AsyncGenerator<u32> {
    let log = log.clone();
    aio::async_generator(move |co| async move {
        let (owned, borrowed) = (log.clone(), log.clone());
        let group = aio::task_group(async move |group: &TaskGroup<'_>| {
            let task = |log: Log, name| {
                finally(sleep(secs(1000)), async move {
                    sleep(secs(1)).await;
                    log.emit(name);
                })
            };
            group.create_static_task(task(owned, "static"));
            group.create_task(task(borrowed, "borrowing"));
            // They have begun.
            sleep(secs(1)).await;
            co.yield_(1).await;
            co.yield_(2).await;
            aio::ok(())
        });
        finally(group, async move { log.emit("generator") }).await
    })
}

/// In the order in which they end.
const ENDS: [&str; 3] = ["static", "borrowing", "generator"];

fn names(log: &Log) -> Vec<&'static str> {
    log.events().into_iter().map(|(_, name)| name).collect()
}

/// As in CPython, a group's body that `GeneratorExit` leaves makes that an error of the group.
fn is_exit(closed: Result<(), Error>) -> bool {
    format!("{:?}", closed.unwrap_err()).contains("generator exit")
}

#[test]
fn the_task_that_drove_it_closes_it() {
    let log = Log::new();
    testing::run(async {
        let numbers = numbers(&log);
        assert_eq!(numbers.anext().await?, Some(1));
        assert!(is_exit(numbers.aclose().await));
        assert_eq!(names(&log), ENDS);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn another_task_drives_it_on() {
    let log = Log::new();
    testing::run(async {
        let numbers = numbers(&log);
        // The first task ends before the next call.
        let first = numbers.clone();
        assert_eq!(
            create_task(async move { first.anext().await }).await?,
            Some(1)
        );
        sleep(secs(5)).await;
        let second = numbers.clone();
        assert_eq!(
            create_task(async move { second.anext().await }).await?,
            Some(2)
        );
        let third = numbers.clone();
        let closed = create_task(async move { Ok::<_, Error>(third.aclose().await) });
        assert!(is_exit(closed.await?));
        assert_eq!(names(&log), ENDS);
        aio::ok(())
    })
    .unwrap();
}

/// The generator's handle lives on when the loop ends.
#[test]
fn the_loop_closes_it() {
    let log = Log::new();
    let kept = RefCell::new(None);
    let left = Rc::new(RefCell::new(None));
    testing::run(async {
        let numbers = numbers(&log);
        assert_eq!(numbers.anext().await?, Some(1));
        kept.replace(Some(numbers));
        // A task that ends at the end of the loop, after what is cancelled with it.
        let log = log.clone();
        let slow = finally(sleep(secs(1000)), async move {
            sleep(secs(3)).await;
            log.emit("another");
        });
        left.replace(Some(create_task(slow)));
        sleep(secs(0)).await;
        aio::ok(())
    })
    .unwrap();
    // The loop owns the body of a static task.
    assert_eq!(names(&log), ["static", "another", "borrowing", "generator"]);
}

#[test]
fn a_failed_task_is_the_error_of_the_next_call() {
    testing::run(async {
        let numbers = aio::async_generator(|co| async move {
            aio::task_group(async move |group: &TaskGroup<'_>| {
                group.create_static_task(async {
                    sleep(secs(2)).await;
                    Err::<(), _>(Error::new("failed"))
                });
                co.yield_(1).await;
                co.yield_(2).await;
                aio::ok(())
            })
            .await
        });
        let first = numbers.clone();
        assert_eq!(
            create_task(async move { first.anext().await }).await?,
            Some(1)
        );
        sleep(secs(5)).await;
        let failed = numbers.anext().await.unwrap_err();
        assert!(format!("{failed:?}").contains("failed"), "{failed:?}");
        aio::ok(())
    })
    .unwrap();
}

//! What goes for a wait of each kind, and for the end of a group, whatever wakers its tasks poll it with.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use cogen::aio::{self, Error, Task, call_soon, catch_cancelled, create_task, sleep, testing};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::kinds::{End, GROUPS, KINDS, Make, Wait};
use crate::secs;

/// What a wait is polled with.
#[derive(Clone, Copy, Debug)]
enum With {
    OwnWaker,
    CombinatorsWaker,
}

use With::{CombinatorsWaker, OwnWaker};

/// Where a wait lies that no task is polling.
type Shelf = Rc<Cell<Option<Wait>>>;

/// A wait that one task has polled and left to others.
struct Scene {
    shelf: Shelf,
    end: End,
    first: Task<bool>,
}

/// Runs `test` with a wait of each of the kinds that was polled first, and then is to be polled, in each of the
/// ways.
fn for_each(kinds: &[(&str, Make)], test: impl AsyncFn(Scene, With) -> Result<(), Error>) {
    for (kind, make) in kinds {
        for (before, after) in [
            (OwnWaker, OwnWaker),
            (OwnWaker, CombinatorsWaker),
            (CombinatorsWaker, OwnWaker),
            (CombinatorsWaker, CombinatorsWaker),
        ] {
            let ran = catch_unwind(AssertUnwindSafe(|| {
                testing::run(async {
                    let (wait, end) = make();
                    let shelf = Rc::new(Cell::new(Some(wait)));
                    let first = visitor(&shelf, before);
                    turns().await;
                    test(Scene { shelf, end, first }, after).await
                })
            }));
            assert!(
                matches!(ran, Ok(Ok(()))),
                "{kind}, {before:?}, {after:?}: {ran:?}"
            );
        }
    }
}

fn all() -> Vec<(&'static str, Make)> {
    KINDS.into_iter().chain(GROUPS).collect()
}

/// Lets everything happen that takes no time.
async fn turns() {
    for _ in 0..8 {
        sleep(secs(0)).await;
    }
}

async fn poll_once(shelf: &Shelf, with: With) {
    let mut wait = shelf.take().unwrap();
    let polled = match with {
        OwnWaker => futures::poll!(&mut wait).is_pending(),
        CombinatorsWaker => (&mut wait).now_or_never().is_none(),
    };
    assert!(polled, "it is to wait");
    shelf.set(Some(wait));
}

async fn poll_to_end(wait: Wait, with: With) {
    match with {
        OwnWaker => wait.await,
        CombinatorsWaker => FuturesUnordered::from_iter([wait]).collect().await,
    }
}

/// A task that polls the wait once. Then it awaits a child, and gives whether that child has caught a cancel.
fn visitor(shelf: &Shelf, with: With) -> Task<bool> {
    let shelf = shelf.clone();
    create_task(async move {
        poll_once(&shelf, with).await;
        child().await.unwrap()
    })
}

fn child() -> Task<bool> {
    create_task(async { catch_cancelled(sleep(secs(1000))).await.is_err() })
}

/// A cancel of the task goes to its child, which catches it: so the task ends as usual.
async fn passes_a_cancel_on(task: Task<bool>) {
    assert!(!task.done());
    task.cancel();
    assert!(matches!(task.await, Ok(true)));
}

#[test]
fn a_cancel_of_the_task_before_goes_to_what_that_awaits_now() {
    for_each(&KINDS, async |Scene { shelf, end, first }, with| {
        let second = create_task(poll_to_end(shelf.take().unwrap(), with));
        turns().await;
        passes_a_cancel_on(first).await;
        turns().await;
        assert!(!second.done());
        end();
        second.await
    });
}

#[test]
fn a_cancel_of_the_task_after_goes_to_the_wait() {
    for_each(&KINDS, async |Scene { shelf, end, first }, with| {
        let second = create_task(poll_to_end(shelf.take().unwrap(), with));
        turns().await;
        second.cancel();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(0));
        passes_a_cancel_on(first).await;
        drop(end);
        aio::ok(())
    });
}

#[test]
fn a_wait_may_come_back() {
    for_each(&KINDS, async |Scene { shelf, end, first }, with| {
        let second = create_task({
            let shelf = shelf.clone();
            async move {
                poll_once(&shelf, with).await;
                turns().await;
                turns().await;
                poll_to_end(shelf.take().unwrap(), with).await;
            }
        });
        turns().await;
        let third = visitor(&shelf, with);
        turns().await;
        turns().await;
        passes_a_cancel_on(first).await;
        passes_a_cancel_on(third).await;
        assert!(!second.done());
        end();
        second.await
    });
}

/// And it may be dropped while no task runs.
#[test]
fn a_wait_that_is_gone_concerns_no_task() {
    for_each(&KINDS, async |Scene { shelf, end, first }, with| {
        let mut visitors = vec![first];
        for with in [with, OwnWaker, CombinatorsWaker] {
            visitors.push(visitor(&shelf, with));
            turns().await;
        }
        call_soon(move || drop(shelf.take()));
        turns().await;
        for visitor in visitors {
            passes_a_cancel_on(visitor).await;
        }
        drop(end);
        aio::ok(())
    });
}

#[test]
fn a_wait_that_another_task_drops_concerns_neither() {
    for_each(&KINDS, async |Scene { shelf, end, first }, with| {
        let second = create_task(async move {
            poll_once(&shelf, with).await;
            drop(shelf.take());
            child().await.unwrap()
        });
        turns().await;
        passes_a_cancel_on(first).await;
        passes_a_cancel_on(second).await;
        drop(end);
        aio::ok(())
    });
}

/// The wait is the only one that the task is in, though it does not poll it: it has its cancel once.
#[test]
fn a_cancel_that_comes_before_the_wait_moves_is_delivered_once() {
    for (kind, make) in all() {
        for with in [OwnWaker, CombinatorsWaker] {
            let ran = testing::run(async {
                let (wait, end) = make();
                let shelf = Rc::new(Cell::new(Some(wait)));
                let first = create_task({
                    let shelf = shelf.clone();
                    async move {
                        poll_once(&shelf, with).await;
                        let caught = catch_cancelled(pending::<()>()).await.is_err();
                        turns().await;
                        caught && child().await.unwrap()
                    }
                });
                turns().await;
                first.cancel();
                turns().await;
                let second = create_task(async move {
                    drop(shelf.take());
                    child().await.unwrap()
                });
                turns().await;
                passes_a_cancel_on(second).await;
                turns().await;
                passes_a_cancel_on(first).await;
                drop(end);
                aio::ok(())
            });
            assert!(ran.is_ok(), "{kind}, {with:?}: {ran:?}");
        }
    }
}

/// The children of a group have their turns in those of the task that polls it.
#[test]
fn the_end_of_a_group_moves() {
    for_each(&GROUPS, async |Scene { shelf, end, first }, with| {
        let second = create_task(poll_to_end(shelf.take().unwrap(), with));
        turns().await;
        assert!(!second.done());
        passes_a_cancel_on(first).await;
        end();
        second.await
    });
}

#[test]
fn a_group_that_another_task_drops_concerns_neither() {
    for_each(&GROUPS, async |Scene { shelf, end, first }, _| {
        let second = create_task(async move {
            drop(shelf.take());
            child().await.unwrap()
        });
        turns().await;
        passes_a_cancel_on(first).await;
        passes_a_cancel_on(second).await;
        drop(end);
        aio::ok(())
    });
}

/// The panic ends the wait.
#[test]
fn a_wait_that_is_polled_outside_a_task_panics_and_leaves_its_task() {
    for_each(&all(), async |Scene { shelf, end, first }, _| {
        call_soon(move || {
            let wait = shelf.take().unwrap();
            let panic = catch_unwind(AssertUnwindSafe(|| wait.now_or_never())).unwrap_err();
            let message = panic.downcast::<String>().unwrap();
            assert!(message.contains("outside a task"), "{message}");
            assert!(message.contains("kinds.rs"), "{message}");
            shelf.set(Some(Box::pin(async {})));
        });
        turns().await;
        passes_a_cancel_on(first).await;
        drop(end);
        aio::ok(())
    });
}

#[test]
fn a_wait_may_outlive_its_loop() {
    for (kind, make) in all() {
        for (with, in_a_task) in [
            (OwnWaker, false),
            (OwnWaker, true),
            (CombinatorsWaker, false),
            (CombinatorsWaker, true),
        ] {
            let shelf = Shelf::default();
            testing::run(async {
                let (wait, _end) = make();
                shelf.set(Some(wait));
                visitor(&shelf, with);
                turns().await;
            })
            .unwrap();
            if !in_a_task {
                drop(shelf.take());
                continue;
            }
            let ran = testing::run(async {
                let second = create_task(async move {
                    drop(shelf.take());
                    child().await.unwrap()
                });
                turns().await;
                passes_a_cancel_on(second).await;
                aio::ok(())
            });
            assert!(ran.is_ok(), "{kind}, {with:?}: {ran:?}");
        }
    }
}

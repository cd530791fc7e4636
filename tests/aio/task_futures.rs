//! A task's handle is a future: what takes futures takes tasks.

use cogen::aio::{
    self, Error, Promise, ReturnWhen, Task, create_task, current_task, sleep, testing,
};
use futures::future::{Either, FutureExt, join_all, select, select_all, try_join_all};
use futures::stream::{self, FuturesUnordered, StreamExt};
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::secs;

/// A task that gives `n` after as many seconds.
fn later(n: u64) -> Task<u64> {
    create_task(async move {
        sleep(secs(n)).await;
        n
    })
}

#[test]
fn streams_of_futures_take_tasks() {
    testing::run(async {
        let tasks: FuturesUnordered<_> = [3, 1, 2].map(later).into_iter().collect();
        let ended: Vec<_> = tasks.map(Result::unwrap).collect().await;
        assert_eq!(ended, [1, 2, 3]);
        let in_order = stream::iter([3, 1, 2]).map(later).buffered(2);
        assert_eq!(
            in_order.map(Result::unwrap).collect::<Vec<_>>().await,
            [3, 1, 2]
        );
        let unordered = stream::iter([3, 1, 2]).map(later).buffer_unordered(2);
        assert_eq!(
            unordered.map(Result::unwrap).collect::<Vec<_>>().await,
            [1, 3, 2]
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn joins_and_selects_take_tasks() {
    testing::run(async {
        let all: Vec<_> = join_all([3, 1, 2].map(later)).await;
        assert_eq!(all.into_iter().collect::<Result<Vec<_>, _>>()?, [3, 1, 2]);
        assert_eq!(try_join_all([3, 1, 2].map(later)).await?, [3, 1, 2]);
        let (one, two) = tokio::join!(later(1), later(2));
        assert_eq!((one?, two?), (1, 2));
        let (one, two) = futures::try_join!(later(1), later(2))?;
        assert_eq!((one, two), (1, 2));
        let Either::Left((one, slow)) = select(later(1), later(5)).await else {
            panic!("the first is faster");
        };
        assert_eq!((one?, slow.done()), (1, false));
        let (first, at, others) = select_all([slow, later(1), later(2)]).await;
        assert_eq!((first?, at, others.len()), (1, 1, 2));
        assert_eq!(others[0].clone().await?, 5); // they are tasks still
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn forms_of_a_task_are_futures_too() {
    testing::run(async {
        let boxed: Pin<Box<dyn Future<Output = Result<u64, Error>>>> = Box::pin(later(1));
        assert_eq!(boxed.await?, 1);
        assert_eq!(Box::new(later(1)).await?, 1);
        assert_eq!(later(1).map(|n| n.unwrap() + 1).await, 2);
        let shared = later(1).shared();
        let (one, other) = futures::join!(shared.clone(), shared);
        assert_eq!((one?, other?), (1, 1));
        let inside = create_task(later(1)); // a task that awaits a task
        assert_eq!(inside.await?, 1);
        let name = create_task(later(1))
            .boxed_local()
            .await
            .map(|n| n.to_string());
        assert_eq!(name?, "1");
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_task_goes_on_beside_a_select_and_can_be_awaited_after_it() {
    testing::run(async {
        let (mut task, mut beside) = (later(5), 0);
        let value = loop {
            tokio::select! {
                value = &mut task => break value?,
                () = sleep(secs(2)) => beside += 1,
            }
        };
        assert_eq!((value, beside), (5, 2));
        let mut task = later(5);
        tokio::select! {
            biased;
            _ = &mut task => panic!("it sleeps"),
            () = sleep(secs(2)) => {}
        }
        assert_eq!((&task).await?, 5);
        assert_eq!(task.clone().await?, 5);
        assert!(matches!(task.await, Err(Error::InvalidState(_)))); // the clone took it
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_handle_that_was_polled_is_a_handle_as_before() {
    testing::run(async {
        let mut task = later(2);
        assert!((&mut task).now_or_never().is_none());
        let same = aio::ensure_future(task);
        let mut polled = same.clone();
        assert!((&mut polled).now_or_never().is_none() && polled == same);
        let (value, shielded) = aio::gather((&same, aio::shield(&polled))).await?;
        assert_eq!((value, shielded), (2, 2));
        let mut polled = later(2);
        assert!((&mut polled).now_or_never().is_none());
        assert_eq!(aio::wait_for(polled, secs(3)).await?, 2);
        let mut polled = later(2);
        assert!((&mut polled).now_or_never().is_none());
        assert_eq!(aio::gather([polled]).await?, [2]);
        // Nothing of it is left: this cancel is the only one, and goes to the sleep.
        let main = current_task().unwrap();
        aio::call_later(secs(1), move || assert!(main.cancel()));
        assert!(aio::catch_cancelled(sleep(secs(9))).await.is_err());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_is_passed_on_through_a_handle_that_is_polled_in_place() {
    testing::run(async {
        for pinned in [false, true] {
            let mut inner = later(60);
            let handle = inner.clone();
            let outer = create_task(async move {
                if pinned {
                    std::pin::pin!(inner).await
                } else {
                    (&mut inner).await
                }
            });
            sleep(secs(1)).await;
            outer.cancel_with("stop");
            let error = outer.await.unwrap_err();
            assert!(error.is_cancelled() && handle.cancelled(), "{error}");
        }
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_polled_handle_moves_to_another_task() {
    testing::run(async {
        let mut task = later(3);
        assert!((&mut task).now_or_never().is_none());
        let handle = task.clone();
        let moved = create_task(task.map(|value| value.map(|n| n + 1)));
        sleep(secs(1)).await;
        let other = create_task(async move { aio::wait([handle], ReturnWhen::AllCompleted).await });
        assert_eq!((moved.await?, other.await?.0.len()), (4, 1));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_task_that_is_awaited_in_place_says_where() {
    testing::run(async {
        let waits = create_task(async {
            let promise = Promise::<()>::new();
            let inner = create_task({
                let promise = promise.clone();
                async move { promise.await }
            });
            inner.await
        });
        sleep(secs(1)).await;
        let at = waits.suspended_at().unwrap();
        assert!(at.file().ends_with("task_futures.rs"), "{at}");
        waits.cancel();
        assert!(waits.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

/// Counts when it is dropped.
struct Counts(Rc<Cell<usize>>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn values_that_combinators_drop_are_dropped_once() {
    testing::run(async {
        let dropped = Rc::new(Cell::new(0));
        let task = |n: u64| {
            let counts = Counts(dropped.clone());
            create_task(async move {
                sleep(secs(n)).await;
                aio::ok(counts)
            })
        };
        let mut tasks: FuturesUnordered<_> = (1..=10).map(task).collect();
        for _ in 0..4 {
            drop(tasks.next().await);
        }
        assert_eq!((dropped.get(), tasks.len()), (4, 6));
        drop(tasks); // the tasks run on
        sleep(secs(20)).await;
        assert_eq!((dropped.get(), aio::all_tasks().len()), (10, 1));
        aio::ok(())
    })
    .unwrap();
}

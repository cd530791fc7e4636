//! Limits on `gather` and `as_completed`.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, create_task, sleep};

use super::secs;

/// Futures that note how many of them run at once.
fn counted(n: u64, most: &Rc<Cell<u64>>) -> Vec<impl Future<Output = u64> + use<>> {
    let running = Rc::new(Cell::new(0));
    (0..n)
        .map(|i| {
            let (running, most) = (running.clone(), most.clone());
            async move {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                sleep(secs(1 + i % 3)).await;
                running.set(running.get() - 1);
                i
            }
        })
        .collect()
}

#[test]
fn a_gather_runs_no_more_than_its_limit() {
    testing::run(async {
        let most = Rc::default();
        let values = aio::gather(counted(20, &most)).limit(4).await?;
        assert_eq!(values, (0..20).collect::<Vec<_>>());
        assert_eq!(most.get(), 4);
        let most = Rc::default();
        aio::gather_all(counted(20, &most)).limit(3).await;
        assert_eq!(most.get(), 3);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn as_completed_runs_no_more_than_its_limit() {
    testing::run(async {
        let most = Rc::default();
        let mut completed = aio::as_completed(counted(20, &most)).limit(5);
        let mut seen = Vec::new();
        while let Some(value) = completed.next().await {
            seen.push(value?);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
        assert_eq!(most.get(), 5);
        aio::ok(())
    })
    .unwrap();
}

/// The limit is raised and lowered, before the children run and while they do.
#[test]
fn the_last_limit_counts() {
    for (limits, turns) in [
        (vec![1, 3], 0),
        (vec![5, 1, 3], 0),
        (vec![1, 3], 1),
        (vec![1, 1, 3], 2),
    ] {
        testing::run(async move {
            let most = Rc::default();
            let mut gather = aio::gather(counted(12, &most));
            for &limit in &limits {
                gather = gather.limit(limit);
                for _ in 0..turns {
                    sleep(secs(0)).await;
                }
            }
            assert_eq!(gather.await?, (0..12).collect::<Vec<_>>());
            assert_eq!(most.get(), 3);

            let most = Rc::default();
            let mut completed = aio::as_completed(counted(12, &most));
            for &limit in &limits {
                completed = completed.limit(limit);
                for _ in 0..turns {
                    sleep(secs(0)).await;
                }
            }
            let mut seen = 0;
            while let Some(value) = completed.next().await {
                value?;
                seen += 1;
            }
            assert_eq!((seen, most.get()), (12, 3));
            aio::ok(())
        })
        .unwrap();
    }
}

/// A task has one step for each wake, and begins in its place in the order.
#[test]
fn a_limit_that_is_lifted_is_as_none() {
    let polls = |limits: &'static [usize]| {
        let log = Recorder::new();
        let polls = log.clone();
        testing::run(async move {
            let mut gather = aio::gather([0, 1, 2].map(|n| {
                let (polls, mut nap) = (polls.clone(), Box::pin(sleep(secs(1))));
                poll_fn(move |cx| {
                    polls.emit(n);
                    nap.as_mut().poll(cx)
                })
            }));
            for &limit in limits {
                gather = gather.limit(limit);
            }
            gather.await
        })
        .unwrap();
        log.events()
    };
    assert_eq!(polls(&[1, 3]), polls(&[]));
}

#[test]
fn a_limit_holds_nobody_elses_tasks() {
    testing::run(async {
        let most = Rc::default();
        let gather = aio::gather(counted(3, &most));
        let other = create_task(async { testing::elapsed() });
        let gather = gather.limit(1);
        assert_eq!(other.await?, secs(0));
        gather.await?;
        assert_eq!(most.get(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_ends_those_that_the_limit_holds() {
    testing::run(async {
        let most = Rc::default();
        let gather = aio::gather(counted(20, &most)).limit(2);
        let task = create_task(async move { gather.await });
        sleep(secs(0)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        sleep(secs(0)).await;
        assert_eq!(testing::census().tasks, 1);
        assert!(most.get() <= 2);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_limit_lets_errors_out_and_the_rest_run_on() {
    testing::run(async {
        let ended = Rc::new(Cell::new(0));
        let children: Vec<_> = (0..6)
            .map(|n| {
                let ended = ended.clone();
                async move {
                    sleep(secs(1)).await;
                    ended.set(ended.get() + 1);
                    if n == 0 {
                        Err(aio::Error::new("first"))
                    } else {
                        Ok(n)
                    }
                }
            })
            .collect();
        let failed = aio::gather(children).limit(2).await;
        assert_eq!(failed.unwrap_err().to_string(), "first");
        sleep(secs(10)).await;
        assert_eq!(ended.get(), 6);
        aio::ok(())
    })
    .unwrap();
}

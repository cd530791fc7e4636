//! Limits on `gather` and `as_completed`.

use std::cell::Cell;
use std::rc::Rc;

use cogen::aio::{self, create_task, sleep, testing};

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

use std::time::Duration;

use cogen::aio::{self, Error, testing};
use cogen::process::job;

use crate::pool;

/// Ends when the file exists, and removes it.
fn when_it_is_there(path: String) -> u8 {
    while std::fs::remove_file(&path).is_err() {
        std::thread::yield_now();
    }
    1
}

#[test]
fn a_wait_that_is_cancelled_leaves_the_job_and_the_pool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go");
    let name = path.to_str().unwrap().to_owned();
    let pool = pool(1);
    let wait = job!(when_it_is_there);
    aio::run(async {
        let waiting = aio::create_task(pool.apply_async(wait, name.clone()));
        aio::sleep(Duration::ZERO).await;
        waiting.cancel();
        assert!(waiting.await.unwrap_err().is_cancelled());
        let timeout = aio::timeout(Duration::ZERO, pool.apply_async(wait, name.clone())).await;
        assert!(matches!(timeout, Err(Error::Timeout)));
        aio::ok(())
    })
    .unwrap();
    // Both jobs end, and a third one runs.
    let third = pool.apply_async(wait, name);
    while !third.ready() {
        std::fs::write(&path, "").unwrap();
    }
    assert_eq!(third.get(), Ok(1));
}

#[test]
fn a_wait_with_a_limit_gives_the_wait_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go");
    let pool = pool(1);
    let name = path.to_str().unwrap().to_owned();
    let waiting = pool.apply_async(job!(when_it_is_there), name);
    let waiting = waiting.get_timeout(Duration::ZERO).unwrap_err();
    assert!(!waiting.ready());
    std::fs::write(&path, "").unwrap();
    assert_eq!(waiting.get_timeout(Duration::MAX).unwrap(), Ok(1));
}

#[test]
fn a_value_that_came_before_the_wait_is_no_suspension() {
    let pool = pool(1);
    let (value, other) = aio::run(async {
        let result = pool.apply_async(job!(|n: u8| n), 1);
        while !result.ready() {
            std::thread::yield_now();
        }
        let other = aio::create_task(async {});
        aio::ok((result.await?, other.done()))
    })
    .unwrap();
    assert_eq!((value, other), (1, false));
}

#[test]
fn results_go_to_other_executors_too() {
    let pool = pool(1);
    let value = futures::executor::block_on(pool.apply_async(job!(|n: u8| n), 1));
    assert_eq!(value, Ok(1));
}

/// The virtual clock stands still while a task waits for a job, as it does for `to_thread`.
#[test]
fn a_job_is_at_work_for_a_loop_with_a_virtual_clock() {
    let pool = pool(2);
    testing::run(async {
        let job = job!(|n: u64| n * n);
        assert_eq!(pool.apply_async(job, 4).await?, 16);
        let one = aio::timeout(Duration::from_secs(1), pool.apply_async(job, 5)).await?;
        assert_eq!(one, 25);
        let map = pool.map(job, 0..5);
        let (all, nap) = aio::gather((
            async move { aio::ok(map.await?) },
            aio::sleep(Duration::from_hours(1)),
        ))
        .await?;
        assert_eq!((all, nap), (vec![0, 1, 4, 9, 16], ()));
        let mut items = pool.imap_unordered(job, 0..20);
        let mut sum = 0;
        while let Some(item) = items.next().await {
            sum += item?;
        }
        assert_eq!(sum, 2470);
        assert_eq!(testing::elapsed(), Duration::from_hours(1));
        aio::ok(())
    })
    .unwrap();
}

/// What nobody waits for is not work for the loop: its clock goes on, and it sees a deadlock.
#[test]
fn a_job_that_nobody_waits_for_holds_no_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go");
    let pool = pool(1);
    let outcome = testing::run(async {
        let name = path.to_str().unwrap().to_owned();
        let mut waits = Box::pin(pool.apply_async(job!(when_it_is_there), name));
        let polled = futures::poll!(&mut waits);
        assert!(polled.is_pending());
        drop(waits);
        aio::sleep(Duration::from_hours(1)).await;
        std::future::pending::<()>().await;
    });
    assert!(outcome.unwrap_err().to_string().starts_with("deadlock"));
    std::fs::write(&path, "").unwrap();
}

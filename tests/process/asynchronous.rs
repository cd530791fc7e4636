use std::time::Duration;

use cogen::aio::{self, Error};
use cogen::process::{JobError, job};

use crate::pool;

async fn doubled(n: u32) -> u32 {
    aio::sleep(Duration::from_millis(1)).await;
    n * 2
}

#[test]
fn an_async_function_runs_on_a_loop_in_the_worker() {
    let pool = pool(2);
    let values = aio::run(async { aio::ok(pool.map(job!(async doubled), 0..20).await?) });
    assert_eq!(values.unwrap(), (0..20).map(|n| n * 2).collect::<Vec<_>>());
}

#[test]
fn tasks_and_semaphores_are_there_in_the_worker() {
    async fn most_at_a_time(count: usize) -> Result<(usize, usize), Error> {
        let semaphore = aio::Semaphore::new(3);
        let (now, most) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let one = async || {
            let _permit = semaphore.acquire().await;
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            aio::sleep(Duration::ZERO).await;
            now.set(now.get() - 1);
        };
        let all = futures::future::join_all((0..count).map(|_| one())).await;
        Ok((all.len(), most.get()))
    }
    let pool = pool(1);
    let outcome = pool.apply_async(job!(async most_at_a_time), 20).get();
    assert_eq!(outcome, Ok((20, 3)));
}

#[test]
fn an_error_of_an_async_function_is_its_text() {
    let pool = pool(1);
    let times_out =
        job!(async |()| { aio::timeout(Duration::ZERO, std::future::pending::<()>()).await });
    let failed = JobError::Failed(Error::Timeout.to_string());
    assert_eq!(pool.apply_async(times_out, ()).get(), Err(failed));
}

#[test]
fn a_stream_gives_items_as_they_come() {
    let pool = pool(1);
    // The job does not end, but its item comes at once.
    let endless = job!(stream |n: u32| {
        aio::async_generator(move |co| async move {
            co.yield_(n).await;
            std::future::pending::<()>().await;
        })
        .items()
    });
    let mut items = pool.stream(endless, [5]);
    assert_eq!(items.get_next(), Some(Ok(5)));
    pool.terminate();
    assert_eq!(items.get_next(), Some(Err(JobError::Terminated)));
    assert_eq!(items.get_next(), None);
}

#[test]
fn a_stream_of_each_item_ends_when_all_have() {
    let pool = pool(2);
    let count = job!(stream |top: u32| futures::stream::iter(0..top));
    let mut items = pool.stream(count, [3, 0, 2]);
    let mut seen = Vec::new();
    while let Some(item) = items.get_next() {
        seen.push(item.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 0, 1, 1, 2]);
}

#[test]
fn an_error_in_a_stream_ends_it() {
    let pool = pool(1);
    let fails = job!(stream |n: u32| {
        futures::stream::iter([Ok(n), Err(Error::new("no more")), Ok(n + 1)])
    });
    let mut items = pool.stream(fails, [1]);
    assert_eq!(items.get_next(), Some(Ok(1)));
    let failed = JobError::Failed("no more".to_owned());
    assert_eq!(items.get_next(), Some(Err(failed)));
    assert_eq!(items.get_next(), None);
}

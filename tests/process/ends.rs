use cogen::aio;
use cogen::process::{JobError, PoolError, job};

use crate::pool;

/// Never returns.
fn hang(_: ()) {
    loop {
        std::thread::park();
    }
}

/// Whether a process with this number exists, alive or not yet waited for.
fn exists(pid: u32) -> bool {
    let status = std::process::Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(std::process::Stdio::null())
        .status();
    status.unwrap().success()
}

#[test]
fn a_closed_pool_ends_what_it_has_and_takes_no_more() {
    let pool = pool(2);
    let pids = pool.pids();
    let same = job!(|n: u32| n);
    let before = pool.map(same, 0..30);
    pool.close();
    let after = pool.apply_async(same, 1);
    assert_eq!(after.get(), Err(JobError::Closed));
    pool.join().unwrap();
    assert_eq!(before.get(), Ok((0..30).collect()));
    assert!(!pids.into_iter().any(exists));
    // Closing and joining it again is not an error.
    pool.close();
    pool.join().unwrap();
}

#[test]
fn a_pool_that_is_open_is_not_joined() {
    let pool = pool(1);
    assert!(matches!(pool.join(), Err(PoolError::StillRunning)));
    let error = aio::run(pool.joined()).unwrap_err();
    assert_eq!(error.to_string(), "the pool is still running");
}

#[test]
fn a_pool_is_joined_on_the_loop() {
    let pool = pool(2);
    let values = pool.map(job!(|n: u32| n), 0..3);
    pool.close();
    aio::run(pool.joined()).unwrap();
    assert!(pool.pids().is_empty());
    assert_eq!(values.get(), Ok(vec![0, 1, 2]));
}

#[test]
fn terminate_ends_what_runs_and_what_waits() {
    let pool = pool(2);
    let pids = pool.pids();
    let hanging = pool.map(job!(hang), [(); 5]);
    pool.terminate();
    let outcomes = aio::run(async { aio::ok(hanging.each().await) });
    assert_eq!(outcomes.unwrap(), vec![Err(JobError::Terminated); 5]);
    assert_eq!(
        pool.apply_async(job!(hang), ()).get(),
        Err(JobError::Terminated)
    );
    pool.join().unwrap();
    assert!(!pids.into_iter().any(exists));
}

#[test]
fn drop_terminates() {
    let pool = pool(2);
    let pids = pool.pids();
    let hanging = pool.apply_async(job!(hang), ());
    drop(pool);
    assert!(!pids.into_iter().any(exists));
    assert_eq!(hanging.get(), Err(JobError::Terminated));
}

#[test]
fn two_pools_are_apart() {
    let (one, other) = (pool(1), pool(1));
    let pid = job!(|()| std::process::id());
    assert_ne!(
        one.apply_async(pid, ()).get(),
        other.apply_async(pid, ()).get()
    );
    drop(one);
    assert_eq!(other.apply_async(job!(|n: u8| n), 1).get(), Ok(1));
}

#[test]
fn a_worker_may_have_a_pool() {
    fn squares(top: u32) -> Result<Vec<u32>, aio::Error> {
        let pool = cogen::process::ProcessPool::new(2)?;
        Ok(pool.map(job!(|n: u32| n * n), 0..top).get()?)
    }
    let pool = pool(1);
    assert_eq!(
        pool.apply_async(job!(squares), 4).get(),
        Ok(vec![0, 1, 4, 9])
    );
}

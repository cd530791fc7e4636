use cogen::aio;
use cogen::process::{JobError, job};

use crate::{kill, kill_me, pool};

fn killed_at_seven(n: u32) -> u32 {
    if n == 7 {
        kill_me();
    }
    n
}

#[track_caller]
fn assert_killed<T: std::fmt::Debug>(outcome: &Result<T, JobError>) {
    let Err(error @ JobError::Died(death)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((death.signal(), death.code()), (Some(9), None));
    let text = "the worker process died: killed by signal 9 (SIGKILL)";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_worker_killed_in_a_map_fails_its_job_alone() {
    let pool = pool(3);
    let outcomes = aio::run(async { aio::ok(pool.map(job!(killed_at_seven), 0..50).each().await) });
    let outcomes = outcomes.unwrap();
    assert_killed(&outcomes[7]);
    for (n, outcome) in (0..50).zip(&outcomes).filter(|&(n, _)| n != 7) {
        assert_eq!(outcome, &Ok(n));
    }
    // The pool goes on.
    assert_eq!(
        pool.map(job!(killed_at_seven), 8..20).get(),
        Ok((8..20).collect())
    );
    assert_eq!(pool.pids().len(), 3);
}

#[test]
fn a_map_with_a_death_in_it_has_that_error() {
    let pool = pool(2);
    assert_killed(&pool.map(job!(killed_at_seven), 0..10).get());
}

#[test]
fn a_pool_of_one_goes_on_after_each_death() {
    let pool = pool(1);
    for _ in 0..5 {
        assert_killed(&pool.apply_async(job!(killed_at_seven), 7).get());
        assert_eq!(pool.apply_async(job!(killed_at_seven), 1).get(), Ok(1));
    }
}

#[test]
fn an_idle_worker_that_is_killed_loses_nothing() {
    let pool = pool(5);
    let one = job!(|()| 1_u8);
    assert_eq!(pool.apply_async(one, ()).get(), Ok(1));
    for pid in pool.pids() {
        kill(pid);
    }
    assert_eq!(pool.map(one, [(); 20]).get(), Ok(vec![1; 20]));
    for pid in pool.pids() {
        kill(pid);
    }
    let last = pool.apply_async(one, ());
    pool.close();
    assert_eq!(last.get(), Ok(1));
}

#[test]
fn a_worker_that_exits_says_with_what() {
    let pool = pool(1);
    let exit = job!(|code: i32| {
        if code >= 0 {
            std::process::exit(code);
        }
    });
    for code in [0, 3] {
        let outcome = pool.apply_async(exit, code).get();
        assert!(matches!(outcome, Err(JobError::Died(death)) if death.code() == Some(code)));
    }
    assert_eq!(pool.apply_async(exit, -1).get(), Ok(()));
}

/// The children that a worker has started do not hide its death.
#[test]
fn a_worker_is_dead_while_its_children_live() {
    fn leaves_a_child(path: String) {
        let child = std::process::Command::new("sleep").arg("600").spawn();
        std::fs::write(path, child.unwrap().id().to_string()).unwrap();
        kill_me();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let name = path.to_str().unwrap().to_owned();
    let pool = pool(1);
    assert_killed(&pool.apply_async(job!(leaves_a_child), name).get());
    kill(std::fs::read_to_string(path).unwrap().parse().unwrap());
}

#[test]
fn a_panic_is_an_error_with_its_message() {
    let pool = pool(2);
    let panics = job!(|n: u32| {
        assert_ne!(n, 3, "three is not wanted");
        n
    });
    let outcomes = aio::run(async { aio::ok(pool.map(panics, 0..6).each().await) }).unwrap();
    for (n, outcome) in (0..6).zip(outcomes) {
        match outcome {
            Ok(value) => assert_eq!(value, n),
            Err(JobError::Panicked(message)) => {
                assert_eq!(n, 3);
                assert!(message.contains("three is not wanted"), "{message}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_panic_in_an_async_job_is_an_error_with_its_message() {
    let pool = pool(1);
    let panics = job!(async |n: u32| {
        aio::sleep(std::time::Duration::ZERO).await;
        assert_ne!(n, 1, "one");
        n
    });
    let panicked = pool.apply_async(panics, 1).get();
    assert!(matches!(panicked, Err(JobError::Panicked(message)) if message.contains("one")));
    assert_eq!(pool.apply_async(panics, 2).get(), Ok(2));
}

#[test]
fn a_worker_whose_job_panics_is_replaced() {
    let pool = pool(1);
    let pid = job!(|panics: bool| {
        assert!(!panics);
        std::process::id()
    });
    let first = pool.apply_async(pid, false).get().unwrap();
    assert_eq!(pool.apply_async(pid, false).get(), Ok(first));
    pool.apply_async(pid, true).get().unwrap_err();
    assert_ne!(pool.apply_async(pid, false).get(), Ok(first));
}

#[test]
fn items_that_came_before_a_death_stay() {
    let pool = pool(2);
    let count = job!(stream |top: u32| {
        aio::async_generator(move |co| async move {
            for n in 0..10 {
                if n == top {
                    kill_me();
                }
                co.yield_(n).await;
            }
        })
        .items()
    });
    let mut items = pool.stream(count, [4, 100]);
    let mut values = Vec::new();
    let mut deaths = 0;
    while let Some(item) = items.get_next() {
        match item {
            Ok(value) => values.push(value),
            died => {
                assert_killed(&died);
                deaths += 1;
            }
        }
    }
    values.sort_unstable();
    assert_eq!(deaths, 1);
    assert_eq!(values, [0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9]);
}

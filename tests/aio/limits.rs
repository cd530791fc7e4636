//! Limits on `gather` and `as_completed`.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, Child, Promise, all_tasks, create_task, sleep};

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

/// A gather with a limit of one, whose first child runs, and handles of its tasks.
async fn one_at_a_time(
    most: &Rc<Cell<u64>>,
) -> (aio::GatherAll<Vec<aio::Task<u64>>>, Vec<aio::TaskHandle>) {
    let before = all_tasks().len();
    let gather = aio::gather_all(counted(5, most)).limit(1);
    let tasks = all_tasks().split_off(before);
    sleep(secs(0)).await;
    (gather, tasks)
}

#[test]
fn a_held_child_that_ends_in_the_turn_of_another_makes_no_place_free() {
    testing::run(async {
        let most = Rc::default();
        let (gather, tasks) = one_at_a_time(&most).await;
        // The first child ends after a second: in that turn the next one is cancelled.
        aio::call_later(secs(1), move || {
            tasks[1].cancel();
        });
        let values = gather.await;
        assert_eq!(values.iter().filter(|value| value.is_ok()).count(), 4);
        assert_eq!(most.get(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_held_child_whose_cancel_is_taken_back_is_held_again() {
    testing::run(async {
        let most = Rc::default();
        let (gather, tasks) = one_at_a_time(&most).await;
        for task in &tasks[1..] {
            task.cancel();
            task.uncancel();
        }
        assert!(gather.await.iter().all(Result::is_ok));
        assert_eq!(most.get(), 1);
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
    let other = || create_task(async { testing::elapsed() });
    testing::run(async {
        let most = Rc::default();
        let gather = aio::gather(counted(3, &most));
        let tasks = other();
        let gather = gather.limit(1);
        assert_eq!(tasks.await?, secs(0));
        gather.await?;

        let gather = aio::gather_all(counted(3, &most));
        let (now, tasks) = (testing::elapsed(), other());
        let gather = gather.limit(1);
        assert_eq!(tasks.await?, now);
        gather.await;

        let completed = aio::as_completed(counted(3, &most));
        let (now, tasks) = (testing::elapsed(), other());
        let mut completed = completed.limit(1);
        assert_eq!(tasks.await?, now);
        while completed.next().await.is_some() {}
        assert_eq!(most.get(), 1);
        aio::ok(())
    })
    .unwrap();
}

/// It would be a deadlock if that task were held as well.
#[test]
fn a_child_may_wait_for_a_task_that_was_made_after_it() {
    type Tell = Promise<u8>;
    let child = |told: &Tell| {
        let told = told.clone();
        async move { told.await.unwrap() }
    };
    let tells = |told: Tell| create_task(async move { told.set_result(7).unwrap() });
    testing::run(async {
        let told = Tell::new();
        let gather = aio::gather([child(&told)]);
        tells(told);
        assert_eq!(gather.limit(1).await?, [7]);

        let told = Tell::new();
        let gather = aio::gather_all((child(&told),));
        tells(told);
        assert_eq!(gather.limit(1).await.0?, 7);

        let told = Tell::new();
        let completed = aio::as_completed([child(&told)]);
        tells(told);
        assert_eq!(completed.limit(1).next().await.unwrap()?, 7);
        aio::ok(())
    })
    .unwrap();
}

/// Even if an iterator makes them when they are asked for.
#[test]
fn tasks_among_the_children_are_not_held() {
    testing::run(async {
        let most = Rc::default();
        let mut completed =
            aio::as_completed(counted(6, &most).into_iter().map(create_task)).limit(1);
        while completed.next().await.is_some() {}
        assert_eq!(most.get(), 6);
        aio::ok(())
    })
    .unwrap();
}

/// Neither does their end make room.
#[test]
fn tasks_among_the_children_do_not_count() {
    testing::run(async {
        let most = Rc::default();
        let task = create_task(sleep(secs(0)));
        let mut children = counted(3, &most).into_iter();
        let mut child = || children.next().unwrap();
        let gather = aio::gather((&task, child(), task.clone(), child(), child())).limit(1);
        let (.., two) = gather.await?;
        assert_eq!((two, most.get()), (2, 1));
        aio::ok(())
    })
    .unwrap();
}

/// A type of a program's own.
struct Job(Rc<Cell<u64>>);

impl Child for Job {
    type Source = aio::Task<u64>;

    fn makes_task() -> bool {
        true
    }

    fn into_source(self) -> aio::Task<u64> {
        create_task(counted(1, &self.0).pop().unwrap())
    }
}

#[test]
fn a_type_of_ones_own_says_whether_it_is_held() {
    testing::run(async {
        let begun = Rc::new(Cell::new(0));
        let _gather = aio::gather([Job(begun.clone())]).limit(1);
        let held = Rc::new(Cell::new(0));
        let _gather = aio::gather((Job(begun.clone()), Job(held.clone()))).limit(1);
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        assert_eq!((begun.get(), held.get()), (1, 0));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn children_begin_after_their_limit_is_set() {
    testing::run(async {
        let most = Rc::default();
        let gather = aio::gather(counted(9, &most));
        assert_eq!(most.get(), 0);
        let gather = gather.limit(3);
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        assert_eq!(most.get(), 3);
        gather.await?;
        assert_eq!(most.get(), 3);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn many_children_have_a_limit() {
    let n = if cfg!(miri) { 100 } else { 10_000 };
    testing::run(async move {
        let most = Rc::default();
        let values = aio::gather(counted(n, &most)).limit(3).await?;
        assert_eq!(values, (0..n).collect::<Vec<_>>());
        let each = aio::gather_all(counted(n, &most)).limit(3).await;
        assert!(each.iter().all(Result::is_ok));
        let mut completed = aio::as_completed(counted(n, &most)).limit(3);
        let mut seen = 0;
        while let Some(value) = completed.next().await {
            value?;
            seen += 1;
        }
        assert_eq!((seen, most.get()), (n, 3));
        aio::ok(())
    })
    .unwrap();
}

/// Those that are cancelled while they are held had no place, so none becomes free.
#[test]
fn a_cancel_of_a_child_that_is_held_lets_no_other_begin() {
    testing::run(async {
        let most = Rc::default();
        let gather = aio::gather_all(counted(6, &most)).limit(2);
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        for name in ["Task-5", "Task-7"] {
            let held = all_tasks().into_iter().find(|task| task.name() == name);
            assert!(held.unwrap().cancel());
        }
        let each = gather.await;
        let ended: Vec<_> = each.iter().map(|end| end.as_ref().ok().copied()).collect();
        assert_eq!(ended, [Some(0), Some(1), Some(2), None, Some(4), None]);
        assert_eq!(most.get(), 2);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_of_many_ends_those_that_the_limit_holds() {
    let n = if cfg!(miri) { 100 } else { 10_000 };
    testing::run(async move {
        let most = Rc::default();
        let gather = aio::gather_all(counted(n, &most)).limit(3);
        let task = create_task(async move { gather.await });
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!((testing::census().tasks, most.get()), (1, 3));
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

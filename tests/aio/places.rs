//! Limits, groups and clean-ups beside each other in one task: a limit ends its own block, and a cancel of the task
//! reaches every place where it waits.

use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{
    self, Error, Promise, catch_cancelled, create_task, current_task, finally, sleep,
};
use cogen::aio::{TaskGroup, task_group, timeout, wait_for};
use futures::StreamExt;
use futures::future::{join_all, select};
use futures::stream::{self, FuturesUnordered};

use super::secs;

/// Sleeps for `nap` seconds, for `limit` at most. Gives whether it was late, and when it ended.
async fn limited(limit: u64, nap: u64) -> (bool, u64) {
    let late = match timeout(secs(limit), sleep(secs(nap))).await {
        Ok(()) => false,
        Err(error) => {
            assert!(error.is_timeout(), "{error}");
            true
        }
    };
    (late, testing::elapsed().as_secs())
}

fn cancelling() -> u32 {
    current_task().unwrap().cancelling()
}

fn run<F: Future<Output = ()>>(main: F) {
    testing::run(async {
        main.await;
        assert_eq!(cancelling(), 0);
        assert_eq!(testing::census().timers, 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn limits_beside_each_other_end_their_own_blocks() {
    run(async {
        let all = futures::join!(limited(1, 9), limited(2, 9), limited(5, 3), limited(4, 9));
        assert_eq!(all, ((true, 1), (true, 2), (false, 3), (true, 4)));
    });
    run(async {
        let all = tokio::join!(limited(1, 9), limited(7, 5), limited(2, 9));
        assert_eq!(all, ((true, 1), (false, 5), (true, 2)));
    });
    run(async {
        let all = join_all([(3, 9), (1, 9), (2, 1)].map(|(limit, nap)| limited(limit, nap))).await;
        assert_eq!(all, [(true, 3), (true, 1), (false, 1)]);
    });
    run(async {
        let all: FuturesUnordered<_> = (1..5).map(|n| limited(n, 9)).collect();
        let all: Vec<_> = all.collect().await;
        assert_eq!(all, [(true, 1), (true, 2), (true, 3), (true, 4)]);
    });
    run(async {
        let each = stream::iter([(1, 9), (3, 2), (2, 9)]).map(|(limit, nap)| limited(limit, nap));
        let all: Vec<_> = each.buffered(2).collect().await;
        assert_eq!(all, [(true, 1), (false, 2), (true, 3)]);
    });
}

/// All of them at the same instant. A limit comes before a sleep in it that began later, as it does alone.
#[test]
fn limits_that_come_together_end_their_own_blocks() {
    run(async {
        assert_eq!(limited(1, 1).await, (true, 1));
    });
    run(async {
        let all = futures::join!(limited(1, 9), limited(1, 9), limited(1, 1), limited(1, 9));
        assert_eq!(all, ((true, 1), (true, 1), (true, 1), (true, 1)));
    });
    run(async {
        let both = timeout(secs(1), async {
            futures::join!(limited(1, 9), limited(3, 9))
        });
        assert!(both.await.unwrap_err().is_timeout());
        assert_eq!(testing::elapsed(), secs(1));
    });
}

#[test]
fn the_limit_of_one_arm_of_a_select_leaves_the_other_alone() {
    run(async {
        let first =
            tokio::select! { biased; one = limited(1, 9) => one, other = limited(9, 5) => other };
        assert_eq!(first, (true, 1));
        let second = futures::select! {
            one = Box::pin(futures::FutureExt::fuse(limited(9, 3))) => one,
            other = Box::pin(futures::FutureExt::fuse(limited(1, 9))) => other,
        };
        assert_eq!(second, (true, 2));
    });
}

/// While the other arm awaits, nothing polls the block.
#[test]
fn a_limit_in_a_loop_comes_when_its_block_is_polled() {
    run(async {
        let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
        tx.send(()).unwrap();
        let mut work = pin!(timeout(secs(1), finally(sleep(secs(9)), sleep(secs(1)))));
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut work => break ended,
                Some(()) = rx.recv() => sleep(secs(3)).await,
            }
        };
        assert!(ended.unwrap_err().is_timeout());
        assert_eq!(testing::elapsed(), secs(4));
    });
}

#[test]
fn waits_with_a_limit_stand_side_by_side() {
    run(async {
        let all = join_all((1..4).map(|n| wait_for(sleep(secs(60)), secs(n)))).await;
        assert!(all.into_iter().all(|one| one.unwrap_err().is_timeout()));
        assert_eq!(testing::elapsed(), secs(3));
        assert_eq!(testing::census().tasks, 1);
    });
}

/// A group, one of whose tasks fails after a while.
async fn fails(after: u64) -> Result<(), Error> {
    task_group(async |group| {
        group.create_task(async move {
            sleep(secs(after)).await;
            Err::<(), _>(Error::new("broken"))
        });
        sleep(secs(60)).await;
    })
    .await
}

#[test]
fn groups_and_limits_stand_side_by_side() {
    run(async {
        let (one, two, late) = futures::join!(fails(1), fails(2), limited(3, 9));
        assert!(matches!(one, Err(Error::Group(_))), "{one:?}");
        assert!(matches!(two, Err(Error::Group(_))), "{two:?}");
        assert_eq!(late, (true, 3));
    });
    run(async {
        let (one, two) = futures::join!(fails(1), fails(1));
        assert!(one.is_err() && two.is_err());
        assert_eq!(testing::elapsed(), secs(1));
    });
}

#[test]
fn a_limit_is_not_taken_by_a_scope_beside_it() {
    run(async {
        let (late, caught) = futures::join!(limited(1, 9), catch_cancelled(sleep(secs(3))));
        assert_eq!(late, (true, 1));
        assert!(caught.is_ok());
    });
}

/// A task that cleans up in several places, each in its own time.
fn cleans_up(log: &Recorder<u64>, times: &'static [u64]) -> aio::Task<()> {
    let log = log.clone();
    create_task(async move {
        let each = times.iter().map(|&time| {
            let log = log.clone();
            finally(sleep(secs(60)), async move {
                sleep(secs(time)).await;
                log.emit(time);
            })
        });
        join_all(each).await;
    })
}

#[test]
fn a_cancel_of_the_task_cleans_up_in_every_place() {
    for times in [&[1, 1][..], &[2, 1], &[1, 2, 3], &[3, 1, 2]] {
        let log = Recorder::new();
        run(async {
            let task = cleans_up(&log, times);
            sleep(secs(1)).await;
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
        });
        let mut expected: Vec<_> = times.iter().map(|&time| (secs(1 + time), time)).collect();
        expected.sort_unstable();
        assert_eq!(log.events(), expected);
    }
}

#[test]
fn a_limit_cleans_up_in_every_place_of_its_block() {
    let log = Recorder::new();
    run(async {
        let clean = |time| {
            let log = log.clone();
            finally(sleep(secs(60)), async move {
                sleep(secs(time)).await;
                log.emit(time);
            })
        };
        let block = async { futures::join!(clean(3), clean(1), catch_cancelled(clean(2))) };
        assert!(timeout(secs(1), block).await.unwrap_err().is_timeout());
        assert_eq!(testing::elapsed(), secs(4));
    });
    assert_eq!(log.events(), [(secs(2), 1), (secs(3), 2), (secs(4), 3)]);
}

/// The other place goes on with its clean-up, though the first one's has failed.
#[test]
fn the_error_of_a_clean_up_waits_for_the_others() {
    let log = Recorder::new();
    run(async {
        let task = create_task({
            let log = log.clone();
            async move {
                let fails = finally(sleep(secs(60)), async {
                    Error::new("no clean-up").raise().await;
                });
                let cleans = finally(sleep(secs(60)), async {
                    sleep(secs(2)).await;
                    log.emit(());
                });
                futures::join!(fails, cleans);
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert_eq!(task.await.unwrap_err().to_string(), "no clean-up");
    });
    assert_eq!(log.events(), [(secs(3), ())]);
}

#[test]
fn a_place_that_swallows_its_cancel_does_not_keep_the_others() {
    run(async {
        let task = create_task(async {
            let swallows = async {
                catch_cancelled(sleep(secs(60))).await.unwrap_err();
                sleep(secs(5)).await;
            };
            futures::join!(finally(sleep(secs(60)), sleep(secs(1))), swallows);
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(2));
    });
}

#[test]
fn a_second_cancel_interrupts_every_clean_up() {
    let log = Recorder::new();
    run(async {
        let task = cleans_up(&log, &[3, 1, 3]);
        sleep(secs(1)).await;
        task.cancel();
        sleep(secs(2)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(3));
    });
    assert_eq!(log.events(), [(secs(2), 1)]);
}

/// Each place passes the cancel on to the task that it waits for.
#[test]
fn every_place_passes_the_cancel_on() {
    run(async {
        let slow = |time| create_task(finally(sleep(secs(60)), sleep(secs(time))));
        let (one, two, three) = (slow(1), slow(3), slow(2));
        let task = create_task({
            let (one, two, three) = (one.clone(), two.clone(), three.clone());
            async move {
                let (limited, caught, beside) = futures::join!(
                    timeout(secs(50), one),
                    catch_cancelled(async { two.await.unwrap() }),
                    three
                );
                drop((limited, caught, beside));
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(one.cancelled() && two.cancelled() && three.cancelled());
        assert_eq!(testing::elapsed(), secs(4));
    });
}

/// All places are dropped before they are polled: the cancel is not lost with them.
#[test]
fn a_cancel_is_not_lost_with_its_places() {
    run(async {
        let told = Promise::<()>::new();
        let went_on = Rc::new(Cell::new(false));
        let task = create_task({
            let (mut tell, went_on) = (
                Box::pin(futures::channel::oneshot::channel::<()>()),
                went_on.clone(),
            );
            let told = told.clone();
            async move {
                create_task(async move {
                    told.await.unwrap();
                    current_task().unwrap();
                });
                let places = async {
                    futures::join!(
                        finally(pending::<()>(), async {}),
                        catch_cancelled(pending::<()>())
                    )
                };
                let first = async { (&mut tell.1).await.ok() };
                drop(select(pin!(first), pin!(places)).await);
                went_on.set(true);
                sleep(secs(5)).await;
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        told.set_result(()).unwrap();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(1));
        assert!(!went_on.get());
    });
}

/// What cancels, while the group's tasks clean up for a second; and how the group came there.
#[test]
fn a_cancel_after_that_of_the_group_goes_on() {
    for cut_short in [false, true] {
        for limit in [false, true] {
            run(async move {
                let task = create_task(async move {
                    let group = task_group(async |group: &TaskGroup<'_>| {
                        group.create_task(finally(sleep(secs(60)), sleep(secs(2))));
                        let other = group.clone();
                        if cut_short {
                            group.create_task(async move {
                                sleep(secs(1)).await;
                                other.cancel();
                            });
                            sleep(secs(9)).await;
                        } else {
                            sleep(secs(1)).await;
                            group.cancel();
                        }
                    });
                    if limit {
                        let late = timeout(secs(2), group).await;
                        assert!(late.unwrap_err().is_timeout());
                        assert_eq!(cancelling(), 0);
                    } else {
                        let ended = group.await;
                        panic!("the cancel is lost: {ended:?}");
                    }
                });
                sleep(secs(2)).await;
                if !limit {
                    task.cancel();
                }
                let ended = (&task).await;
                assert_eq!(ended.is_ok(), limit, "{ended:?}");
                assert_eq!(task.cancelled(), !limit);
                assert_eq!(testing::elapsed(), secs(3));
            });
        }
    }
}

/// Without one, it goes on after the group.
#[test]
fn the_cancel_of_a_group_ends_with_it() {
    run(async {
        let ended = task_group(async |group: &TaskGroup<'_>| {
            group.create_task(finally(sleep(secs(60)), sleep(secs(2))));
            sleep(secs(1)).await;
            group.cancel();
            sleep(secs(9)).await;
        });
        assert!(ended.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(3));
        sleep(secs(1)).await;
    });
}

/// A clean-up behind `catch_cancelled`, inside a `finally`, beside a wait that has the cancel at once. Whatever the first
/// one awaits, the `finally` runs.
#[test]
fn what_is_around_a_clean_up_beside_a_wait_is_not_skipped() {
    #[derive(Clone, Copy)]
    enum Awaits {
        OneTurn,
        Time,
        Foreign,
        ForEver,
    }
    for awaits in [
        Awaits::OneTurn,
        Awaits::Time,
        Awaits::Foreign,
        Awaits::ForEver,
    ] {
        let log = Recorder::new();
        run(async {
            let (first, last) = (log.clone(), log.clone());
            let task = create_task(async move {
                let cleans = async {
                    if let Err(cancelled) = catch_cancelled(sleep(secs(50))).await {
                        match awaits {
                            Awaits::OneTurn => sleep(secs(0)).await,
                            Awaits::Time => sleep(secs(1)).await,
                            Awaits::Foreign => tokio::task::yield_now().await,
                            Awaits::ForEver => pending().await,
                        }
                        first.emit("cleaned up");
                        cancelled.raise().await;
                    }
                };
                let cleans = finally(cleans, async move {
                    sleep(secs(1)).await;
                    last.emit("finally");
                });
                tokio::join!(sleep(secs(60)), cleans);
            });
            sleep(secs(1)).await;
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
        });
        let names: Vec<_> = log.events().into_iter().map(|(_, name)| name).collect();
        // Something foreign is seen if it has woken the task already.
        let expected: &[_] = match awaits {
            Awaits::OneTurn | Awaits::Time | Awaits::Foreign => &["cleaned up", "finally"],
            Awaits::ForEver => &["finally"],
        };
        assert_eq!(names, expected);
    }
}

/// A cancel that is raised in one branch reaches the scopes beside it, even if nobody has cancelled the task.
#[test]
fn a_raised_cancel_cleans_up_beside() {
    let log = Recorder::new();
    run(async {
        let last = log.clone();
        let task = create_task(async move {
            let raises = async {
                sleep(secs(1)).await;
                aio::Cancelled::new().raise().await;
            };
            let cleans = finally(sleep(secs(90)), async move {
                sleep(secs(1)).await;
                last.emit("finally");
            });
            // One that swallows it is not asked again.
            let swallows = async {
                loop {
                    drop(catch_cancelled(sleep(secs(90))).await);
                }
            };
            futures::join!(raises, cleans, swallows);
        });
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(log.events(), [(secs(2), "finally")]);
}

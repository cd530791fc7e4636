//! Programs that went wrong once, each in its smallest form: what the table and the nests have found.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use cogen::aio::{self, Error, Task, TaskGroup, catch_cancelled, create_task, finally, sleep};
use cogen::aio::{task_group, testing};
use futures::future::{self, FutureExt};
use futures::stream::{FuturesUnordered, StreamExt};

use super::ledger::at;

fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn run<F: Future<Output = ()>>(main: F) {
    testing::run(main).unwrap();
}

/// Cancels `task` at second `n`, and gives what it ended with.
async fn cancelled_at<T: 'static>(n: u64, task: Task<T>) -> Result<T, Error> {
    sleep(s(n)).await;
    task.cancel();
    task.await
}

/// An own cancel of a group (a child fails, `group.cancel()`) reaches the body, where a scope is around the group.
#[test]
fn a_group_in_a_scope_cancels_its_body() {
    run(async {
        let group = task_group(async |group: &TaskGroup<'_>| {
            let cancels = group.clone();
            group.create_task(async move {
                sleep(s(2)).await;
                cancels.cancel();
            });
            sleep(s(5)).await;
        });
        let _ = aio::timeout(s(60), group).await;
        assert_eq!(at(), 2_000);
    });
}

/// The same in an async generator.
#[test]
fn a_group_in_a_generator_cancels_its_body() {
    run(async {
        let generator = aio::async_generator(|co| async move {
            let group = task_group(async |group: &TaskGroup<'_>| {
                group.create_task(async {
                    sleep(s(2)).await;
                    Err::<(), _>(Error::new("failed"))
                });
                sleep(s(5)).await;
            });
            let _ = group.await;
            co.yield_(()).await;
        });
        generator.anext().await.unwrap();
        assert_eq!(at(), 2_000);
    });
}

/// My own cancel raises, also where a place beside is still cleaning up: it is no value.
#[test]
fn a_passed_on_cancel_beside_a_clean_up_raises() {
    run(async {
        let seen = Rc::new(RefCell::new(String::new()));
        let put = seen.clone();
        let task = create_task(async move {
            let waits = async {
                let ended = create_task(sleep(s(60))).await;
                put.replace(format!("{ended:?}"));
            };
            futures::join!(waits, finally(sleep(s(60)), sleep(s(1))));
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(*seen.borrow(), "");
        assert_eq!(at(), 2_000);
    });
}

/// The same for a shield, which raises at once and cancels nothing.
#[test]
fn a_shield_beside_a_clean_up_raises() {
    run(async {
        let seen = Rc::new(RefCell::new(String::new()));
        let put = seen.clone();
        let task = create_task(async move {
            let waits = async {
                let ended = aio::shield(sleep(s(3))).await;
                put.replace(format!("{ended:?} at {}", at()));
            };
            futures::join!(waits, finally(sleep(s(60)), sleep(s(0))));
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(*seen.borrow(), "");
    });
}

/// Polled once by another task.
async fn moved<F: Future + 'static>(part: F) -> F::Output {
    let shelf = Rc::new(RefCell::new(Some(Box::pin(part))));
    let put = shelf.clone();
    create_task(async move {
        let mut part = put.take().unwrap();
        poll_fn(|cx| Poll::Ready(part.as_mut().poll(cx).is_ready())).await;
        put.replace(Some(part));
    });
    sleep(s(0)).await;
    sleep(s(0)).await;
    let part = shelf.take().unwrap();
    part.await
}
#[test]
fn a_limit_in_futures_unordered_that_moves() {
    run(async {
        let part = async {
            let all = [aio::timeout(s(2), sleep(s(4)))]
                .into_iter()
                .collect::<FuturesUnordered<_>>();
            all.collect::<Vec<_>>().await
        };
        let ended = moved(part).await;
        assert!(ended[0].as_ref().is_err_and(Error::is_timeout), "{ended:?}");
        assert_eq!(at(), 2_000);
    });
}

/// A cancel in the instant in which one part of a join ends: the clean-up of the other part is not skipped.
#[test]
fn a_cancel_while_a_group_beside_ends() {
    run(async {
        let cleaned = Rc::new(Cell::new(0));
        let put = cleaned.clone();
        let task = create_task(async move {
            let group = task_group(async |group: &TaskGroup<'_>| {
                group.create_static_task(sleep(s(3)));
            });
            let _ended = futures::join!(
                finally(group, async { put.set(put.get() + 1) }),
                task_group(async |group: &TaskGroup<'_>| {
                    group.create_task(sleep(s(5)));
                })
            );
        });
        aio::call_later(s(3), {
            let task = task.clone();
            move || {
                task.cancel();
            }
        });
        let ended = task.await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(cleaned.get(), 1);
    });
}

/// A limit around two places, one of which is around a group: no clean-up is skipped.
#[test]
fn a_clean_up_around_a_group_beside_a_limit() {
    run(async {
        let cleaned = Rc::new(Cell::new(0));
        let put = cleaned.clone();
        let part = async move {
            let group = task_group(async |group: &TaskGroup<'_>| {
                group.create_static_task(sleep(s(2)));
            });
            let cleans = finally(group, async {
                sleep(s(1)).await;
                put.set(put.get() + 1);
            });
            let _ = futures::join!(aio::timeout(s(40), sleep(s(20))), cleans);
        };
        let ended = aio::timeout(s(1), part).await;
        assert!(ended.unwrap_err().is_timeout());
        assert_eq!((cleaned.get(), at()), (1, 2_000));
    });
}

/// A cancel that was accepted (`true`) in the instant in which a select is decided is not lost.
#[test]
fn a_cancel_as_a_select_is_decided() {
    run(async {
        let accepted = Rc::new(Cell::new(false));
        let put = accepted.clone();
        let task = create_task(async move {
            let one = Box::pin(finally(sleep(s(1)), sleep(s(0))));
            let other = Box::pin(sleep(s(1)));
            future::select(one, other).await;
        });
        aio::call_later(s(1), {
            let task = task.clone();
            move || put.set(task.cancel())
        });
        let ended = task.clone().await;
        assert!(accepted.get());
        assert!(
            task.cancelled(),
            "{ended:?}, cancelling {}",
            task.cancelling()
        );
    });
}

/// Nothing hangs: groups in a group in `FuturesUnordered`, without any cancel.
#[test]
fn nested_groups_in_futures_unordered() {
    run(async {
        let group = Box::pin(task_group(async |group: &TaskGroup<'_>| {
            group.create_task(async { create_task(sleep(s(6))).await.unwrap() });
            task_group(async |group: &TaskGroup<'_>| {
                group.create_task(sleep(s(6)));
                sleep(s(2)).await;
            })
            .await
            .unwrap();
        }));
        let all = [group]
            .into_iter()
            .collect::<FuturesUnordered<_>>()
            .collect::<Vec<_>>();
        let ended = aio::wait_for(all, s(1000)).await;
        assert_eq!(at(), 6_000, "{ended:?}");
    });
}

/// A bare wait beside a scope: after the cancel nothing behind its await runs, although the scope still cleans up.
#[test]
fn a_bare_wait_beside_a_clean_up_does_not_go_on() {
    run(async {
        let went_on = Rc::new(Cell::new(false));
        let put = went_on.clone();
        let task = create_task(async move {
            let waits = async {
                sleep(s(2)).await;
                put.set(true);
            };
            futures::join!(waits, finally(sleep(s(60)), sleep(s(5))));
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!(at(), 6_000);
        assert!(!went_on.get());
    });
}

/// A place that cleans up after `catch_cancelled`, beside a bare wait: the clean-up runs to its end.
#[test]
fn a_clean_up_after_catch_cancelled_beside_a_sleep() {
    run(async {
        let done = Rc::new(Cell::new(false));
        let put = done.clone();
        let task = create_task(async move {
            let cleans = async {
                if let Err(cancelled) = catch_cancelled(sleep(s(60))).await {
                    sleep(s(1)).await;
                    put.set(true);
                    cancelled.raise().await;
                }
            };
            futures::join!(sleep(s(60)), cleans);
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!((done.get(), at()), (true, 2_000));
    });
}

/// Two places of a join clean up after `catch_cancelled`, each in its own time: the first one that raises does not cut
/// the other off.
#[test]
fn clean_ups_after_catch_cancelled_of_different_lengths() {
    run(async {
        let done = Rc::new(Cell::new(0));
        let cleans = |takes: u64| {
            let done = done.clone();
            async move {
                if let Err(cancelled) = catch_cancelled(sleep(s(60))).await {
                    sleep(s(takes)).await;
                    done.set(done.get() + 1);
                    cancelled.raise().await;
                }
            }
        };
        let (one, other) = (cleans(1), cleans(2));
        let ended = cancelled_at(
            1,
            create_task(async move {
                futures::join!(one, other);
            }),
        )
        .await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!((done.get(), at()), (2, 3_000));
    });
}

/// A clean-up that another scope's clean-up leads to is not cut off by a place beside it.
#[test]
fn a_clean_up_after_a_clean_up_runs_to_its_end() {
    run(async {
        let done = Rc::new(Cell::new(false));
        let put = done.clone();
        let task = create_task(async move {
            let cleans = async {
                if let Err(cancelled) = catch_cancelled(finally(sleep(s(60)), sleep(s(1)))).await {
                    sleep(s(2)).await;
                    put.set(true);
                    cancelled.raise().await;
                }
            };
            let _ = futures::join!(cleans, aio::timeout(s(50), sleep(s(40))));
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert!(done.get());
        assert_eq!(at(), 4_000);
    });
}

/// Closed while it cleans up after a cancel of the task: the cancel goes on.
#[test]
fn a_cancel_whose_clean_up_is_closed() {
    run(async {
        let task = create_task(async move {
            let generator = aio::async_generator(|co| async move {
                if let Err(cancelled) = catch_cancelled(sleep(s(60))).await {
                    sleep(s(2)).await;
                    cancelled.raise().await;
                }
                co.yield_(()).await;
            });
            {
                let call = pin!(generator.anext());
                future::select(call, pin!(sleep(s(3)))).await;
            }
            generator.aclose().await.unwrap();
        });
        let ended = cancelled_at(2, task.clone()).await;
        assert!(
            task.cancelled(),
            "{ended:?}, cancelling {} at {}",
            task.cancelling(),
            at()
        );
    });
}

/// Two limits, the outer one in the instant in which a select inside is decided: it is not lost.
#[test]
fn a_limit_as_a_select_is_decided() {
    run(async {
        let part = async {
            let one = Box::pin(finally(sleep(s(5)), sleep(s(0))));
            futures::join!(future::select(one, Box::pin(sleep(s(3)))), sleep(s(4)));
        };
        let ended = aio::timeout(s(3), part).await;
        assert!(
            ended.as_ref().is_err_and(Error::is_timeout),
            "{ended:?} at {}",
            at()
        );
        assert_eq!(at(), 3_000);
    });
}

/// A group that was polled in one task first, and then is awaited in another, goes on there.
#[test]
fn a_group_moves() {
    run(async {
        moved(async {
            task_group(async |group: &TaskGroup<'_>| {
                group.create_task(sleep(s(2)));
            })
            .await
        })
        .await
        .unwrap();
        assert_eq!(at(), 2_000);
    });
}

/// After a raise nothing behind the await runs, even if another clone of a `Shared` polls it again.
#[test]
fn shared_goes_on_behind_the_await() {
    run(async {
        let went_on = Rc::new(Cell::new(false));
        let seen = went_on.clone();
        let task = create_task(async move {
            let promise = aio::Promise::<()>::new();
            let shared = async move {
                let _ = promise.await;
                seen.set(true);
            }
            .shared();
            futures::join!(shared.clone(), shared);
        });
        let ended = cancelled_at(1, task).await;
        assert!(matches!(ended, Err(Error::Cancelled(_))), "{ended:?}");
        assert!(!went_on.get(), "my own cancel raises");
    });
}

/// A generator that is closed while a group in it waits for its children: they are cancelled, and clean up.
#[test]
fn aclose_of_a_group_that_waits() {
    run(async {
        let cleaned = Rc::new(Cell::new(false));
        let seen = cleaned.clone();
        let generator = aio::async_generator(move |co| async move {
            task_group(async |group: &TaskGroup<'_>| {
                group.create_task(finally(sleep(s(60)), async {
                    sleep(s(1)).await;
                    seen.set(true);
                }));
            })
            .await?;
            co.yield_(1).await;
            aio::ok(())
        });
        {
            let call = pin!(generator.anext());
            future::select(call, pin!(sleep(s(1)))).await;
        }
        let _closed = generator.aclose().await;
        assert!(cleaned.get());
    });
}

/// A group that waits for its tasks, in a finally, beside a bare wait: the clean-up is not skipped, nor are the tasks'.
#[test]
fn a_clean_up_around_a_group_beside_a_sleep() {
    run(async {
        let cleaned = Rc::new(Cell::new(0));
        let put = cleaned.clone();
        let task = create_task(async move {
            let group = task_group(async |group: &TaskGroup<'_>| {
                group.create_static_task(sleep(s(60)));
            });
            let cleans = finally(group, async move {
                sleep(s(1)).await;
                put.set(put.get() + 1);
            });
            futures::join!(sleep(s(60)), cleans).1.unwrap();
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!((cleaned.get(), at()), (1, 2_000));
    });
}

/// A `catch_cancelled` in another (each cleans up and raises), beside a bare wait.
#[test]
fn clean_ups_in_each_other_beside_a_sleep() {
    run(async {
        let cleaned = Rc::new(RefCell::new(Vec::new()));
        let put = cleaned.clone();
        let task = create_task(async move {
            let inner = async {
                if let Err(cancelled) = catch_cancelled(sleep(s(60))).await {
                    sleep(s(1)).await;
                    put.borrow_mut().push("inner");
                    cancelled.raise().await;
                }
            };
            let outer = async {
                if let Err(cancelled) = catch_cancelled(inner).await {
                    sleep(s(1)).await;
                    put.borrow_mut().push("outer");
                    cancelled.raise().await;
                }
            };
            futures::join!(sleep(s(60)), outer);
        });
        let ended = cancelled_at(1, task).await;
        assert!(ended.unwrap_err().is_cancelled());
        assert_eq!((&*cleaned.borrow(), at()), (&vec!["inner", "outer"], 3_000));
    });
}

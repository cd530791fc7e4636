//! Task groups: children that borrow, and their turns.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, Error, create_task, sleep};
use futures::future::{Either, select};

use super::secs;

#[test]
fn children_borrow_from_outside_the_group() {
    testing::run(async {
        let words = vec!["one".to_owned(), "three".to_owned()];
        let seen = RefCell::new(Vec::new());
        aio::task_group(async |group| {
            for word in &words {
                group.create_task(async {
                    sleep(secs(word.len() as u64)).await;
                    seen.borrow_mut().push(word.as_str());
                });
            }
        })
        .await?;
        assert_eq!(*seen.borrow(), ["one", "three"]);
        assert_eq!(testing::elapsed(), secs(5));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_child_creates_others_in_its_group() {
    testing::run(async {
        let count = Cell::new(0);
        aio::task_group(async |group| {
            let inner = group.clone();
            let count = &count;
            group.create_task(async move {
                for _ in 0..3 {
                    inner.create_task(async move {
                        sleep(secs(1)).await;
                        count.set(count.get() + 1);
                    });
                }
            });
        })
        .await?;
        assert_eq!(count.get(), 3);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn groups_in_groups_borrow_from_each_other() {
    testing::run(async {
        let log = Recorder::new();
        aio::task_group(async |outer| {
            outer.create_task(async {
                let local = "local".to_owned();
                aio::task_group(async |inner| {
                    inner.create_task(async {
                        sleep(secs(2)).await;
                        log.emit(local.clone());
                    });
                    inner.create_task(async {
                        sleep(secs(1)).await;
                        log.emit("first".to_owned());
                    });
                })
                .await
            });
            sleep(secs(1)).await;
            log.emit("body".to_owned());
        })
        .await?;
        let order: Vec<_> = log
            .events()
            .into_iter()
            .map(|(at, what)| (at.as_secs(), what))
            .collect();
        assert_eq!(
            order,
            [
                (1, "body".to_owned()),
                (1, "first".to_owned()),
                (2, "local".to_owned())
            ]
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_error_cancels_the_others_and_comes_as_a_group() {
    testing::run(async {
        let log = Recorder::new();
        let outcome = aio::task_group(async |group| {
            group.create_task(aio::finally(sleep(secs(10)), async {
                sleep(secs(1)).await;
                log.emit("cleaned up");
            }));
            group.create_task(async {
                sleep(secs(1)).await;
                Err::<(), _>(Error::new("first"))
            });
            sleep(secs(10)).await;
            log.emit("never");
        })
        .await;
        let error = outcome.unwrap_err();
        assert_eq!(
            error.to_string(),
            "unhandled errors in a task group (1 sub-error)"
        );
        assert_eq!(error.errors()[0].to_string(), "first");
        assert_eq!(log.events(), [(secs(2), "cleaned up")]);
        assert_eq!(aio::current_task().unwrap().cancelling(), 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancelled_group_ends_without_an_error_if_its_body_has() {
    testing::run(async {
        let value = aio::task_group(async |group| {
            group.create_task(sleep(secs(10)));
            let canceller = group.clone();
            group.create_task(async move {
                sleep(secs(1)).await;
                canceller.cancel();
                canceller.cancel();
            });
            7_u8
        })
        .await?;
        assert_eq!((value, testing::elapsed()), (7, secs(1)));
        let cut_short = aio::task_group(async |group| {
            group.cancel();
            sleep(secs(10)).await;
        })
        .await;
        assert!(cut_short.unwrap_err().is_cancelled());
        assert_eq!(aio::current_task().unwrap().cancelling(), 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_task_for_a_group_that_shuts_down_is_an_error() {
    testing::run(async {
        let mut kept = None;
        aio::task_group(async |group| kept = Some(group.clone())).await?;
        let late = kept.unwrap().create_task(async { 1_u8 });
        assert!(matches!(late.await, Err(Error::Runtime(_))));
        aio::ok(())
    })
    .unwrap();
}

/// A body that waits for something else is not woken early by the turns of its children.
#[test]
fn a_child_s_turn_does_not_run_the_body() {
    testing::run(async {
        let log = Recorder::new();
        let gate = aio::Promise::new();
        let outside = create_task({
            let gate = gate.clone();
            async move {
                sleep(secs(1)).await;
                gate.set_result(())
            }
        });
        aio::task_group(async |group| {
            group.create_task(async {
                sleep(secs(1)).await;
                log.emit("child");
            });
            gate.await?;
            log.emit("body");
            aio::ok(())
        })
        .await?;
        outside.await?;
        let order: Vec<_> = log.events().into_iter().map(|(_, what)| what).collect();
        assert_eq!(order, ["child", "body"]);
        aio::ok(())
    })
    .unwrap();
}

/// A scope around the body keeps its claim while the children have their turns.
#[test]
fn a_cancel_reaches_the_scope_in_the_body() {
    testing::run(async {
        let task = create_task(async {
            aio::task_group(async |group| {
                group.create_task(async {
                    for _ in 0..5 {
                        sleep(secs(1)).await;
                    }
                });
                aio::catch_cancelled(sleep(secs(100))).await.is_err()
            })
            .await
        });
        sleep(secs(3)).await;
        task.cancel();
        assert!(task.await?);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_group_works_inside_join_and_select() {
    testing::run(async {
        let number = Cell::new(0);
        let group = |n: u64| {
            let number = &number;
            async move {
                aio::task_group(async |group| {
                    for i in 0..3 {
                        group.create_task(async move {
                            sleep(secs(n + i)).await;
                            number.set(number.get() + 1);
                        });
                    }
                })
                .await
            }
        };
        let (a, b) = futures::join!(group(1), group(2));
        a.and(b)?;
        assert_eq!((number.get(), testing::elapsed()), (6, secs(4)));
        let all = futures::future::join_all((0..40).map(group)).await;
        assert!(all.into_iter().all(|ended| ended.is_ok()));
        assert_eq!(number.get(), 126);
        aio::ok(())
    })
    .unwrap();
}

/// A group's future that is leaked leaves tasks that never run; the loop ends all the same.
#[test]
#[cfg_attr(miri, ignore = "leaks on purpose: run with -Zmiri-ignore-leaks")]
fn a_forgotten_group_does_not_hold_up_the_loop() {
    testing::run(async {
        let mut forgotten = Box::pin(aio::task_group(async |group| {
            group.create_task(sleep(secs(1)));
            sleep(secs(1)).await;
        }));
        let polled = futures::poll!(&mut forgotten);
        assert!(polled.is_pending());
        std::mem::forget(forgotten);
        sleep(secs(5)).await;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_dropped_group_drops_its_children() {
    testing::run(async {
        let alive = std::rc::Rc::new(());
        let tasks = RefCell::new(Vec::new());
        {
            let mut group = Box::pin(aio::task_group(async |group| {
                let inner = alive.clone();
                tasks.borrow_mut().push(group.create_task(async move {
                    sleep(secs(1)).await;
                    drop(inner);
                }));
                sleep(secs(1)).await;
            }));
            assert!(futures::poll!(&mut group).is_pending());
            sleep(secs(0)).await;
        }
        assert_eq!(std::rc::Rc::strong_count(&alive), 1);
        let task = tasks.borrow_mut().pop().unwrap();
        assert!(task.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

/// So do those with bodies of their own, which have turns to clean up.
#[test]
fn a_dropped_group_cancels_its_static_children() {
    testing::run(async {
        let log = testing::Recorder::new();
        let tasks = RefCell::new(Vec::new());
        {
            let failed = RefCell::new(None);
            let mut group = Box::pin(aio::task_group(async |group| {
                for n in 0..3 {
                    let log = log.clone();
                    tasks
                        .borrow_mut()
                        .push(group.create_static_task(async move {
                            let _cancelled = aio::catch_cancelled(sleep(secs(9))).await;
                            sleep(secs(n)).await;
                            log.emit(n);
                        }));
                }
                tasks
                    .borrow_mut()
                    .push(group.create_static_task(sleep(secs(9))));
                *failed.borrow_mut() =
                    Some(group.create_static_task(async { sleep(secs(0)).await }));
                sleep(secs(9)).await;
            }));
            assert!(futures::poll!(&mut group).is_pending());
            sleep(secs(1)).await;
            assert!(failed.take().unwrap().done());
        }
        let mut cancelled = Vec::new();
        for task in tasks.take() {
            let outcome = task.await;
            cancelled.push(outcome.is_err_and(|error| error.is_cancelled()));
        }
        assert_eq!(cancelled, [false, false, false, true]);
        assert_eq!(testing::elapsed(), secs(3));
        let ended = [1, 2, 3].map(secs).into_iter().zip(0..3);
        assert_eq!(log.events(), ended.collect::<Vec<_>>());
        assert_eq!(aio::all_tasks().len(), 1);
        aio::ok(())
    })
    .unwrap();
}

/// The group's future is gone before the child's error reaches it.
#[test]
fn a_dropped_group_cancels_nobody() {
    testing::run(async {
        let (told, tells) = futures::channel::oneshot::channel();
        {
            let group = pin!(aio::task_group(async |group| {
                group.create_task(async move {
                    told.send(()).unwrap();
                    Err::<(), aio::Error>(aio::Error::new("late"))
                });
                sleep(secs(9)).await;
                aio::ok(())
            }));
            let first = select(group, tells).await;
            assert!(matches!(first, Either::Right(_)));
        }
        sleep(secs(1)).await;
        aio::ok(())
    })
    .unwrap();
}

/// The same, with a handle that outlives the group, or is in a child's destructor.
#[test]
fn a_cancel_of_a_group_that_is_gone_cancels_nobody() {
    struct Cancels<'env>(aio::TaskGroup<'env>);

    impl Drop for Cancels<'_> {
        fn drop(&mut self) {
            self.0.cancel();
            assert!(self.0.create_task(async {}).done());
        }
    }

    testing::run(async {
        let kept = RefCell::new(None);
        aio::task_group(async |group| {
            kept.replace(Some(group.clone()));
        })
        .await?;
        kept.take().unwrap().cancel();
        {
            let mut group = pin!(aio::task_group(async |group| {
                let inner = Cancels(group.clone());
                group.create_task(async move {
                    let _inner = inner;
                    sleep(secs(9)).await;
                });
                sleep(secs(9)).await;
            }));
            assert!(futures::poll!(&mut group).is_pending());
            sleep(secs(1)).await;
        }
        sleep(secs(1)).await;
        aio::ok(())
    })
    .unwrap();
}

/// A task that joins late is the last to be cancelled, and to be dropped, whatever place of an earlier one it has.
#[test]
fn tasks_are_cancelled_and_dropped_in_the_order_in_which_they_joined() {
    struct Dropped(&'static str, Recorder<&'static str>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.1.emit(self.0);
        }
    }
    for (dropped, is_static) in [(false, false), (false, true), (true, false)] {
        let log = Recorder::new();
        testing::run({
            let log = log.clone();
            async move {
                let group = aio::task_group(async |group| {
                    let task = |name: &'static str, time: u64| {
                        let value = Dropped(name, log.clone());
                        let body = async move {
                            let _value = value;
                            sleep(secs(time)).await;
                        };
                        if is_static {
                            group.create_static_task(body);
                        } else {
                            group.create_task(body);
                        }
                    };
                    task("first", 1);
                    task("second", 9);
                    sleep(secs(2)).await;
                    task("third", 9);
                    task("fourth", 9);
                    sleep(secs(1)).await;
                    Err::<(), _>(aio::Error::new("enough"))
                });
                if dropped {
                    let (group, until) = (pin!(group), pin!(sleep(Duration::from_millis(2500))));
                    let _late = select(group, until).await;
                } else {
                    assert!(group.await.is_err());
                }
                sleep(secs(1)).await;
                aio::ok(())
            }
        })
        .unwrap();
        let names: Vec<_> = log.events().into_iter().map(|(_, name)| name).collect();
        assert_eq!(
            names,
            ["first", "second", "third", "fourth"],
            "{dropped} {is_static}"
        );
    }
}

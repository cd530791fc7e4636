//! Waits that have begun and are then put aside, forgotten, or carried into another loop: the loop ends all the same,
//! and nothing happens to the tasks of the other one, which have the same numbers.

use cogen::aio::{self, Error, Runner, Task, catch_cancelled, create_task, sleep, testing};
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::secs;

type Slot = Rc<RefCell<Option<Pin<Box<dyn Future<Output = Result<(), Error>>>>>>>;

/// A group with a few children; all wait for long, and one catches its cancel.
async fn group() -> Result<(), Error> {
    aio::task_group(async |group| {
        group.create_task(sleep(secs(50)));
        group.create_static_task(sleep(secs(50)));
        group.create_task(async {
            let _cancelled = catch_cancelled(sleep(secs(50))).await;
            sleep(secs(1)).await;
        });
        group.create_task(aio::task_group(async |group| {
            group.create_task(sleep(secs(50)));
        }));
        sleep(secs(50)).await;
    })
    .await
}

/// Polls a group a few times, and puts it aside.
async fn begun(turns: usize) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> {
    let mut group: Pin<Box<dyn Future<Output = Result<(), Error>>>> = Box::pin(group());
    for _ in 0..turns {
        assert!(futures::poll!(&mut group).is_pending());
        sleep(Duration::ZERO).await;
    }
    group
}

#[derive(Clone, Copy, Debug)]
enum Parent {
    Ends,
    Waits,
    EndsLate,
}

impl Parent {
    async fn goes_on(self) {
        match self {
            Self::Ends => {}
            Self::Waits => pending().await,
            Self::EndsLate => {
                let _cancelled = catch_cancelled(pending::<()>()).await;
                sleep(secs(5)).await;
            }
        }
    }
}

/// The parent is the main task, or another one.
#[test]
fn a_group_that_is_put_aside_does_not_hold_up_the_end() {
    for turns in [1, 2, 5] {
        let slot = Slot::default();
        let own = slot.clone();
        let ended = testing::run(async move {
            *own.borrow_mut() = Some(begun(turns).await);
        });
        assert!(ended.is_ok(), "{turns}");
        for parent in [Parent::Ends, Parent::Waits, Parent::EndsLate] {
            let slot = Slot::default();
            let own = slot.clone();
            let ended = testing::run(async move {
                create_task(async move {
                    let group = begun(turns).await;
                    *own.borrow_mut() = Some(group);
                    parent.goes_on().await;
                });
                sleep(secs(1)).await;
            });
            assert!(ended.is_ok(), "{parent:?} {turns}: {ended:?}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "leaks on purpose: run with -Zmiri-ignore-leaks")]
fn a_group_that_is_forgotten_does_not_hold_up_the_end() {
    for turns in [1, 2, 5] {
        for parent in [Parent::Ends, Parent::Waits, Parent::EndsLate] {
            let ended = testing::run(async move {
                create_task(async move {
                    mem::forget(begun(turns).await);
                    parent.goes_on().await;
                });
                sleep(secs(1)).await;
            });
            assert!(ended.is_ok(), "{parent:?} {turns}: {ended:?}");
        }
    }
}

#[test]
fn a_group_that_is_carried_into_another_loop_takes_no_strangers_task() {
    for turns in [1, 2, 5] {
        let slot = Slot::default();
        let own = slot.clone();
        let mut first = Runner::new().unwrap();
        let parent = first.run(async move {
            let parent = create_task(async move {
                let group = begun(turns).await;
                *own.borrow_mut() = Some(group);
                pending::<()>().await;
            });
            sleep(Duration::from_millis(1)).await;
            aio::ok(parent)
        });
        let group = slot.take().unwrap();
        let mut second = Runner::new().unwrap();
        let values = second.run(async move {
            let go = Rc::new(Cell::new(false));
            let tasks: Vec<Task<u32>> = (0..12_u32)
                .map(|n| {
                    let go = go.clone();
                    create_task(async move {
                        poll_fn(|cx| {
                            cx.waker().wake_by_ref();
                            if go.get() {
                                Poll::Ready(())
                            } else {
                                Poll::Pending
                            }
                        })
                        .await;
                        n
                    })
                })
                .collect();
            sleep(Duration::ZERO).await;
            let carried = create_task(group);
            let outcome = carried.await;
            assert!(matches!(outcome, Err(Error::Panicked(_))), "{outcome:?}");
            assert_eq!(aio::all_tasks().len(), 13);
            go.set(true);
            aio::gather(tasks).await
        });
        assert_eq!(values.unwrap(), (0..12).collect::<Vec<_>>(), "{turns}");
        drop(second);
        drop(first);
        assert!(parent.unwrap().done());
    }
}

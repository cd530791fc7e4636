//! Waits for tasks and promises, time limits, groups.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use cogen::aio::{self, Error, Promise, ReturnWhen, TaskGroup, create_task, sleep_until};
use futures::channel::oneshot;

use super::{Kind, LONG, Row, of, row, when};

pub(super) const TASKS: &[Row] = &[
    row("sleep", |_, until| of(move || sleep_until(until))),
    row("sleep in nested timeouts", |_, until| {
        of(move || aio::timeout(LONG, aio::timeout(LONG, sleep_until(until))))
    }),
    row("a foreign future", |_, until| {
        let (sender, receiver) = oneshot::channel::<()>();
        when(until, move || {
            let _late = sender.send(());
        });
        let receiver = Rc::new(RefCell::new(receiver));
        of(move || {
            let receiver = receiver.clone();
            async move {
                let received = poll_fn(|cx| Pin::new(&mut *receiver.borrow_mut()).poll(cx)).await;
                received.map_err(Error::new)
            }
        })
    }),
    row("task", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let ledger = ledger.clone();
            async move { create_task(ledger.task(until)).await }
        })
    }),
    row("task by reference", |ledger, until| {
        let task = create_task(ledger.task(until));
        of(move || {
            let task = task.clone();
            async move { (&task).await }
        })
    }),
    row("promise", |_, until| {
        let promise = Promise::new();
        let set = promise.clone();
        when(until, move || drop(set.set_result(())));
        of(move || {
            let promise = promise.clone();
            async move { promise.await }
        })
    }),
    row("promise by reference", |_, until| {
        let promise = Promise::new();
        let set = promise.clone();
        when(until, move || drop(set.set_result(())));
        of(move || {
            let promise = promise.clone();
            async move { (&promise).await }
        })
    }),
    row("gather", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            async move { aio::gather(pair).await.map(drop) }
        })
    }),
    row("gather_all", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            async move {
                let [one, other] = aio::gather_all(pair).await;
                one.and(other)
            }
        })
    }),
    row("shield", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let task = ledger.task(until);
            async move { aio::shield(task).await }
        })
    }),
    row("wait", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            async move {
                let tasks = pair.map(create_task);
                aio::wait(tasks, ReturnWhen::AllCompleted).await.map(drop)
            }
        })
    }),
    row("as_completed", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            async move {
                let mut completed = aio::as_completed(pair);
                while let Some(ended) = completed.next().await {
                    ended?;
                }
                aio::ok(())
            }
        })
    }),
    row("to_thread", |_, until| {
        let handle = aio::loop_handle();
        of(move || {
            let handle = handle.clone();
            async move {
                let sleeps = move || sleep_until(until);
                let job = move || handle.run_coroutine_threadsafe(sleeps).result();
                aio::to_thread(job).await?
            }
        })
    })
    .that(Kind::Threads),
    row("timeout_with", |_, until| {
        of(move || aio::timeout_with(LONG, async move |_| sleep_until(until).await))
    }),
    row("wait_for", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let task = ledger.task(until);
            async move { aio::wait_for(task, LONG).await }
        })
    }),
    row("task_group's children", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            aio::task_group(async move |group: &TaskGroup<'_>| {
                for task in pair {
                    group.create_task(task);
                }
            })
        })
    })
    .that(Kind::Owns),
    row("task_group's static children", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            aio::task_group(async move |group: &TaskGroup<'_>| {
                for task in pair {
                    group.create_static_task(task);
                }
            })
        })
    })
    .that(Kind::Owns),
    row("task_group's body", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let task = ledger.task(until);
            aio::task_group(async move |group: &TaskGroup<'_>| {
                group.create_task(task);
                sleep_until(until).await;
            })
        })
    })
    .that(Kind::Owns),
    row("sleep_with", |_, until| {
        of(move || aio::sleep_with(until - aio::now(), ()))
    }),
    row("gather with a limit", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(aio::now()), ledger.task(until)];
            async move { aio::gather(pair).limit(1).await.map(drop) }
        })
    }),
    row("gather of tasks", |ledger, until| {
        let tasks = [ledger.task(until), ledger.task(until)].map(create_task);
        of(move || {
            let tasks = tasks.clone();
            async move { aio::gather(tasks).await.map(drop) }
        })
    }),
    row("shield of a task", |ledger, until| {
        let task = create_task(ledger.task(until));
        of(move || {
            let task = task.clone();
            async move { aio::shield(&task).await }
        })
    }),
    row("wait with a limit", |ledger, until| {
        let task = create_task(ledger.task(until));
        of(move || {
            let task = task.clone();
            async move {
                let (ended, _) = aio::wait([task], ReturnWhen::FirstCompleted)
                    .timeout(LONG)
                    .await?;
                assert_eq!(ended.len(), 1);
                aio::ok(())
            }
        })
    }),
    row("timeout_at", |_, until| {
        of(move || aio::timeout_at(aio::now() + LONG, async move |_| sleep_until(until).await))
    }),
    row("wait_for a task", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let task = create_task(ledger.task(until));
            async move { aio::wait_for(&task, LONG).await }
        })
    }),
    row("groups in a group", |ledger, until| {
        let ledger = ledger.clone();
        of(move || {
            let pair = [ledger.task(until), ledger.task(until)];
            aio::task_group(async move |group: &TaskGroup<'_>| {
                let [one, other] = pair;
                group.create_task(aio::task_group(async move |group: &TaskGroup<'_>| {
                    group.create_task(one);
                }));
                group.create_task(other);
            })
        })
    })
    .that(Kind::Owns),
];

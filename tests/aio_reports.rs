//! Errors that nobody can look at any more: the hook is told of each once, or of none that somebody silenced.

use std::cell::RefCell;
use std::sync::Once;
use std::time::Duration;

use cogen::aio::{self, Error, Promise, Runner, create_task, sleep, task_group, testing};
use cogen::{Unraisable, set_unraisable_hook};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the hook is told by `run` on this thread. (With the feature `tracing` there is no subscriber here.)
fn told(run: impl FnOnce()) -> Vec<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_unraisable_hook(|unraisable: &Unraisable<'_>| {
            TOLD.with_borrow_mut(|told| told.push(unraisable.to_string()));
        });
    });
    TOLD.take();
    run();
    TOLD.take().iter().map(|report| with_line(report)).collect()
}

/// The report, with the text of the line where the task was created behind it, in the place of the line's number.
fn with_line(report: &str) -> String {
    let Some((name, place)) = report.split_once(concat!(", created at ", file!(), ":")) else {
        return report.to_owned();
    };
    let (line, column) = place.split_once(':').unwrap();
    let number: usize = line.parse().unwrap();
    let line = include_str!("aio_reports.rs")
        .lines()
        .nth(number - 1)
        .unwrap();
    let (_column, rest) = column.split_once(',').unwrap();
    format!("{name}{rest} ({})", line.trim())
}

/// Fails when it is cancelled.
async fn fails_late() -> Result<(), Error> {
    let _cancelled = aio::catch_cancelled(sleep(Duration::from_secs(9))).await;
    Err(Error::new("flush failed"))
}

#[test]
fn the_error_of_a_leftover_task_is_told_at_the_end_whoever_has_a_handle() {
    let mut kept = None;
    let at_the_end = told(|| {
        kept = Some(Runner::new().unwrap().run(async {
            let task = create_task(fails_late());
            sleep(Duration::ZERO).await;
            aio::ok(task)
        }));
    });
    let expected = "the error of Task-2 at the end of its loop: flush failed (let task = create_task(fails_late());)";
    assert_eq!(at_the_end, [expected]);
    // Once is enough.
    assert_eq!(told(|| drop(kept)), [""; 0]);
}

#[test]
fn the_error_of_a_generator_that_the_end_closes_is_told() {
    let told = told(|| {
        let kept = aio::async_generator(|co| async move {
            let _closed = co.try_yield(1_u8).await;
            Err::<(), _>(Error::new("flush failed"))
        });
        let handle = kept.clone();
        testing::run(async move { handle.anext().await.map(drop) }).unwrap();
    });
    let expected =
        "the error of an async generator that was closed at the end of its loop: flush failed";
    assert_eq!(told, [expected]);
}

#[test]
fn a_cancel_of_what_has_failed_silences_it() {
    for cancels in [false, true] {
        let told = told(|| {
            testing::run(async {
                let task = create_task(async { Err::<(), _>(Error::new("boom")) });
                let promise = Promise::<()>::new();
                promise.set_exception(Error::new("bang"))?;
                sleep(Duration::from_secs(1)).await;
                if cancels {
                    assert!(!task.cancel() && !promise.cancel());
                }
                aio::ok(())
            })
            .unwrap();
        });
        assert_eq!(told.len(), if cancels { 0 } else { 2 }, "{told:?}");
    }
}

#[test]
fn a_task_that_a_group_refuses_is_told_of_if_nobody_looks() {
    for looks in [false, true] {
        let told = told(|| {
            testing::run(async {
                let group = task_group(async |group| aio::ok(group.clone())).await?;
                for task in [
                    group.create_task(async {}),
                    group.create_static_task(async {}),
                ] {
                    if looks {
                        assert!(task.exception()?.is_some());
                    }
                }
                aio::ok(())
            })
            .unwrap();
        });
        assert_eq!(told.len(), if looks { 0 } else { 2 }, "{told:?}");
        let [first, second] = [
            "group.create_task(async {})",
            "group.create_static_task(async {})",
        ];
        let lines = told.iter().zip([first, second]);
        assert!(
            lines
                .into_iter()
                .all(|(told, line)| told.ends_with(&format!("({line},)"))),
            "{told:?}"
        );
    }
}

/// What the hook is told of an error that `lose` loses.
fn told_of(lose: impl AsyncFnOnce()) -> Vec<String> {
    told(|| {
        testing::run(async {
            lose().await;
            sleep(Duration::from_secs(1)).await;
        })
        .unwrap();
    })
}

async fn boom() -> Result<u8, Error> {
    sleep(Duration::ZERO).await;
    Err(Error::new("boom"))
}

#[test]
fn a_lost_error_says_where_its_task_was_created() {
    macro_rules! lost {
        ($($lose:expr),+ $(,)?) => {$(
            let told = told_of(async || drop($lose));
            let code = stringify!($lose).replace(char::is_whitespace, "");
            assert_eq!(told.len(), 1, "{told:?} {code}");
            let (report, line) = told[0].split_once(" (").unwrap();
            assert!(report.ends_with(" was never retrieved: boom"), "{report} {code}");
            // The line ends with the macro's comma.
            assert_eq!(line.replace(char::is_whitespace, ""), format!("{code},)"));
        )+};
    }
    lost! {
        create_task(boom()),
        aio::ensure_future(boom()),
        aio::gather((boom(), async {})),
        aio::gather([boom()]),
        aio::gather(vec![boom()]),
        aio::gather([create_task(boom())]),
        aio::shield(boom()),
        aio::shield(create_task(boom())),
        aio::as_completed([boom()]),
        Promise::<()>::new().set_exception(Error::new("boom")),
    }
}

/// As in CPython, where the future of a gather or a shield has the error then.
#[test]
fn a_gather_or_a_shield_that_fails_and_is_dropped_unseen_is_reported_once() {
    let second = Duration::from_secs(1);
    let told = told_of(async || {
        let gather = aio::gather((boom(), boom()));
        sleep(second).await;
        assert!(gather.done());
    });
    let line = "(let gather = aio::gather((boom(), boom()));)";
    assert_eq!(
        told,
        [format!(
            "the error of a gather was never retrieved: boom {line}"
        )]
    );
    let told = told_of(async || {
        let shield = aio::shield(boom());
        sleep(second).await;
        assert!(shield.done());
    });
    let line = "(let shield = aio::shield(boom());)";
    assert_eq!(
        told,
        [format!(
            "the error of Task-2 was never retrieved: boom {line}"
        )]
    );
    let told = told_of(async || {
        let inner = aio::gather([boom()]);
        let outer = aio::gather((inner, aio::shield(aio::gather([boom()]))));
        sleep(second).await;
        assert!(outer.done());
    });
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_gather_that_somebody_asks_reports_nothing() {
    let asks: [fn(&aio::Gather<[aio::Task<u8>; 1]>) -> bool; 3] = [
        |gather| gather.result().is_err(),
        |gather| gather.exception().is_ok_and(|error| error.is_some()),
        |gather| aio::gather([gather.clone()]).limit(1).done(),
    ];
    for (asked, reports) in asks.into_iter().zip([0, 0, 1]) {
        let told = told_of(async || {
            let gather = aio::gather([boom()]);
            sleep(Duration::from_secs(1)).await;
            asked(&gather);
        });
        assert_eq!(told.len(), reports, "{told:?}");
    }
    // Its errors are results.
    let told = told_of(async || {
        let gather = aio::gather_all([boom()]);
        sleep(Duration::from_secs(1)).await;
        assert!(gather.done());
    });
    assert_eq!(told, [""; 0]);
    // It was asked to end like that.
    let told = told_of(async || {
        let gather = aio::gather([create_task(sleep(Duration::from_secs(9)))]);
        gather.cancel();
        sleep(Duration::from_secs(1)).await;
        assert!(gather.cancelled());
    });
    assert_eq!(told, [""; 0]);
}

/// Nobody would look at what a gather that is gone has looked at.
#[test]
fn the_children_of_a_gather_that_was_dropped_report_their_own_errors() {
    for limit in [1, 2] {
        let told = told_of(async || {
            drop(aio::gather([boom(), boom(), boom()]).limit(limit));
            sleep(Duration::from_secs(1)).await;
        });
        let names = told.iter().map(|told| told.split_once(" (").unwrap().0);
        let expected =
            [2, 3, 4].map(|n| format!("the error of Task-{n} was never retrieved: boom"));
        assert!(names.eq(expected), "limit {limit}: {told:?}");
    }
    // Dropped in the turn in which its child has ended.
    let told = told_of(async || {
        let gather = aio::gather([create_task(async { Err::<(), _>(Error::new("boom")) })]);
        sleep(Duration::ZERO).await;
        drop(gather);
    });
    assert_eq!(told.len(), 1, "{told:?}");
}

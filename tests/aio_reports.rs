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
    TOLD.take()
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
    assert_eq!(
        at_the_end,
        ["the error of Task-2 at the end of its loop: flush failed"]
    );
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
    }
}

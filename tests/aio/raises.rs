//! An exception that one branch raises does not go to the scopes of its siblings.

use std::future::{pending, ready};
use std::pin::pin;

use cogen::aio::{self, Error, testing};
use futures::future::select;

use super::secs;

#[test]
fn a_raise_passes_by_the_scope_of_a_sibling() {
    let raised = testing::run(async {
        let task = aio::create_task(async {
            let raises = async {
                aio::sleep(secs(1)).await;
                let _ = Error::new("raised").raise().await;
            };
            let beside = aio::catch(aio::sleep(secs(5)));
            futures::join!(raises, beside);
        });
        aio::timeout(secs(100), task).await
    });
    assert_eq!(raised.unwrap_err().to_string(), "raised");
}

#[test]
fn a_raise_is_caught_around_the_join() {
    let caught = testing::run(async {
        let both = aio::catch(async {
            let raises = async {
                aio::sleep(secs(1)).await;
                let _ = Error::new("raised").raise().await;
            };
            futures::join!(raises, aio::timeout(secs(50), pending::<()>())).1
        });
        aio::ok(both.await.unwrap_err().to_string())
    });
    assert_eq!(caught.unwrap(), "raised");
}

#[test]
fn a_cancel_that_comes_back_from_a_child_passes_by_the_scope_of_a_sibling() {
    let ended = testing::run(async {
        let inner = aio::create_task(async { aio::sleep(secs(1000)).await });
        let awaited = inner.clone();
        let task = aio::create_task(async move {
            let mine = async {
                let _ = awaited.await;
            };
            let beside = aio::catch_cancelled(pending::<()>());
            let ((), beside) = futures::join!(mine, beside);
            beside.unwrap();
        });
        aio::sleep(secs(1)).await;
        assert!(task.cancel());
        aio::sleep(secs(50)).await;
        aio::ok((task.done(), task.cancelled(), inner.cancelled()))
    });
    assert_eq!(ended.unwrap(), (true, true, true));
}

/// A raise that lost a race does not go to the next wait.
#[test]
fn a_raise_that_lost_a_race_is_caught_around_that() {
    let caught = testing::run(async {
        let race = aio::catch(async {
            let raises = pin!(Error::new("raised").raise());
            select(raises, ready(())).await;
        });
        let caught = race.await.unwrap_err().to_string();
        aio::sleep(secs(1)).await;
        aio::ok(caught)
    });
    assert_eq!(caught.unwrap(), "raised");
}

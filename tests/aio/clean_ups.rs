//! Clean-up that can fail.

use cogen::aio::{self, Error, create_task, sleep, testing, try_finally};
use std::cell::Cell;
use std::rc::Rc;

use super::secs;

async fn closes(fails: bool) -> Result<(), Error> {
    sleep(secs(1)).await;
    if fails {
        return Err(Error::new("close failed"));
    }
    Ok(())
}

async fn works(fails: bool) -> Result<u8, std::io::Error> {
    sleep(secs(1)).await;
    if fails {
        return Err(std::io::Error::other("work failed"));
    }
    Ok(7)
}

/// The text of an error, and of its context.
fn both(error: &Error) -> (String, Option<String>) {
    let context = error.context().map(ToString::to_string);
    (error.to_string(), context)
}

#[test]
fn the_clean_ups_error_takes_the_place_of_the_blocks_end() {
    testing::run(async {
        assert_eq!(try_finally(works(false), closes(false)).await?, 7);
        let error = try_finally(works(true), closes(false)).await.unwrap_err();
        assert_eq!(both(&error), ("work failed".into(), None));
        let error = try_finally(works(false), closes(true)).await.unwrap_err();
        assert_eq!(both(&error), ("close failed".into(), None));
        let error = try_finally(works(true), closes(true)).await.unwrap_err();
        assert_eq!(
            both(&error),
            ("close failed".into(), Some("work failed".into()))
        );
        // Neither need be a `Result`.
        assert_eq!(try_finally(async { 7_u8 }, async {}).await?, 7);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancel_goes_on_after_a_clean_up_that_succeeds_and_not_after_one_that_fails() {
    testing::run(async {
        for fails in [false, true] {
            let task = create_task(try_finally(sleep(secs(60)), closes(fails)));
            sleep(secs(1)).await;
            task.cancel_with("stop");
            let error = (&task).await.unwrap_err();
            assert_eq!(task.cancelled(), !fails);
            assert_eq!(error.to_string() == "close failed", fails);
        }
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_error_that_is_raised_inside_is_the_context() {
    testing::run(async {
        let raises = async { Error::new("raised").raise().await };
        let task = create_task(async {
            try_finally(raises, closes(true)).await?;
            aio::ok(())
        });
        let error = task.await.unwrap_err();
        assert_eq!(both(&error), ("close failed".into(), Some("raised".into())));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn limits_and_second_cancels_reach_the_clean_up() {
    testing::run(async {
        let work = try_finally(sleep(secs(60)), closes(false));
        assert!(aio::timeout(secs(1), work).await.unwrap_err().is_timeout());
        // As with CPython's `timeout`, which lets another error than its own cancel pass.
        let work = try_finally(sleep(secs(60)), closes(true));
        let task = create_task(aio::timeout(secs(1), work));
        assert_eq!(task.await.unwrap_err().to_string(), "close failed");
        let task = create_task(try_finally(sleep(secs(60)), sleep(secs(60))));
        for _ in 0..2 {
            sleep(secs(1)).await;
            task.cancel();
        }
        assert!(task.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn clean_ups_in_each_other_all_run() {
    testing::run(async {
        let ran = Rc::new(Cell::new(0));
        let clean_up = || {
            let ran = ran.clone();
            async move {
                closes(false).await?;
                ran.set(ran.get() + 1);
                Err::<(), _>(Error::new(ran.get().to_string()))
            }
        };
        let inner = try_finally(sleep(secs(60)), clean_up());
        let task = create_task(try_finally(try_finally(inner, clean_up()), clean_up()));
        sleep(secs(1)).await;
        task.cancel();
        let error = task.await.unwrap_err();
        assert_eq!(
            (both(&error), ran.get()),
            (("3".into(), Some("2".into())), 3)
        );
        aio::ok(())
    })
    .unwrap();
}

struct Counts(Rc<Cell<usize>>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn the_value_of_a_block_whose_clean_up_fails_is_dropped_once() {
    testing::run(async {
        let dropped = Rc::new(Cell::new(0));
        let counts = Counts(dropped.clone());
        let work = try_finally(async move { aio::ok(counts) }, closes(true));
        assert!(work.await.is_err());
        assert_eq!(dropped.get(), 1);
        // Beside another wait, which drops it before its end.
        let counts = Counts(dropped.clone());
        tokio::select! {
            biased;
            _ = try_finally(async move { aio::ok(counts) }, closes(true)) => panic!("it takes a second"),
            () = sleep(secs(0)) => {}
        }
        assert_eq!(dropped.get(), 2);
        aio::ok(())
    })
    .unwrap();
}

//! Errors keep their type and their context in tasks, and are taken from other crates.

use std::fmt;
use std::io;
use std::sync::Arc;

use cogen::aio::{self, AsyncContext, Cancelled, Error, testing};
use cogen::context::YieldError;
use cogen::{Exception, IntoException, NextError};

use super::secs;

#[derive(Debug, PartialEq)]
struct Named(&'static str);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Named {}

fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = error.context();
    while let Some(exception) = next {
        texts.push(exception.to_string());
        next = exception.context();
    }
    texts
}

/// Sleeps, and then raises in its clean-up.
async fn cleans_up(name: &'static str) {
    let cleanup = async {
        aio::sleep(secs(2)).await;
        Error::new(Named(name)).raise().await;
    };
    aio::finally(aio::sleep(secs(60)), cleanup).await;
}

#[test]
fn what_only_holds_an_exception_becomes_what_that_is() {
    let wrapper = || NextError::Raised(Named("raised").into());
    let errors = [
        Error::from(wrapper()),
        Error::new(wrapper()),
        Error::from(Exception::from(Named("raised"))),
        Error::new(Exception::from(Named("raised"))),
        Error::new(Error::from(Named("raised"))),
        testing::run(async { Err::<(), _>(wrapper()) }).unwrap_err(),
        testing::run(async { Err::<(), _>(Exception::from(Named("raised"))) }).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.downcast_ref(), Some(&Named("raised")), "{error:?}");
        let exception = Exception::new(error.clone());
        assert_eq!(exception.downcast_ref(), Some(&Named("raised")));
        assert!(error.into_exception().is::<Named>());
    }
    assert!(Error::new(Cancelled::new()).is_cancelled());
    assert!(Error::new(Error::Timeout).is_timeout());
    assert!(
        Error::from(Arc::new(Named("shared")))
            .downcast_ref::<Named>()
            .is_some()
    );
}

#[test]
fn a_body_fails_with_whatever_turns_into_a_boxed_error() {
    let text = testing::run(async { Err::<(), _>("text") });
    assert_eq!(text.unwrap_err().to_string(), "text");
    let boxed =
        testing::run(async { Err::<(), Box<dyn std::error::Error + Send + Sync>>("boxed".into()) });
    assert_eq!(boxed.unwrap_err().to_string(), "boxed");
    let cancelled = testing::run(async { Err::<(), _>(Cancelled::new()) });
    assert!(cancelled.unwrap_err().is_cancelled());
    let promise = testing::run(async {
        let promise = aio::Promise::<()>::new();
        promise.set_exception("set")?;
        promise.await
    });
    assert_eq!(promise.unwrap_err().to_string(), "set");
}

#[cfg(feature = "anyhow")]
#[test]
fn anyhow_goes_in_and_out() {
    fn main() -> anyhow::Result<()> {
        testing::run(async {
            anyhow::ensure!(false, "small");
            anyhow::Ok(())
        })?;
        Ok(())
    }
    assert_eq!(main().unwrap_err().to_string(), "small");
}

#[test]
fn an_error_is_an_io_error_of_its_kind() {
    assert_eq!(
        io::Error::from(Error::Timeout).kind(),
        io::ErrorKind::TimedOut
    );
    let error = io::Error::from(Error::from(io::Error::from(io::ErrorKind::NotFound)));
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert_eq!(
        io::Error::from(Error::from(Named("mine"))).to_string(),
        "mine"
    );
}

#[test]
fn a_clean_up_that_raises_keeps_the_cancel() {
    testing::run(async {
        let task = aio::create_task(cleans_up("clean-up"));
        aio::sleep(secs(1)).await;
        task.cancel();
        let error = task.await.unwrap_err();
        assert_eq!(chain(&error), ["clean-up", "cancelled"]);
        assert!(error.downcast_ref::<Named>().is_some());
        assert_eq!(format!("{error:#}"), "clean-up: cancelled");
        // A second cancel in the clean-up ends the task as cancelled.
        let task = aio::create_task(cleans_up("clean-up"));
        aio::sleep(secs(1)).await;
        task.cancel();
        aio::sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(task_of_nested().await);
        aio::ok(())
    })
    .unwrap();
}

/// Nested clean-ups make a chain.
async fn task_of_nested() -> bool {
    let task = aio::create_task(aio::finally(cleans_up("inner"), async {
        Error::new(Named("outer")).raise().await;
    }));
    aio::sleep(secs(1)).await;
    task.cancel();
    let error = task.await.unwrap_err();
    let inner = error.context().unwrap();
    assert_eq!(
        inner.downcast_ref(),
        Some(&Named("inner")),
        "not hidden in a type of the loop's"
    );
    chain(&error) == ["outer", "inner", "cancelled"]
}

#[test]
fn managers_and_stacks_keep_what_they_replace() {
    testing::run(async {
        let manager = |name| {
            aio::context_manager(move |co| {
                aio::finally(co.yield_(()), async move {
                    Error::new(Named(name)).raise().await;
                })
            })
        };
        let body = async |()| Err::<(), _>(Named("body"));
        let error = manager("exit").with(body).await.unwrap_err();
        assert_eq!(chain(&error), ["exit", "body"]);
        assert!(error.context().unwrap().is::<Named>());
        let error = aio::exit_stack(async |stack| {
            stack.enter(manager("one")).await?;
            stack.callback(async || Err::<(), _>("two"));
            Err::<(), Error>(Named("body").into())
        });
        assert_eq!(chain(&error.await.unwrap_err()), ["one", "two", "body"]);
        let passes = aio::context_manager(|co| co.yield_(()));
        assert_eq!(chain(&passes.with(body).await.unwrap_err()), ["body"]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_manager_that_uses_up_the_error_says_what_it_was() {
    testing::run(async {
        let again = aio::context_manager(|co| async move {
            for _ in 0..3 {
                if aio::catch_exception(co.yield_(())).await.is_ok() {
                    break;
                }
            }
        });
        let error = again
            .with(async |()| Err::<(), _>(Named("the real error")))
            .await
            .unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&YieldError::AgainAfterThrow));
        assert_eq!(
            chain(&error),
            ["generator didn't stop after throw()", "the real error"]
        );
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn catch_exception_lets_a_cancel_and_a_close_pass() {
    testing::run(async {
        let task = aio::create_task(async {
            let mut failed = 0_u32;
            while failed < 5 {
                let work = async {
                    aio::sleep(secs(1)).await;
                    Error::new("work").raise().await;
                };
                failed += u32::from(aio::catch_exception(work).await.is_err());
            }
            aio::catch_exception(aio::sleep(secs(60))).await.is_err()
        });
        aio::sleep(secs(20)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        let g = aio::async_generator(|co| async move {
            loop {
                let _failed = aio::catch_exception(co.yield_(1)).await;
            }
        });
        g.anext().await?;
        assert_eq!(g.athrow("disk full").await?, Some(1));
        g.aclose().await?;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn the_length_of_a_chain_takes_no_stack() {
    let error = (1..100_000).fold(Error::new("0"), |last, _| {
        Error::new(Named("n")).with_context(last)
    });
    assert_eq!(chain(&error).len(), 100_000);
    assert!(error.clone().into_exception().source().is_some());
    drop(error);
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("asking failed")]
    Ask(#[from] aio::Error),
    #[error("bad number")]
    Number(#[from] std::num::ParseIntError),
}

async fn late() -> Result<u32, Fault> {
    aio::timeout(secs(1), aio::sleep(secs(2))).await?;
    Ok("1".parse()?)
}

#[test]
fn timeouts_and_cancels_are_seen_through_wrappers() {
    let error = testing::run(late()).unwrap_err();
    assert!(error.is_timeout() && !error.is_cancelled());
    assert!(matches!(
        error.downcast_ref(),
        Some(Fault::Ask(Error::Timeout))
    ));
    assert_eq!(format!("{error:#}"), "asking failed: timed out");
    let twice = Error::new(Fault::Ask(error));
    assert!(twice.is_timeout());
    let anyhow = Error::new(anyhow::Error::from_boxed(twice.into()).context("outside"));
    assert!(anyhow.is_timeout());
    assert!(!Error::new("timed out").is_timeout());
    assert!(!Error::from(Fault::Number("x".parse::<u8>().unwrap_err())).is_timeout());

    let wrapped = testing::run(async {
        let task = aio::create_task(async {
            let inner = aio::create_task(aio::sleep(secs(1)));
            inner.cancel();
            inner.await.map_err(Fault::from)
        });
        let error = (&task).await.unwrap_err();
        // It has the cancel of another task among its sources, and was not cancelled itself.
        assert!(error.is_cancelled() && !task.cancelled());
        Err::<(), _>(error)
    });
    assert!(wrapped.unwrap_err().is_cancelled());
}

#[test]
fn the_report_has_sources_and_the_errors_of_groups() {
    let error = Error::from(Fault::Ask(Error::from(Fault::Ask(Error::Timeout))));
    assert_eq!(
        format!("{error:?}"),
        "asking failed\n\nCaused by:\n    0: asking failed\n    1: timed out"
    );
    assert_eq!(
        format!("{:?}", Error::from(Fault::Ask(Error::Timeout))),
        "asking failed\n\nCaused by:\n    timed out"
    );
    assert_eq!(format!("{:?}", Error::Timeout), "timed out");
    assert_eq!(format!("{:#?}", Error::Timeout), "Timeout");

    let group = testing::run(aio::task_group(async |group| {
        group.create_task(async { "x".parse::<i32>() });
        group.create_task(aio::task_group(async |inner| {
            inner.create_task(async { Err::<(), _>(Fault::Ask(Error::Timeout)) });
        }));
    }));
    let group = group.unwrap_err();
    let one = "unhandled errors in a task group";
    assert_eq!(group.to_string(), format!("{one} (2 sub-errors)"));
    assert_eq!(
        format!("{group:#}"),
        format!("{one} (2 sub-errors): invalid digit found in string; {one} (1 sub-error)")
    );
    assert_eq!(
        format!("{group:?}"),
        format!(
            "{one} (2 sub-errors)\n\
             1: invalid digit found in string\n\
             2: {one} (1 sub-error)\n    \
             1: asking failed\n\n        \
             Caused by:\n            \
             timed out"
        )
    );
}

#[test]
fn an_error_is_a_dyn_error_by_reference() {
    fn text(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
        error.to_string()
    }
    assert_eq!(text(&*Error::Timeout), "timed out");
    let named = Error::from(Named("mine"));
    assert_eq!(text(&*named), "mine");
    assert!(named.source().is_none());
}

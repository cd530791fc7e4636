//! An error that is raised while another one is handled keeps that as its context, as Python's `__context__`. What Python
//! says was recorded from CPython 3.11.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};

use cogen::context::{Context, YieldError, context_manager, exit_stack};
use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExit, NextError, Step, generator, recursive,
};
use futures::executor::block_on;

#[derive(Debug, PartialEq)]
struct Named(&'static str);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Named {}

fn named(name: &'static str) -> Exception {
    Exception::from(Named(name))
}

/// The exception, its context, and so on.
fn chain(exception: &Exception) -> Vec<String> {
    let mut texts = vec![exception.to_string()];
    let mut next = exception.context();
    while let Some(exception) = next {
        texts.push(exception.to_string());
        next = exception.context();
    }
    texts
}

/// try: yield 1 / finally: raise, yield, or both
async fn cleans_up(co: Co<'_, u32>, yields: bool, raises: Option<&'static str>) {
    let cleanup = async move {
        if yields {
            co.yield_(2).await;
        }
        if let Some(name) = raises {
            co.raise(Named(name)).await;
        }
    };
    co.finally(co.yield_(1), cleanup).await;
}

fn boxed(yields: bool, raises: Option<&'static str>) -> BoxGen<'static, u32> {
    generator(move |co| cleans_up(co, yields, raises)).boxed()
}

#[test]
fn a_clean_up_that_raises_keeps_what_was_on_its_way() {
    let mut g = boxed(false, Some("clean-up"));
    g.next().unwrap();
    let exception = g.throw(Named("disk full")).unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["clean-up", "disk full"]);
    assert!(exception.is::<Named>());
    assert_eq!(
        exception.context().unwrap().downcast_ref(),
        Some(&Named("disk full"))
    );
    assert_eq!(exception.source().unwrap().to_string(), "disk full");
    assert_eq!(
        format!("{exception} {exception:#}"),
        "clean-up clean-up: disk full"
    );
    let debug = r#"Exception { error: Named("clean-up"), context: [Named("disk full")] }"#;
    assert_eq!(format!("{exception:?}"), debug);
    assert_eq!(exception.downcast::<Named>().unwrap(), Named("clean-up"));
}

#[test]
fn a_clean_up_that_is_thrown_at_keeps_what_was_on_its_way() {
    let mut g = boxed(true, None);
    g.next().unwrap();
    assert_eq!(g.throw(Named("a")).unwrap(), Step::Yielded(2));
    let exception = g.throw(Named("b")).unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["b", "a"]);

    let mut g = boxed(true, None);
    g.next().unwrap();
    g.next().unwrap();
    let exception = g.throw(Named("b")).unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["b"], "nothing was on its way");
}

#[test]
fn nested_clean_ups_make_a_chain() {
    // try: yield 1 / finally: (try: yield 2 / finally: raise inner)
    let mut g = pin!(generator(|co| async move {
        let inner = async move { co.raise(Named("inner")).await };
        co.finally(co.yield_(1), co.finally(co.yield_(2), inner))
            .await;
    }));
    g.next().unwrap();
    g.throw(Named("a")).unwrap();
    let exception = g.throw(Named("b")).unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["inner", "b", "a"]);

    let mut g = pin!(generator(|co| async move {
        let inside = cleans_up(co, false, Some("inner"));
        co.finally(inside, async move { co.raise(Named("outer")).await })
            .await;
    }));
    g.next().unwrap();
    let exception = g.throw(Named("a")).unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["outer", "inner", "a"]);
}

#[test]
fn scopes_see_the_error_not_its_context() {
    let mut g = generator(|co| async move {
        let inside = cleans_up(co, false, Some("clean-up"));
        let tried = co
            .catch_as::<fmt::Error, _>(co.catch_as::<Named, _>(inside))
            .await;
        assert_eq!(tried.unwrap().unwrap_err(), Named("clean-up"));
    })
    .boxed();
    g.next().unwrap();
    assert_eq!(g.throw(fmt::Error).unwrap(), Step::Complete(()));
}

#[test]
fn a_close_is_the_context_of_what_it_makes_a_clean_up_raise() {
    let mut g = boxed(false, Some("clean-up"));
    g.next().unwrap();
    let exception = g.close().unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["clean-up", "generator exit"]);
    // Closed in its clean-up: the exception that was on its way is the close's context, and goes with it.
    let mut g = boxed(true, None);
    g.next().unwrap();
    g.throw(Named("a")).unwrap();
    assert_eq!(g.close().unwrap(), None);
    let mut g = boxed(true, None);
    g.next().unwrap();
    g.throw(Named("a")).unwrap();
    let exit = g
        .throw(GeneratorExit::with(7))
        .unwrap_err()
        .into_exception();
    assert_eq!(chain(&exit), ["generator exit", "a"]);
    assert_eq!(
        exit.downcast::<GeneratorExit>().unwrap().payload(),
        Some(&7)
    );
}

#[test]
fn a_delegation_hands_on_what_its_generator_raises() {
    let mut g = pin!(generator(|co| co.yield_from(boxed(false, Some("sub")))));
    g.next().unwrap();
    let exception = g.close().unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["sub", "generator exit"]);
}

fn keeps_it(g: &mut (impl Generator<Yield = u32, Resume = (), Return = ()> + Unpin)) {
    g.next().unwrap();
    assert_eq!(g.throw(Named("a")).unwrap(), Step::Yielded(2));
    let exception = g.next().unwrap_err().into_exception();
    assert_eq!(chain(&exception), ["clean-up", "a"]);
}

#[test]
fn every_form_keeps_it() {
    let calls =
        || recursive(|co| async move { co.call(cleans_up(*co, true, Some("clean-up"))).await });
    let mut frame = pin!(generator(|co| cleans_up(co, true, Some("clean-up"))));
    let mut called = pin!(calls());
    let mut delegated = pin!(generator(|co| co.yield_from(boxed(true, Some("clean-up")))));
    let mut joined = pin!(generator(|co| async move {
        futures::join!(cleans_up(co, true, Some("clean-up")), async {});
    }));
    let mut shared = boxed(true, Some("clean-up")).shared();
    keeps_it(&mut frame);
    keeps_it(&mut called);
    keeps_it(&mut delegated);
    keeps_it(&mut joined);
    keeps_it(&mut shared);
    block_on(async {
        let mut g = boxed(true, Some("clean-up"));
        g.anext().await.unwrap();
        g.athrow(Named("a")).await.unwrap();
        let exception = g.anext().await.unwrap_err().into_exception();
        assert_eq!(chain(&exception), ["clean-up", "a"]);
    });
}

/// An error with a source.
#[derive(Debug)]
struct Because(Named);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("because")
    }
}

impl Error for Because {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn an_error_that_has_a_source_has_both() {
    // Python has one of them printed: `__cause__`, or else `__context__`.
    let exception = Exception::from(Because(Named("cause"))).with_context(named("context"));
    assert_eq!(format!("{exception:#}"), "because: cause: context");
    assert_eq!(exception.source().unwrap().to_string(), "cause");
    assert_eq!(chain(&exception), ["because", "context"]);
    let boxed = Box::<dyn Error + Send + Sync>::from(exception);
    assert_eq!(
        chain(&Exception::new(boxed)),
        ["because", "context"],
        "a box keeps it"
    );
}

#[test]
fn a_second_context_is_that_of_the_last_one() {
    let exception = named("c")
        .with_context(named("b"))
        .with_context(named("a").with_context(named("0")));
    assert_eq!(chain(&exception), ["c", "b", "a", "0"]);
}

#[test]
fn managers_and_stacks_keep_what_they_replace() {
    let manager = |name: &'static str, raises: Option<&'static str>| {
        context_manager(move |co: Co<'static, ()>| {
            co.finally(co.yield_(()), async move {
                if let Some(name) = raises {
                    co.raise(Named(name)).await;
                }
                let _ = name;
            })
        })
    };
    let failed = |(): ()| Err::<(), _>(Named("body"));
    let error = manager("one", Some("one")).with(failed).unwrap_err();
    assert_eq!(chain(&error), ["one", "body"]);
    let error = exit_stack(|stack| {
        stack.enter(manager("one", Some("one")))?;
        stack.enter(manager("two", None))?;
        stack.enter(manager("three", Some("three")))?;
        Err::<(), Exception>(named("body"))
    });
    assert_eq!(chain(&error.unwrap_err()), ["one", "three", "body"]);
    let error = exit_stack(|stack| {
        stack.callback(|| Err(Named("callback")));
        stack.callback(|| Err(Named("callback2")));
        Err::<(), _>(Named("body"))
    });
    assert_eq!(
        chain(&error.unwrap_err()),
        ["callback", "callback2", "body"]
    );
    let error = exit_stack(|stack| {
        stack.callback(|| Err(Named("callback")));
        stack.push(|exception| {
            *exception = None;
            Ok(())
        });
        Err::<(), _>(Named("body"))
    });
    assert_eq!(
        chain(&error.unwrap_err()),
        ["callback"],
        "that of the body was swallowed"
    );
}

#[test]
fn a_context_by_hand_keeps_what_it_leaves_in_place() {
    struct Fails;
    impl Context for Fails {
        type Resource = ();
        fn enter(&mut self) -> Result<(), Exception> {
            Ok(())
        }
        fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
            Err(named("exit"))
        }
    }
    let error = Fails.with(|()| Err::<(), _>("body")).unwrap_err();
    assert_eq!(chain(&error), ["exit", "body"]);
    let error = Fails.with(|()| Ok::<_, Exception>(())).unwrap_err();
    assert_eq!(chain(&error), ["exit"]);
}

#[test]
fn a_manager_that_uses_up_the_error_says_what_it_was() {
    let real = |(): ()| Err::<(), _>(Named("the real error"));
    let again = || {
        context_manager(|co| async move {
            for _ in 0..3 {
                if co.catch_exception(co.yield_(())).await.is_ok() {
                    break;
                }
            }
        })
    };
    let error = again().with(real).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&YieldError::AgainAfterThrow));
    assert_eq!(
        chain(&error),
        ["generator didn't stop after throw()", "the real error"]
    );
    // One that ignores its close as well.
    let stubborn = context_manager(|co| async move { while co.try_yield(()).await.is_err() {} });
    let error = stubborn.with(real).unwrap_err();
    assert_eq!(
        chain(&error),
        ["generator didn't stop after throw()", "the real error"]
    );
    // One that fails when it is closed.
    let fails = context_manager(|co| async move {
        let _used_up = co.try_yield(()).await;
        co.finally(co.yield_(()), async move { co.raise(Named("close")).await })
            .await;
    });
    let error = fails.with(real).unwrap_err();
    let expected = [
        "close",
        "generator exit",
        "generator didn't stop after throw()",
        "the real error",
    ];
    assert_eq!(chain(&error), expected);
    let replaces = context_manager(|co| async move {
        let _used_up = co.try_yield(()).await;
        Err(Named("other"))
    });
    assert_eq!(
        chain(&replaces.with(real).unwrap_err()),
        ["other", "the real error"]
    );
    // One that says something of it, or only looks so.
    let explains = context_manager(|co| async move {
        let tried = co.try_yield(()).await;
        tried.map_err(|error| Exception::new(format!("no: {error}")))
    });
    assert_eq!(
        chain(&explains.with(real).unwrap_err()),
        ["no: the real error", "the real error"]
    );
    // What it lets pass, raises again, or has as its source, is left as it is.
    let passes = context_manager(|co| co.yield_(()));
    assert_eq!(chain(&passes.with(real).unwrap_err()), ["the real error"]);
    let again = context_manager(|co| async move { co.try_yield(()).await.map(drop) });
    assert_eq!(chain(&again.with(real).unwrap_err()), ["the real error"]);
    let wraps = context_manager(|co| async move {
        let tried = co.catch_as::<Named, _>(co.yield_(())).await;
        tried.map_err(Because)
    });
    assert_eq!(chain(&wraps.with(real).unwrap_err()), ["because"]);
}

const LONG: usize = 100_000;

fn long() -> Exception {
    (1..LONG).fold(named("0"), |context, _| named("n").with_context(context))
}

#[test]
fn the_length_of_a_chain_takes_no_stack() {
    let exception = long();
    assert_eq!(chain(&exception).len(), LONG);
    assert_eq!(format!("{exception:#}").len(), 3 * LONG - 2);
    assert!(format!("{exception:?}").ends_with(r#"Named("0")] }"#));
    let longer = long().with_context(named("first"));
    assert_eq!(chain(&longer).last().unwrap(), "first");
    drop((exception, longer));
    let taken = long().downcast::<Named>().unwrap();
    assert_eq!(taken, Named("n"));
    // A retry that fails again and again.
    let mut g = generator(|co: Co<'static, u32>| async move {
        let mut last = named("0");
        for _ in 1..LONG {
            let failed = co.catch(co.raise(Named("n"))).await.unwrap_err();
            last = failed.with_context(last);
        }
        co.raise(last).await
    })
    .boxed();
    let Err(NextError::Raised(exception)) = g.next() else {
        panic!("it raises");
    };
    assert_eq!(chain(&exception).len(), LONG);
}

#[test]
fn a_destructor_that_panics_leaves_the_others_to_be_dropped() {
    static DROPPED: AtomicU32 = AtomicU32::new(0);
    #[derive(Debug)]
    struct Hostile(bool);
    impl fmt::Display for Hostile {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("hostile")
        }
    }
    impl Error for Hostile {}
    impl Drop for Hostile {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
            assert!(!self.0, "a destructor panics");
        }
    }
    let hostile = |panics| Exception::from(Hostile(panics));
    let exception = hostile(false)
        .with_context(hostile(true))
        .with_context(hostile(false))
        .with_context(hostile(false));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(exception))).is_err());
    assert_eq!(DROPPED.load(Ordering::Relaxed), 4);
}

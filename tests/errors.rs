//! Errors that pass through generators keep their type: what becomes an exception, what that turns into, and which scopes
//! catch it.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use cogen::pipeline::{FeedError, Interrupted, Pipeline, source};
use cogen::{
    CloseError, Co, DriveError, Exception, Generator, GeneratorExit, GeneratorExt, IntoException,
    LocalBoxGen, NextError, RecursionError, SendError, StartError, Step, ThrowError, generator,
    recursive,
};
use futures::StreamExt;

type Boxed = Box<dyn Error + Send + Sync>;

#[derive(Debug, PartialEq)]
struct Oops(u32);

impl fmt::Display for Oops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oops {}", self.0)
    }
}

impl Error for Oops {}

/// An error with a source.
#[derive(Debug)]
struct Because(Oops);

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

/// Sees what is raised in a body, as a scope for `E` and as the caller.
fn raised<E: Error + 'static>(error: impl IntoException) -> (bool, Exception) {
    let exception = error.into_exception();
    let is_it = exception.is::<E>();
    let mut g = generator(|co: Co<'static, u32>| async move { co.raise(exception).await }).boxed();
    let Err(NextError::Raised(exception)) = g.next() else {
        panic!("it raises");
    };
    assert_eq!(exception.is::<E>(), is_it);
    (is_it, exception)
}

/// In the ways in which an error becomes an exception, what only wraps an [`Oops`] becomes that.
fn is_unwrapped<E: Error + Send + Sync + 'static>(name: &str, make: impl Fn() -> E) {
    let ways: [fn(E) -> Exception; 6] = [
        |error| Box::new(error).into(),
        |error| error.into(),
        |error| Exception::new(error),
        |error| Exception::new(Box::<dyn Error + Send + Sync>::from(error)),
        |error| error.into_exception(),
        |error| (|| -> Result<(), Exception> { Err(error)? })().unwrap_err(),
    ];
    for (way, convert) in ways.iter().enumerate() {
        let exception = convert(make());
        assert!(
            exception.is::<Oops>() && !exception.is::<E>(),
            "{name}, {way}"
        );
        assert_eq!(
            exception.downcast::<Oops>().unwrap(),
            Oops(7),
            "{name}, {way}"
        );
    }
    let (mut caught, mut thrown) = (false, false);
    let mut g = generator(|co: Co<'_, (), E>| {
        let caught = &mut caught;
        async move {
            let raised = co.catch_as::<Oops, _>(async {
                let error = co.yield_(()).await;
                co.raise(error).await;
            });
            *caught = raised.await.is_err();
        }
    })
    .boxed_local();
    g.start().unwrap();
    g.send(make()).unwrap();
    drop(g);
    let mut g = generator(|co: Co<'_, ()>| {
        let thrown = &mut thrown;
        async move { *thrown = co.catch_as::<Oops, _>(co.yield_(())).await.is_err() }
    })
    .boxed_local();
    g.start().unwrap();
    g.throw(make()).unwrap();
    drop(g);
    assert!(caught && thrown, "{name}");
}

#[test]
fn what_was_raised_is_found_through_every_error_that_wraps_it() {
    let oops = || Exception::from(Oops(7));
    is_unwrapped("start", || StartError::Raised(oops()));
    is_unwrapped("next", || NextError::Raised(oops()));
    is_unwrapped("send", || SendError::<String>::Raised(oops()));
    is_unwrapped("send, a large value", || {
        SendError::<[u64; 64]>::Raised(oops())
    });
    is_unwrapped("throw", || ThrowError::Raised(oops()));
    is_unwrapped("close", || CloseError::<Option<Box<u8>>>::Raised(oops()));
    is_unwrapped("drive", || DriveError::<Vec<u8>>::Raised(oops()));
    is_unwrapped("sink", || cogen::adapt::SinkError::<u8>::Raised(oops()));
    is_unwrapped("feed", || FeedError::<u8>::Raised(oops()));
    is_unwrapped("a run", || {
        source([1])
            .try_map(|_: u8| Err::<u8, _>(Oops(7)))
            .collect::<Vec<_>>()
            .unwrap_err()
    });
    is_unwrapped("wrapped twice", || {
        NextError::Raised(SendError::<u8>::Raised(oops()).into())
    });
}

#[test]
fn what_was_raised_passes_through_generators_that_raise_what_their_targets_raise() {
    fn target(depth: u32) -> LocalBoxGen<'static, (), String> {
        generator(move |co: Co<'static, (), String>| async move {
            if depth == 0 {
                let line = co.yield_(()).await;
                co.raise(Oops(u32::try_from(line.len()).unwrap())).await;
            }
            let (mut target, _) = target(depth - 1).primed().unwrap();
            loop {
                let line = co.yield_(()).await;
                if let Err(error) = target.send(line) {
                    co.raise(error).await;
                }
            }
        })
        .boxed_local()
    }
    let (mut g, _) = target(5).primed().unwrap();
    let Err(SendError::Raised(exception)) = g.send("four".to_owned()) else {
        panic!("it raises");
    };
    assert_eq!(exception.downcast::<Oops>().unwrap(), Oops(4));
}

#[test]
fn the_refusals_of_an_operation_keep_its_type() {
    assert!(raised::<NextError>(NextError::Finished).0);
    assert!(raised::<StartError>(StartError::AlreadyStarted).0);
    assert!(raised::<SendError<u8>>(SendError::Running(3_u8)).0);
    assert!(raised::<ThrowError>(ThrowError::Running(Oops(1).into())).0);
    assert!(raised::<CloseError<u8>>(CloseError::Ignored(3_u8)).0);
    assert!(raised::<DriveError<u8>>(DriveError::<u8>::AlreadyStarted).0);
    // But this is what the delegation raises, too.
    assert!(raised::<RecursionError>(NextError::TooDeep).0);
    let deep = ThrowError::TooDeep(Oops(1).into());
    let error = Exception::from(deep).downcast::<RecursionError>().unwrap();
    assert!(error.into_thrown().unwrap().is::<Oops>());
}

#[test]
fn a_wrapper_has_the_sources_of_what_it_wraps() {
    let error = NextError::Raised(Because(Oops(1)).into());
    assert_eq!(sources(&error), ["oops 1"]);
    let (mut causes, mut next) = (0, Some(&error as &dyn Error));
    while let Some(error) = next {
        causes += 1;
        #[expect(deprecated, reason = "it is what tells a wrapper")]
        let cause = error.cause();
        next = cause;
    }
    assert_eq!(causes, 3, "it has an end");
}

fn sources(error: &dyn Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    texts
}

#[test]
fn an_interrupted_run_loses_none_of_its_errors() {
    let failed = || -> Interrupted<Vec<u8>> {
        let stage = source([1_u8]).stage(|io| async move {
            let cleanup = async move { io.raise(Oops(2)).await };
            io.finally(
                async {
                    while let Some(n) = io.recv().await {
                        io.emit(n).await;
                    }
                },
                cleanup,
            )
            .await;
        });
        stage
            .try_map(|_: u8| Err::<u8, _>(Oops(1)))
            .collect()
            .unwrap_err()
    };
    let all: Vec<_> = std::iter::once(failed().exception().to_string())
        .chain(failed().others().iter().map(ToString::to_string))
        .collect();
    let exception = Exception::from(failed());
    for error in all {
        assert!(
            format!("{exception:#}").contains(&error),
            "{error}: {exception:#}"
        );
    }
}

#[test]
fn whatever_turns_into_a_boxed_error_can_be_raised_and_thrown() {
    assert_eq!(raised::<Oops>("text").1.to_string(), "text");
    assert_eq!(raised::<Oops>(String::from("text")).1.to_string(), "text");
    assert!(raised::<Oops>(Boxed::from(Oops(1))).0);
    assert!(raised::<Oops>(Exception::from(Oops(1))).0);
    assert!(raised::<io::Error>(io::Error::other("text")).0);
    let borrowed = String::from("text");
    let mut g = pin!(generator(
        |co: Co<'_, u32>| async move { co.yield_(1).await }
    ));
    g.next().unwrap();
    assert_eq!(g.throw(&*borrowed).unwrap_err().to_string(), "text");
}

#[test]
fn handlers_and_blocks_fail_with_whatever_turns_into_a_boxed_error() {
    let ask = |co: Co<'static, u32, u32>| async move { co.yield_(1).await };
    for error in [
        generator(ask).try_drive(|_| Err("text")).unwrap_err(),
        generator(ask)
            .try_drive(|_| Err("text".to_owned()))
            .unwrap_err(),
        generator(ask)
            .try_drive(|_| Err(Boxed::from("text")))
            .unwrap_err(),
        generator(ask)
            .try_drive(|_| Err(Exception::new("text")))
            .unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "text");
    }
    let block = |_: &cogen::context::ExitStack<'_>| Err::<(), _>("text");
    assert_eq!(
        cogen::context::exit_stack(block).unwrap_err().to_string(),
        "text"
    );
    let stage = source([1]).stage(|io| async move {
        let _first = io.recv().await;
        io.emit(1).await;
        Err(Boxed::from("text"))
    });
    assert_eq!(
        stage
            .collect::<Vec<_>>()
            .unwrap_err()
            .exception()
            .to_string(),
        "text"
    );
}

#[test]
fn an_arc_is_looked_through() {
    let waiters: [Exception; 3] = {
        let shared = Arc::new(Oops(3));
        [shared.clone(), shared.clone(), shared].map(Into::into)
    };
    assert!(
        waiters
            .iter()
            .all(|waiter| waiter.downcast_ref() == Some(&Oops(3)))
    );
    let [one, two, three] = waiters;
    let one = one.downcast::<Oops>().unwrap_err();
    assert!(one.is::<Arc<Oops>>(), "it comes back");
    drop((one, two));
    assert_eq!(three.downcast::<Oops>().unwrap(), Oops(3));

    let shared: Arc<dyn Error + Send + Sync> = Arc::new(Oops(4));
    let exception = Exception::from(shared.clone());
    assert_eq!(exception.downcast_ref(), Some(&Oops(4)));
    let exception = exception.downcast::<Oops>().unwrap_err();
    assert_eq!(exception.downcast_ref(), Some(&Oops(4)));
    assert!(!exception.is::<fmt::Error>());
}

#[test]
fn catch_exception_lets_a_close_pass() {
    let survivor = |co: Co<'static, u32>| async move {
        let mut n = 0;
        loop {
            n += 1;
            if co.catch_exception(co.yield_(n)).await.is_err() {
                n += 10;
            }
        }
    };
    let mut g = generator(survivor).boxed();
    let g: &mut cogen::BoxGen<'_, u32, (), ()> = &mut g;
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(g.throw("disk full").unwrap(), Step::Yielded(12));
    assert_eq!(g.throw(Arc::new(Oops(1))).unwrap(), Step::Yielded(23));
    let exit = g
        .throw(GeneratorExit::with(5))
        .unwrap_err()
        .into_exception();
    assert_eq!(
        exit.downcast::<GeneratorExit>().unwrap().payload(),
        Some(&5)
    );
    assert_eq!(g.close().unwrap(), None);
    // In a called body, and around a raise.
    let mut g = recursive(|co| async move {
        let called = co.call(async move { co.catch_exception(co.raise(Oops(1))).await.is_err() });
        let inner = co.catch_exception(co.catch_exception(co.yield_(called.await)));
        inner.await.is_err()
    })
    .boxed();
    assert_eq!(g.next().unwrap(), Step::Yielded(true));
    assert_eq!(g.close().unwrap(), None);
}

#[test]
fn an_exception_is_an_io_error_where_it_holds_one() {
    let not_found = || io::Error::from(io::ErrorKind::NotFound);
    let back = io::Error::from(Exception::from(not_found()));
    assert_eq!(back.kind(), io::ErrorKind::NotFound);
    let back = io::Error::from(Exception::from(not_found()).with_context(Oops(1).into()));
    assert_eq!(back.kind(), io::ErrorKind::NotFound);
    assert_eq!(sources(&back), ["oops 1"]);
    // One that another owner has as well, as each side of a tee: it is in there.
    let shared = Arc::new(not_found());
    let back = io::Error::from(Exception::from(shared.clone()));
    assert_eq!(back.kind(), io::ErrorKind::NotFound);
    drop(shared);

    let other = io::Error::from(Exception::from(Oops(1)));
    assert!(other.get_ref().unwrap().is::<Oops>());

    let lines = generator(|co| async move {
        co.yield_(1).await;
        Err::<(), _>(not_found())
    });
    let lines: Vec<_> = futures::executor::block_on(lines.into_try_stream().collect());
    assert_eq!(
        lines[1].as_ref().unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
}

#[cfg(feature = "anyhow")]
#[test]
fn anyhow_goes_in_and_out() {
    fn run(text: &str) -> anyhow::Result<u32> {
        let ask = generator(|co: Co<'_, u32, u32>| async move { co.yield_(1).await });
        let n = ask.try_drive(|n| -> anyhow::Result<u32> { Ok(n + text.parse::<u32>()?) })?;
        let mut g = generator(|co: Co<'_, u32>| async move { co.yield_(n).await }).boxed();
        g.next()?;
        Err(Exception::from(
            g.throw(anyhow::anyhow!("{n}")).unwrap_err(),
        ))?
    }
    assert_eq!(run("1").unwrap_err().to_string(), "2");
    assert_eq!(
        run("x").unwrap_err().to_string(),
        "invalid digit found in string"
    );
    let error =
        anyhow::Error::from(Exception::from(Oops(1)).with_context(Exception::new("before")));
    assert_eq!(format!("{error:#}"), "oops 1: before");
    let error = anyhow::Error::from(Exception::from(Oops(1)));
    assert!(error.downcast_ref::<Boxed>().unwrap().is::<Oops>());
    // An `anyhow::Error` hides what it was made of.
    let error = || anyhow::Error::from(Oops(1));
    assert!(!Exception::new(error()).is::<Oops>());
    let told = error().reallocate_into_boxed_dyn_error_without_backtrace();
    assert!(Exception::new(told).is::<Oops>());
    let stream = generator(|co| async move {
        co.yield_("x".parse::<u8>()?).await;
        Ok::<_, anyhow::Error>(())
    });
    let items: Vec<_> = futures::executor::block_on(stream.into_try_stream().collect());
    assert!(
        items[0]
            .as_ref()
            .unwrap_err()
            .is::<std::num::ParseIntError>()
    );
}

#[cfg(feature = "eyre")]
#[test]
fn eyre_goes_in_and_out() {
    fn run() -> eyre::Result<()> {
        let mut g =
            generator(|co: Co<'_, u32>| async move { co.raise(eyre::eyre!("no")).await }).boxed();
        Ok(g.next().map(drop).map_err(NextError::into_exception)?)
    }
    assert_eq!(run().unwrap_err().to_string(), "no");
    let report = eyre::Report::from(Exception::from(Oops(1)));
    assert!(report.downcast_ref::<Boxed>().unwrap().is::<Oops>());
}

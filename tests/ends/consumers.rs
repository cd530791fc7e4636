//! What consumes a generator: to its end, or up to its first yield. Each says what it has seen.

use std::fmt::Display;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use cogen::pipeline::{Pipeline as _, generated};
use cogen::{Exception, Generator, GeneratorExt, NextError, generator};
use futures::sink::Sink as FuturesSink;
use futures::stream::Stream as FuturesStream;

use crate::bodies::{Ends, short};

pub(crate) trait Consume {
    /// To the end.
    fn consume<G: Ends>(g: &mut G) -> String;
    /// Up to the first yield.
    fn leave<G: Ends>(g: &mut G);
}

/// How a consumer says that all went well, and that something failed.
fn ended<T, E: Display>(outcome: Result<T, E>, failure: &str) -> String {
    match outcome {
        Ok(_) => "ends".to_owned(),
        Err(error) => format!("{failure}: {}", short(&error.to_string())),
    }
}

/// Polls once, with a waker that nobody hears.
fn poll_once<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    match poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

macro_rules! consumers {
    ($($(#[$doc:meta])* $name:ident, $text:literal: |$g:ident| $consume:expr, $leave:expr;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl Consume for $name {
                fn consume<G: Ends>($g: &mut G) -> String {
                    $consume
                }

                fn leave<G: Ends>($g: &mut G) {
                    $leave
                }
            }
        )*

        /// The rows of the table.
        pub(crate) fn rows() -> Vec<String> {
            vec![$(crate::row::<$name>($text)),*]
        }
    };
}

consumers! {
    For, "for": |g| {
        for () in g.iter() {}
        "ends".to_owned()
    }, assert!(matches!(g.iter().nth(0), Some(())));
    Iter, "iter": |g| {
        g.iter().for_each(drop);
        "ends".to_owned()
    }, assert!(g.iter().next().is_some());
    Collect, "collect": |g| {
        let _items: Vec<()> = g.iter().collect();
        "ends".to_owned()
    }, assert_eq!(g.iter().take(1).collect::<Vec<_>>().len(), 1);
    Results, "results": |g| {
        ended(g.results().collect::<Result<Vec<_>, _>>(), "error")
    }, assert!(g.results().next().is_some());
    YieldAll, "yield_all": |g| {
        outer(generator(|co| async move { co.yield_all(g.iter()).await }))
    }, assert!(pin!(generator(|co| async move { co.yield_all(g.iter()).await })).next().is_ok());
    YieldFrom, "yield_from": |g| {
        outer(generator(|co| async move { co.yield_from(g).await.map(drop).unwrap_or_default() }))
    }, assert!(pin!(generator(|co| async move { co.yield_from(g).await })).next().is_ok());
    Stream, "stream": |g| stream(g.into_stream(), |()| Ok::<_, NextError>(())), {
        let mut stream = g.into_stream();
        assert!(matches!(poll_once(|cx| Pin::new(&mut stream).poll_next(cx)), Some(Some(()))));
    };
    StreamResults, "stream results": |g| stream(g.into_stream().results(), |item| item), {
        let mut stream = g.into_stream().results();
        assert!(matches!(poll_once(|cx| Pin::new(&mut stream).poll_next(cx)), Some(Some(Ok(())))));
    };
    YieldAllStream, "yield_all_stream": |g| {
        outer(generator(|co| async move { co.yield_all_stream(g.into_stream()).await }))
    }, assert!(pin!(generator(|co| async move { co.yield_all_stream(g.into_stream()).await })).next().is_ok());
    TryStream, "try_stream": |g| stream(g.into_try_stream(), |item: Result<(), Exception>| item), {
        let mut stream = g.into_try_stream();
        assert!(matches!(poll_once(|cx| Pin::new(&mut stream).poll_next(cx)), Some(Some(Ok(())))));
    };
    Pipeline, "pipeline": |g| {
        ended(generated(g).collect::<Vec<_>>(), "error")
    }, assert!(generated(g).into_iter().next().is_some());
    Drive, "drive": |g| ended(g.drive(|()| ()), "error"), assert!(g.start().is_ok());
    DriveAsync, "drive_async": |g| {
        let mut driven = Box::pin(g.drive_async(async |()| ()));
        poll_once(|cx| driven.as_mut().poll(cx)).map_or("waits".to_owned(), |end| ended(end, "error"))
    }, {
        let mut driven = Box::pin(g.drive_async(async |()| std::future::pending().await));
        assert!(poll_once(|cx| driven.as_mut().poll(cx)).is_none());
    };
    Sink, "sink": |g| {
        let mut sink = g.into_sink();
        for _ in 0..3 {
            match poll_once(|cx| Pin::new(&mut sink).poll_ready(cx)) {
                None => return "waits".to_owned(),
                Some(Err(error)) => return ended(Err::<(), _>(error), "error"),
                Some(Ok(())) => Pin::new(&mut sink).start_send(()).unwrap(),
            }
        }
        unreachable!("the body takes one item")
    }, {
        let mut sink = g.into_sink();
        assert!(matches!(poll_once(|cx| Pin::new(&mut sink).poll_ready(cx)), Some(Ok(()))));
    };
}

/// What the caller of a body sees that delegates.
fn outer<F: Future<Output = ()>>(outer: cogen::Frame<'_, (), (), F>) -> String {
    let mut outer = pin!(outer);
    match outer.results().collect::<Result<Vec<_>, _>>() {
        // It awaits what is inside it.
        Err(NextError::Pending) => "waits".to_owned(),
        outcome => ended(outcome, "raises"),
    }
}

fn stream<S: FuturesStream + Unpin, E: Display>(
    mut stream: S,
    result: impl Fn(S::Item) -> Result<(), E>,
) -> String {
    loop {
        match poll_once(|cx| Pin::new(&mut stream).poll_next(cx)) {
            None => return "waits".to_owned(),
            Some(None) => return "ends".to_owned(),
            Some(Some(item)) => match result(item) {
                Ok(()) => {}
                failed => return ended(failed, "error"),
            },
        }
    }
}

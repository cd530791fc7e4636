//! The ways of running a pipeline.
#![allow(dead_code, reason = "each test program uses a part")]

use cogen::pipeline::{
    BoxSource, FeedError, Pipeline, Sink, Source, Stage, collect, source, streamed,
};
use futures::StreamExt;
use futures::executor::block_on;
use futures::stream::{self, LocalBoxStream};

use crate::support::pending_once;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    For,
    Iter,
    Results,
    Run,
    ToSink,
    Pushed,
    Boxed,
    Stream,
    /// From a stream that is pending before each item, into a sink.
    Async,
}

pub(crate) const HERE: &[Form] = &[
    Form::For,
    Form::Iter,
    Form::Results,
    Form::Run,
    Form::ToSink,
    Form::Pushed,
    Form::Boxed,
    Form::Stream,
    Form::Async,
];

impl Form {
    /// Runs `stage` on `items`; what comes out.
    pub(crate) fn outputs<S>(self, items: &[i64], stage: S) -> Vec<i64>
    where
        S: Stage<In = i64, Item = i64> + Send + 'static,
    {
        let mut items = source(items.to_vec());
        match self {
            Self::For => {
                let mut seen = Vec::new();
                for n in items.pipe(stage) {
                    seen.push(n);
                }
                seen
            }
            Self::Iter => drained(items.pipe(stage)),
            Self::Results => items.pipe(stage).results().map(Result::unwrap).collect(),
            Self::Run => items.pipe(stage).run(collect()).unwrap(),
            Self::ToSink => items.run(stage.to(collect())).unwrap(),
            Self::Pushed => pushed(items, stage.to(collect())),
            Self::Boxed => BoxSource::new(items.pipe(stage)).collect().unwrap(),
            Self::Stream => {
                let items = items.pipe(stage).into_stream().map(Result::unwrap);
                block_on(items.collect())
            }
            Self::Async => {
                let items = streamed(slow(items.iter()));
                block_on(items.pipe(stage).run_async(collect())).unwrap()
            }
        }
    }
}

/// A stream that is pending before each item, and before its end.
pub(crate) fn slow<'a, T: 'a>(items: impl Iterator<Item = T> + 'a) -> LocalBoxStream<'a, T> {
    let last = stream::once(pending_once()).filter_map(async |()| None);
    let slow = async |item| {
        pending_once().await;
        item
    };
    stream::iter(items).then(slow).chain(last).boxed_local()
}

/// What comes out of the pipeline as an iterator; also checks that it is fused, and has not failed.
pub(crate) fn drained<T>(mut pipeline: impl Source<Item = T>) -> Vec<T> {
    let seen = pipeline.iter().collect();
    for _ in 0..3 {
        assert!(pipeline.iter().next().is_none(), "fused");
    }
    pipeline.outcome().unwrap();
    seen
}

/// Feeds `sink` until it takes no more: from then on each item must come back.
pub(crate) fn pushed<O>(
    items: impl Source<Item = i64>,
    sink: impl Sink<In = i64, Output = O>,
) -> O {
    let mut push = sink.pushed();
    let mut ended = false;
    for n in items.results().map(Result::unwrap) {
        ended |= push.is_ended();
        match push.feed(n) {
            Ok(()) => assert!(!ended),
            Err(FeedError::Ended(back)) => {
                ended = true;
                assert_eq!(back, n);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(push.is_ended() || !ended);
    push.finish().unwrap()
}

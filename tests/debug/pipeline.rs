use std::future::ready;
use std::iter;
use std::ops::ControlFlow;

use cogen::pipeline::{
    BoxSink, BoxSource, BoxStage, Ends, FeedError, LocalBoxSink, LocalBoxSource, LocalBoxStage,
    Pipeline, Sink, Source, batch, broadcast, callback, collect, coroutine, enumerate, filter,
    filter_map, flat_map, fold, for_each, generated, input, inspect, map, parallel, sink, skip,
    source, stage, streamed, take, take_while, threaded, try_map,
};
use cogen::{Co, Exception, generator};
use futures::stream;

use crate::{Plain, shows};

fn plain() -> impl Source<Item = Plain> + Send + 'static {
    source(iter::empty::<Plain>())
}

fn none() -> impl Sink<In = Plain, Output = ()> + Send + 'static {
    for_each(drop::<Plain>)
}

#[test]
fn sources() {
    let values = generator(|co: Co<'_, Plain>| async move { co.yield_(Plain).await }).boxed();
    let mut lent = plain();
    let boxed = BoxSource::<'_, Plain>::new(plain());
    let local = LocalBoxSource::<'_, Plain>::new(plain());
    shows! {
        source(iter::empty::<Plain>()) => "FromIter { .. }",
        generated(values) => "Generated { ended: false, .. }",
        streamed(stream::empty::<Plain>()) => "Streamed { .. }",
        lent.iter() => "Iter { .. }",
        plain().into_stream() => "IntoStream { ended: false, .. }",
        boxed => "BoxSource { .. }",
        local => "LocalBoxSource { .. }",
    }
}

#[test]
fn stages() {
    let give = |_: Plain, _: &mut dyn FnMut(Plain) -> ControlFlow<()>| ControlFlow::Continue(());
    let boxed = BoxStage::<'_, Plain, Plain>::new(input::<Plain>());
    let local = LocalBoxStage::<'_, Plain, Plain>::new(input::<Plain>());
    shows! {
        input::<Plain>() => "Input { .. }",
        map(|plain: Plain| plain) => "Map { .. }",
        try_map(|plain: Plain| Ok::<_, Exception>(plain)) => "TryMap { .. }",
        filter(|_: &Plain| true) => "Filter { .. }",
        filter_map(|plain: Plain| Some(plain)) => "FilterMap { .. }",
        flat_map(|plain: Plain| [plain]) => "FlatMap { .. }",
        inspect(|_: &Plain| ()) => "Inspect { .. }",
        enumerate::<Plain>() => "Enumerate { next: 0, .. }",
        skip::<Plain>(2) => "Skip { left: 2, .. }",
        take::<Plain>(2) => "Take { left: 2, .. }",
        take_while(|_: &Plain| true) => "TakeWhile { done: false, .. }",
        batch::<Plain>(3) => "Batch { limit: 3, held: 0, .. }",
        callback(give) => "Callback { ended: false, .. }",
        stage(|_: Ends<'_, Plain, Plain>| ready(())) => "Body { at: Ready, .. }",
        boxed => "BoxStage { .. }",
        local => "LocalBoxStage { .. }",
    }
    let _ = stage(|io: Ends<'_, Plain, Plain>| {
        shows! { io => "Ends { .. }" }
        ready(())
    });
}

#[test]
fn sinks() {
    let values = generator(|_: Co<'_, (), Plain>| ready(()));
    let boxed = BoxSink::<'_, Plain, ()>::new(none());
    let local = LocalBoxSink::<'_, Plain, ()>::new(none());
    shows! {
        none().pushed() => "Push { is_ended: false, .. }",
        for_each(|_: Plain| ()) => "ForEach { .. }",
        fold(1, |n, _: Plain| n) => "Fold { value: Some(1), .. }",
        broadcast((for_each(|_: u8| ()), for_each(|_: u8| ()))) => "Broadcast { .. }",
        coroutine(values.boxed()) => "Coroutine { state: Created, .. }",
        sink(|_: Ends<'_, Plain>| ready(())) => "SinkBody { at: Ready, .. }",
        plain().run_async(none()) => "RunAsync { .. }",
        boxed => "BoxSink { .. }",
        local => "LocalBoxSink { .. }",
    }
}

#[test]
fn threads() {
    let mut running = source(iter::repeat_with(|| Plain)).on_thread(1);
    let mut over = plain().on_thread(1);
    assert!(running.iter().next().is_some());
    assert!(over.iter().next().is_none());
    shows! {
        plain().on_thread(1) => "OnThread { state: \"Idle\", .. }",
        running => "OnThread { state: \"Running\", .. }",
        over => "OnThread { state: \"Over\", .. }",
        none().on_thread(1) => "SinkOnThread { state: \"Idle\", .. }",
        threaded(1, input::<Plain>()) => "Parallel { limits: Limits { capacity: 1, ahead: 2, ordered: true }, .. }",
        parallel(2, input::<Plain>).unordered() =>
            "Parallel { limits: Limits { capacity: 16, ahead: 256, ordered: false }, .. }",
    }
}

#[test]
fn errors() {
    let wrong = || Err::<Plain, _>(Exception::new("wrong"));
    let interrupted = source([1])
        .try_map(move |_| wrong())
        .run(collect::<Vec<_>, _>());
    shows! {
        interrupted.err().unwrap() => "Interrupted { exception: \"wrong\", others: [], has_output: true }",
        FeedError::Ended(Plain) => "Ended(..)",
        FeedError::<Plain>::Raised(Exception::new("wrong")) => "Raised(\"wrong\")",
    }
}

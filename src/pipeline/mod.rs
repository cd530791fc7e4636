//! Pipelines of stages: pulled, pushed into, async, or on threads.
//!
//! ```
//! use cogen::pipeline::{Pipeline, source};
//!
//! let text = ["I love iterators", "I love coroutine instead!"];
//! let grep = source(text).stage(|io| async move {
//!     while let Some(line) = io.recv().await {
//!         if line.contains("coroutine") {
//!             io.emit(line).await;
//!         }
//!     }
//! });
//! for line in grep {
//!     assert_eq!(line, "I love coroutine instead!");
//! }
//! ```
//!
//! # The nouns
//!
//! - A [`Source`] gives items: an iterator ([`source()`]), a generator ([`generated`]), a stream
//!   ([`streamed`]), several sources ([`merge`], [`zip`]).
//! - A [`Stage`] takes items and gives items. Those written as straight-line code ([`stage()`]) have two
//!   [`Ends`], `recv` and `emit`; the ready-made ones ([`map`], [`filter`], [`chunks`], …) are functions
//!   with the names that iterators use.
//! - A [`Sink`] takes items and gives one output: [`fold`], [`collect`], [`for_each`], [`broadcast`], a
//!   plain send coroutine ([`coroutine`], [`coroutine_with`]), straight-line code ([`sink()`]).
//! - [`Pipeline`] has the methods that put them together: a source with stages behind it is a source, a
//!   pipe of stages is a stage, a stage with a sink behind it ([`to`](Pipeline::to)) is a sink.
//!
//! # Ways to run
//!
//! | | |
//! |---|---|
//! | pulled | `for item in pipeline`, [`iter`](Pipeline::iter), [`results`](Pipeline::results); into a sink: [`run`](Pipeline::run), [`collect`](Pipeline::collect), [`fold`](Pipeline::fold), [`for_each`](Pipeline::for_each) |
//! | pushed | [`pushed`](Sink::pushed), then [`feed`](Push::feed) and [`finish`](Push::finish) |
//! | async | as a stream: [`into_stream`](Pipeline::into_stream); into a sink: [`run_async`](Pipeline::run_async) |
//! | on threads | what is above: [`on_thread`](Pipeline::on_thread); what is below: [`Sink::on_thread`]; one stage: [`threaded`]; one stage on several: [`parallel`] |
//!
//! Everything is lazy: nothing runs before an item is asked for (or fed), and a stage takes no more from
//! above than it needs. (Parts on threads of their own run ahead, by as much as their queues hold.)
//!
//! # Async
//!
//! Driven by [`into_stream`](Pipeline::into_stream) or [`run_async`](Pipeline::run_async), bodies of stages, sinks and
//! generators may await whatever they like: timers, channels and sockets of any runtime. They are polled with a waker
//! that clones to the caller's and wakes it, as [streams](crate::GeneratorExt::into_stream) are. Everything else is
//! as in a pulled pipeline, including the following:
//!
//! - Where a pipeline is driven synchronously, a body or a stream that is not ready ends it with [`Awaits`].
//! - What a body awaits after it has received an error of a stage below, or the close, must be ready: errors and
//!   closes go through the pipeline at once. (A [`coroutine`] at the end of a pipeline may await in its clean-up: it is
//!   closed when nothing is above it any longer.) If it is not ready, the clean-up is cut off there: after an error the
//!   run fails with the error that says so.
//! - Parts on threads of their own are driven synchronously there. A source on a thread wakes the task that waits for
//!   it; feeding a sink on a thread whose queue is full blocks the calling thread, so in an async program that belongs in a
//!   `spawn_blocking`.
//!
//! # How it ends
//!
//! - **At the end** of the source each stage sees the end in turn, and flushes what it holds back.
//! - **A stage that ends early** closes what is above: iterators are dropped, generators and stages of
//!   straight-line code see a [`GeneratorExit`](crate::GeneratorExit) at their `emit`, as in Python.
//! - **A stage that fails** ([`try_map`], [`Ends::raise`], a body that returns an `Err`) throws its error
//!   up: a stage above sees it at its `emit`, and may catch it ([`Ends::catch`]) to clean up, or to raise
//!   another; it is then closed, and if it raises nothing, the run has not failed. The stages below see the end: what
//!   was emitted before goes through. The caller gets both the output and the error ([`Interrupted`]), or asks for
//!   the error ([`outcome`](Pipeline::outcome)).
//! - **A panic** goes to the caller that runs the pipeline, also from other threads.
//!
//! # How it is made
//!
//! A stage is polled by the stage below it, and polls what is above: `Stage::poll_next(above)` gives the
//! next item, the end, or `Pending` if there is nothing yet. That is all there is to pulling; a pushed pipeline is
//! one whose source has at most one item. No stage refers to another, so that stages are plain values that can be
//! moved, boxed ([`BoxStage`]) and sent to threads, and a pipeline of ready-made stages compiles to the loop that you
//! would write by hand.

mod body;
mod boxed;
mod ends;
mod errors;
mod into_stream;
mod pipe;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod pipeline;
mod pull;
mod push;
mod run;
mod run_async;
mod select;
mod sink;
mod sinks;
mod source;
mod sources;
mod stage;
mod stages;
#[cfg(feature = "threads")]
mod threads;
mod waiting;

pub use crate::frame::Demand;
pub use crate::generator::Outcome;
pub use body::{Body, SinkBody, sink, stage};
pub use boxed::{BoxSink, BoxSource, BoxStage, LocalBoxSink, LocalBoxSource, LocalBoxStage};
pub use ends::{Emit, Ends, Recv};
pub use errors::{Awaits, FeedError, Interrupted, NoOutput};
pub use into_stream::IntoStream;
pub use pipe::Pipe;
pub use pipeline::Pipeline;
pub use pull::{Items, Iter, Results};
pub use push::Push;
pub use run_async::RunAsync;
pub use sink::Sink;
pub use sinks::{
    Broadcast, Collect, Coroutine, Fold, ForEach, Sinks, broadcast, collect, coroutine,
    coroutine_with, fold, for_each,
};
pub use source::Source;
pub use sources::{
    FromIter, Generated, Merge, Streamed, Zip, generated, merge, source, streamed, zip,
};
pub use stage::Stage;
pub use stages::{
    Batch, Callback, Chunks, Enumerate, Filter, FilterMap, FlatMap, Input, Inspect, Map, Skip,
    Take, TakeWhile, Tee, TryMap, batch, callback, chunks, enumerate, filter, filter_map, flat_map,
    input, inspect, map, skip, take, take_while, tee, try_map,
};
#[cfg(feature = "threads")]
pub use threads::{OnThread, Parallel, SinkOnThread, parallel, parallel_in, threaded, threaded_in};

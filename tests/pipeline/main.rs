//! Pipelines: pulled, run and pushed. The tests with threads are in `pipeline_threads`.

#[path = "../support/mod.rs"]
mod support;

mod forms;
mod kit;
mod ops;

mod asynchronous;
mod errors;
mod hints;
mod lazy;
mod panics;
mod push;
mod several;
mod sinks;
mod streams;
mod table;
mod thousand;
mod timed;
mod together;

//! Parts of pipelines on threads: order, bounds, and every kind of end.

#[path = "../support/mod.rs"]
mod support;

#[path = "../pipeline/forms.rs"]
mod forms;
#[path = "../pipeline/kit.rs"]
mod kit;
#[path = "../pipeline/ops.rs"]
mod ops;

mod bounds;
mod early_ends;
mod ends;
mod failures;
mod races;
mod table;
mod threads;
mod timed;
mod waits;

/// How often each race is run.
const ROUNDS: usize = if cfg!(miri) { 2 } else { 100 };

//! What cogen costs, compared with its peers. `docs/performance.md` tells how to run it.
//!
//! - `examples/count_*.rs`: one program per row of the instruction counts (`counts.sh`). Each row has a
//!   program of its own, because the cost depends on how many places in a program resume a body.
//! - [`rows`]: one file per row family of the timing table, which `src/main.rs` prints.
//! - [`real`]: bodies as programs have them, for `src/bin/real.rs` and for `counts.sh`; [`report`]: their
//!   figures as JSON, tables, plot.
//! - [`bodies`], [`loops`], [`hand`], [`tree`]: the parts that both are made of.
//! - `tests/memory.rs`: allocations and sizes.

// The language's own coroutines are measured where `benches/real.sh` finds a nightly compiler.
#![cfg_attr(
    nightly_coroutines,
    feature(coroutine_trait, coroutines, stmt_expr_attributes)
)]

pub mod bodies;
pub mod hand;
pub mod loops;
pub mod measure;
pub mod real;
pub mod report;
pub mod rows;
pub mod tree;

//! `RecursiveCo::call`: recursion, exceptions across calls, futures beside a call, and ownership.

#[path = "../support/mod.rs"]
mod support;

mod beside;
mod exceptions;
mod forms;
mod ownership;
mod random;
mod recursion;
mod threads;

use cogen::RecursiveCo;

#[cfg(not(miri))]
const DEEP: u32 = 1_000_000;
#[cfg(miri)]
const DEEP: u32 = 200;

/// Yields `depth`, …, 1 on the way down, and 0 at the bottom; returns the depth.
async fn descend(co: RecursiveCo<'_, u32>, depth: u32) -> u32 {
    co.yield_(depth).await;
    if depth == 0 {
        return 0;
    }
    1 + co.call(descend(co, depth - 1)).await
}

/// Goes down without a yield, and yields at the bottom and on the way up.
async fn ascend(co: RecursiveCo<'_, u32>, depth: u32, height: u32) {
    if depth > 0 {
        co.call(ascend(co, depth - 1, height + 1)).await;
    }
    co.yield_(depth).await;
}

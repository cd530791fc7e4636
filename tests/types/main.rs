//! Generators as the types that other code has: trait objects, boxes of any generator, iterators that own theirs, types
//! that implement the protocol by hand.

mod boxed;
mod by_hand;
mod dynamic;
mod map_yield;
mod owned;
mod peekable;
mod sync;
mod tee;

use cogen::{BoxGen, generator};

/// Yields 1, 2, …, `to`, and returns the sum.
fn count(to: u32) -> BoxGen<'static, u32, (), u32> {
    generator(move |co| async move {
        let mut sum = 0;
        for n in 1..=to {
            co.yield_(n).await;
            sum += n;
        }
        sum
    })
    .boxed()
}

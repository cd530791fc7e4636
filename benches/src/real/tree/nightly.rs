//! The way of the language itself, which is not stable.

use super::Node;
use crate::real::each::{each, each_step};
use crate::real::{Done, Input};
use std::ops::{Coroutine, CoroutineState};
use std::pin::Pin;

type Level<'a> = Pin<Box<dyn Coroutine<(), Yield = u64, Return = ()> + 'a>>;

/// A coroutine can only yield its own items: each level passes on what the level below it gives.
fn walk(node: &Node) -> Level<'_> {
    Box::pin(
        #[coroutine]
        || {
            if let Some(left) = &node.left {
                let mut left = walk(left);
                while let CoroutineState::Yielded(value) = left.as_mut().resume(()) {
                    yield value;
                }
            }
            yield node.value;
            if let Some(right) = &node.right {
                let mut right = walk(right);
                while let CoroutineState::Yielded(value) = right.as_mut().resume(()) {
                    yield value;
                }
            }
        },
    )
}

pub(super) fn nightly(input: &'static Input) -> Done {
    each(each_step(walk(input.tree())), Done::add)
}

//! The ways of other crates: levels in boxes, or one stack for all of them.

#![allow(clippy::ignored_unit_patterns, reason = "in what diapause makes")]

use super::Node;
use crate::real::each::{each, each_streamed, resumed};
use crate::real::{Done, Input};
use asynk_strim::Yielder;
use fauxgen::GeneratorToken;
use futures_lite::{Stream, StreamExt};
use genawaiter::{rc, sync};
use generator::{Gn, Scope, done};
use std::future::Future;
use std::pin::{Pin, pin};

type Level<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A walk that is a boxed future for each level; each level is lent the handle.
macro_rules! levels {
    ($handle:ty, $yield_:ident) => {
        fn walk<'a>(co: &'a $handle, node: &'a Node) -> Level<'a> {
            Box::pin(async move {
                if let Some(left) = &node.left {
                    walk(co, left).await;
                }
                co.$yield_(node.value).await;
                if let Some(right) = &node.right {
                    walk(co, right).await;
                }
            })
        }
    };
}

/// The same for a handle that belongs to a stack.
macro_rules! frames {
    ($handle:ty, $yield_:ident) => {
        fn walk(handle: $handle, node: &Node) {
            if let Some(left) = &node.left {
                walk(handle, left);
            }
            handle.$yield_(node.value);
            if let Some(right) = &node.right {
                walk(handle, right);
            }
        }
    };
}

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    levels!(rc::Co<u64>, yield_);
    let tree = input.tree();
    let body = |co| async move { walk(&co, tree).await };
    each(rc::Gen::new(body), Done::add)
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    levels!(sync::Co<u64>, yield_);
    let tree = input.tree();
    let body = |co| async move { walk(&co, tree).await };
    each(sync::Gen::new(body), Done::add)
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    levels!(GeneratorToken<u64>, yield_);
    let tree = input.tree();
    let generator = fauxgen::r#gen!(|token: GeneratorToken<u64>| walk(&token, tree).await);
    each(pin!(generator), Done::add)
}

/// A handle cannot leave its stream, so each level passes on what the level below it gives.
pub(super) fn async_stream(input: &'static Input) -> Done {
    fn walk(node: &Node) -> Pin<Box<dyn Stream<Item = u64> + '_>> {
        Box::pin(async_stream::stream! {
            if let Some(left) = &node.left {
                let mut left = walk(left);
                while let Some(value) = left.next().await {
                    yield value;
                }
            }
            yield node.value;
            if let Some(right) = &node.right {
                let mut right = walk(right);
                while let Some(value) = right.next().await {
                    yield value;
                }
            }
        })
    }
    each_streamed(walk(input.tree()), Done::add)
}

pub(super) fn asynk_strim(input: &'static Input) -> Done {
    fn walk<'a>(yielder: &'a mut Yielder<u64>, node: &'a Node) -> Level<'a> {
        Box::pin(async move {
            if let Some(left) = &node.left {
                walk(yielder, left).await;
            }
            yielder.yield_item(node.value).await;
            if let Some(right) = &node.right {
                walk(yielder, right).await;
            }
        })
    }
    let tree = input.tree();
    let body = |mut yielder| async move { walk(&mut yielder, tree).await };
    each_streamed(asynk_strim::stream_fn(body), Done::add)
}

#[diapause::coroutine(yield = u64)]
fn walk<'a>(node: &'a Node) {
    if let Some(left) = &node.left {
        let left: walk::State<'a> = walk(left);
        yield_all!(box left);
    }
    yield_!(node.value);
    if let Some(right) = &node.right {
        let right: walk::State<'a> = walk(right);
        yield_all!(box right);
    }
}

pub(super) fn diapause(input: &'static Input) -> Done {
    each(walk(input.tree()), Done::add)
}

pub(super) fn corosensei(input: &'static Input) -> Done {
    use corosensei::{Coroutine, Yielder};
    frames!(&Yielder<(), u64>, suspend);
    let tree = input.tree();
    let body = move |yielder: &Yielder<(), u64>, ()| walk(yielder, tree);
    each(resumed(Coroutine::new(body)), Done::add)
}

pub(super) fn generator(input: &'static Input) -> Done {
    frames!(&mut Scope<'_, 'static, (), u64>, yield_);
    let tree = input.tree();
    let body = move |mut scope: Scope<'_, 'static, (), u64>| {
        walk(&mut scope, tree);
        done!()
    };
    each(Gn::new_scoped(body), Done::add)
}

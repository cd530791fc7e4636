//! cogen's ways.

use super::Node;
use crate::real::{Done, Input};
use cogen::{Co, Generator, RecursiveCo, generator, recursive};
use std::future::Future;
use std::pin::{Pin, pin};

pub(super) fn call(input: &'static Input) -> Done {
    async fn walk<'a>(co: RecursiveCo<'a, u64>, node: &'a Node) {
        if let Some(left) = &node.left {
            co.call(walk(co, left)).await;
        }
        co.yield_(node.value).await;
        if let Some(right) = &node.right {
            co.call(walk(co, right)).await;
        }
    }
    let tree = input.tree();
    let mut done = Done::NOTHING;
    let mut generator = pin!(recursive(|co| walk(co, tree)));
    for value in generator.iter() {
        done.add(value);
    }
    done
}

pub(super) fn boxes(input: &'static Input) -> Done {
    fn walk<'a>(co: Co<'a, u64>, node: &'a Node) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move {
            if let Some(left) = &node.left {
                walk(co, left).await;
            }
            co.yield_(node.value).await;
            if let Some(right) = &node.right {
                walk(co, right).await;
            }
        })
    }
    let tree = input.tree();
    let mut done = Done::NOTHING;
    let mut generator = pin!(generator(|co| walk(co, tree)));
    for value in generator.iter() {
        done.add(value);
    }
    done
}

//! A walk over a balanced tree, in order.

#[cfg(nightly_coroutines)]
mod nightly;
mod ours;
mod peers;

use super::each::each;
use super::{Done, Input, Work};

pub(super) const WORK: Work = Work {
    name: "tree",
    item: "node",
    prepare: |items| Input::tree_of(Node::of(items)),
    ways: ways! {
        hand;
        ours::{call, boxes};
        peers::{
            genawaiter_rc, genawaiter_sync, fauxgen, async_stream, asynk_strim, diapause, corosensei, generator,
        }
        + nightly
    },
};

#[derive(Debug)]
pub(super) struct Node {
    left: Option<Box<Node>>,
    value: u64,
    right: Option<Box<Node>>,
}

impl Node {
    /// A tree with the values from `begin` to below `end`.
    fn balanced(begin: u64, end: u64) -> Option<Box<Self>> {
        let value = u64::midpoint(begin, end);
        (begin < end).then(|| {
            Box::new(Self {
                left: Self::balanced(begin, value),
                value,
                right: Self::balanced(value + 1, end),
            })
        })
    }

    fn of(nodes: usize) -> Self {
        *Self::balanced(0, nodes as u64).expect("it has nodes")
    }
}

/// A walk with a stack, which is what a hand-written iterator has.
struct Walk<'a> {
    above: Vec<&'a Node>,
}

impl<'a> Walk<'a> {
    fn down(&mut self, mut node: Option<&'a Node>) {
        while let Some(next) = node {
            self.above.push(next);
            node = next.left.as_deref();
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let node = self.above.pop()?;
        self.down(node.right.as_deref());
        Some(node.value)
    }
}

fn hand(input: &'static Input) -> Done {
    let tree = input.tree();
    let mut walk = Walk { above: Vec::new() };
    walk.down(Some(tree));
    each(walk, Done::add)
}

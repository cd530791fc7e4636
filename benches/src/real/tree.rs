//! A walk over a balanced tree, in order.

use super::{Done, Input, Way, Work};
use cogen::{Co, Generator, RecursiveCo, generator, recursive};
use genawaiter::rc::Gen;
use std::future::Future;
use std::pin::{Pin, pin};

pub(super) const WORK: Work = Work {
    name: "tree",
    item: "node",
    prepare: |items| Input::tree_of(Node::of(items)),
    ways: &[
        Way {
            name: "hand",
            run: hand,
        },
        Way {
            name: "call",
            run: call,
        },
        Way {
            name: "boxes",
            run: boxes,
        },
        Way {
            name: "genawaiter_rc",
            run: genawaiter_rc,
        },
        Way {
            name: "corosensei",
            run: corosensei,
        },
    ],
};

#[derive(Debug)]
pub(super) struct Node {
    left: Option<Box<Node>>,
    value: u64,
    right: Option<Box<Node>>,
}

impl Node {
    /// With the values from `begin` to below `end`.
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

/// With a stack, which is what a hand-written iterator has.
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
    let mut done = Done::NOTHING;
    let mut walk = Walk { above: Vec::new() };
    walk.down(Some(tree));
    for value in walk {
        done.add(value);
    }
    done
}

fn call(input: &'static Input) -> Done {
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

fn boxes(input: &'static Input) -> Done {
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

fn genawaiter_rc(input: &'static Input) -> Done {
    type Handle = genawaiter::rc::Co<u64>;
    fn walk<'a>(co: &'a Handle, node: &'a Node) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
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
    for value in Gen::new(|co| async move { walk(&co, tree).await }) {
        done.add(value);
    }
    done
}

fn corosensei(input: &'static Input) -> Done {
    use corosensei::{Coroutine, CoroutineResult, Yielder};
    fn walk(yielder: &Yielder<(), u64>, node: &Node) {
        if let Some(left) = &node.left {
            walk(yielder, left);
        }
        yielder.suspend(node.value);
        if let Some(right) = &node.right {
            walk(yielder, right);
        }
    }
    let tree = input.tree();
    let mut done = Done::NOTHING;
    let mut coroutine = Coroutine::new(move |yielder: &Yielder<(), u64>, ()| walk(yielder, tree));
    while let CoroutineResult::Yield(value) = coroutine.resume(()) {
        done.add(value);
    }
    done
}

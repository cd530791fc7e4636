//! Walks a tree with a generator that calls itself (`RecursiveCo::call`): any depth, no native stack.
//!
//! ```sh
//! cargo run --release --example tree_walk -- 1000000
//! ```
//!
//! The argument is the depth of a tree that leans to one side: the worst case for recursion.

use std::env;
use std::num::{NonZeroU64, ParseIntError};
use std::pin::pin;
use std::process::ExitCode;

use cogen::{Generator, RecursiveCo, recursive};

struct Tree {
    value: u64,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

impl Tree {
    fn leaf(value: u64) -> Self {
        let (left, right) = (None, None);
        Self { value, left, right }
    }

    /// `depth` nodes, each the left child of the next, with the values 1, 2, …
    fn leaning(depth: u64) -> Self {
        (2..=depth).fold(Self::leaf(1), |left, value| {
            let (left, right) = (Some(left.into()), None);
            Self { value, left, right }
        })
    }
}

impl Drop for Tree {
    /// Drops the nodes one after the other, because the tree may be deep.
    fn drop(&mut self) {
        let mut rest: Vec<_> = self
            .left
            .take()
            .into_iter()
            .chain(self.right.take())
            .collect();
        while let Some(mut tree) = rest.pop() {
            rest.extend(tree.left.take());
            rest.extend(tree.right.take());
        }
    }
}

/// Yields the values in order. Python: `yield from walk(tree.left)` and so on.
async fn walk<'t>(co: RecursiveCo<'t, u64>, tree: &'t Tree) {
    if let Some(left) = &tree.left {
        co.call(walk(co, left)).await;
    }
    co.yield_(tree.value).await;
    if let Some(right) = &tree.right {
        co.call(walk(co, right)).await;
    }
}

fn main() -> ExitCode {
    let Ok(depth) = depth(env::args().nth(1).as_deref()) else {
        eprintln!("tree_walk: the depth must be a whole number, 1 or more");
        return ExitCode::from(2);
    };
    let small = Tree {
        value: 2,
        left: Some(Tree::leaf(1).into()),
        right: Some(Tree::leaf(3).into()),
    };
    let values: Vec<_> = pin!(recursive(|co| walk(co, &small))).iter().collect();
    println!("{values:?}");

    let deep = Tree::leaning(depth);
    let mut walked = pin!(recursive(|co| walk(co, &deep)));
    let sum: u64 = walked.iter().sum();
    println!("{depth} levels deep, the sum is {sum}");

    let mut dropped = recursive(|co| walk(co, &deep)).boxed();
    let first = dropped.iter().next();
    drop(dropped);
    println!("dropped at {first:?}, with all levels suspended");
    ExitCode::SUCCESS
}

fn depth(argument: Option<&str>) -> Result<u64, ParseIntError> {
    let depth: NonZeroU64 = argument.unwrap_or("1000000").parse()?;
    Ok(depth.get())
}

//! A tree that leans to one side, and walks over it: the worst case for recursion.

use cogen::{Co, RecursiveCo};
use std::hint::black_box;
use std::pin::Pin;
use std::sync::LazyLock;

/// A node with at most one child.
#[derive(Debug)]
pub struct Tree {
    value: u64,
    child: Option<Box<Tree>>,
}

impl Tree {
    /// `depth` nodes, each the child of the one before.
    #[must_use]
    pub fn leaning(depth: u64) -> Self {
        let grow = |child, value| {
            let child = Some(Box::new(child));
            Self { value, child }
        };
        let (value, child) = (0, None);
        (1..black_box(depth)).fold(Self { value, child }, grow)
    }
}

/// 10 levels.
pub static SHALLOW: LazyLock<Tree> = LazyLock::new(|| Tree::leaning(10));
/// 10,000 levels.
pub static DEEP: LazyLock<Tree> = LazyLock::new(|| Tree::leaning(10_000));

/// Yields the values from the top; each level is called.
pub async fn call(co: RecursiveCo<'_, u64>, tree: &'static Tree) {
    co.yield_(tree.value).await;
    if let Some(child) = &tree.child {
        co.call(call(co, child)).await;
    }
}

/// The same; each level is in a box, and awaited.
pub async fn awaited(co: Co<'_, u64>, tree: &'static Tree) {
    co.yield_(tree.value).await;
    if let Some(child) = &tree.child {
        let child: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(awaited(co, child));
        child.await;
    }
}

/// The same in genawaiter, whose handle is lent.
pub async fn genawaiter(co: &genawaiter::rc::Co<u64>, tree: &'static Tree) {
    co.yield_(tree.value).await;
    if let Some(child) = &tree.child {
        let child: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(genawaiter(co, child));
        child.await;
    }
}

/// `$n` items, of walks over a tree of `$depth` levels; `$walk` makes an iterator.
#[macro_export]
macro_rules! walks {
    ($n:expr, $depth:expr, $walk:expr) => {
        for _ in 0..$n / $depth {
            for value in $walk {
                std::hint::black_box(value);
            }
        }
    };
}

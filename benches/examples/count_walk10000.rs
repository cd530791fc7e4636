//! An item of a walk over a tree of 10000 levels, each of which is called.

use cogen::{Generator, recursive};
use cogen_bench::{loops::operations, tree, walks};
use std::pin::pin;

fn main() {
    walks!(
        operations(),
        10000,
        pin!(recursive(|co| tree::call(co, &tree::DEEP))).iter()
    );
}

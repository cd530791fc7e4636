//! Bodies as programs have them, beside the same work by hand and by other crates, as users build: with the profile
//! `plain`, which is cargo's own `release`. `src/bin/real.rs` prints the tables, `counts.sh` counts instructions.
//!
//! Each work has one hand-written row, which the others are measured against, and which tells what the result must be.

#[macro_use]
mod ways;
mod csv;
mod each;
mod session;
mod tokenizer;
mod tree;

pub use ways::{By, Kind, Way};

/// All works.
pub const WORKS: &[Work] = &[tokenizer::WORK, csv::WORK, session::WORK, tree::WORK];

/// Something to do, in several ways.
#[derive(Debug)]
pub struct Work {
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub item: &'static str,
    /// Makes its input, for about so many items.
    pub prepare: fn(usize) -> Input,
    /// The ways; the first one is written by hand.
    pub ways: &'static [Way],
}

/// What a work is done with.
#[derive(Debug, Default)]
pub struct Input {
    items: usize,
    text: String,
    tree: Option<tree::Node>,
}

impl Input {
    fn items(items: usize) -> Self {
        Self {
            items,
            ..Self::default()
        }
    }

    fn text(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    fn tree_of(tree: tree::Node) -> Self {
        Self {
            tree: Some(tree),
            ..Self::default()
        }
    }

    fn tree(&self) -> &tree::Node {
        self.tree.as_ref().expect("it is a work with a tree")
    }
}

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many items there were.
    pub items: usize,
    /// Of all that they were: the same for all ways.
    pub digest: u64,
}

impl Done {
    const NOTHING: Self = Self {
        items: 0,
        digest: 0,
    };

    /// One item more.
    #[inline]
    fn add(&mut self, item: u64) {
        self.items += 1;
        self.digest = self.digest.rotate_left(5) ^ item;
    }
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    /// One below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// The work with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Work> {
    WORKS.iter().find(|work| work.name == name)
}

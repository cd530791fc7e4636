//! Bodies as programs have them, compared with the same work by hand and by other crates. All are built as users build,
//! with the profile `plain`, which is cargo's own `release`. `src/bin/real.rs` prints the tables, `counts.sh` counts
//! instructions.
//!
//! Each work has one hand-written row. The others are measured against it, and its result is the one that all must
//! have.

#[macro_use]
mod ways;
mod csv;
mod each;
mod packets;
mod pipeline;
mod resp;
mod session;
mod tokenizer;
mod tree;

pub use ways::{By, Kind, Way};

use std::num::NonZero;

/// All works.
pub const WORKS: &[Work] = &[
    tokenizer::WORK,
    csv::WORK,
    resp::WORK,
    session::WORK,
    tree::WORK,
    packets::WORK,
    pipeline::WORK,
];

/// Something to do, in several ways.
#[derive(Debug)]
pub struct Work {
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub item: &'static str,
    /// Makes its input, for about this many items.
    pub prepare: fn(usize) -> Input,
    /// The ways; the first one is written by hand.
    pub ways: &'static [Way],
}

/// The input of a work.
#[derive(Debug, Default)]
pub struct Input {
    items: usize,
    text: String,
    tree: Option<tree::Node>,
    /// The length of the longest chunk of the text; about fifty bytes by default.
    longest: Option<NonZero<usize>>,
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

    /// The same, for text that is read in chunks of at most this many bytes.
    #[must_use]
    pub fn in_chunks_of(self, longest: NonZero<usize>) -> Self {
        Self {
            longest: Some(longest),
            ..self
        }
    }

    fn chunks(&self) -> Chunks<'_> {
        Chunks {
            rest: self.text.as_bytes(),
            longest: self.longest.map_or(50, NonZero::get) as u64,
            random: Random(99),
        }
    }

    fn tree(&self) -> &tree::Node {
        self.tree.as_ref().expect("it is a work with a tree")
    }
}

/// The result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many items there were.
    pub items: usize,
    /// A digest of all the items, which is the same for all ways.
    pub digest: u64,
}

impl Done {
    const NOTHING: Self = Self {
        items: 0,
        digest: 0,
    };

    /// Adds one item.
    #[inline]
    fn add(&mut self, item: u64) {
        self.items += 1;
        self.digest = self.digest.rotate_left(5) ^ item;
    }
}

/// A text that arrives in chunks, split anywhere.
struct Chunks<'a> {
    rest: &'a [u8],
    longest: u64,
    random: Random,
}

impl<'a> Chunks<'a> {
    /// The next chunk; it is empty at the end.
    #[inline]
    fn next(&mut self) -> &'a [u8] {
        let length = usize::try_from(1 + self.random.below(self.longest)).expect("it is a length");
        let (chunk, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        chunk
    }
}

/// Numbers that look random.
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// A number below `end`.
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

//! The ways to do a work, and their names in tables.

use super::{Done, Input};

/// One way to do a work.
#[derive(Debug)]
pub struct Way {
    /// Its name, which is that of a [`Kind`].
    pub name: &'static str,
    /// Does the work, and returns the result.
    pub run: fn(&'static Input) -> Done,
}

impl Way {
    /// The kind of way that it is.
    ///
    /// # Panics
    ///
    /// If [`Kind::ALL`] has no such name.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        Kind::named(self.name).unwrap_or_else(|| panic!("no kind is called {}", self.name))
    }
}

/// The ways, which are functions with these names; the one by hand comes first. A way after a plus is only built with
/// `--cfg nightly_coroutines`, from the module `nightly`.
macro_rules! ways {
    ($hand:ident $(; $module:ident::{$($way:ident),* $(,)?})* $(+ $nightly:ident)?) => {
        &[
            $crate::real::Way { name: stringify!($hand), run: $hand },
            $($($crate::real::Way { name: stringify!($way), run: $module::$way },)*)*
            $(
                #[cfg(nightly_coroutines)]
                $crate::real::Way { name: stringify!($nightly), run: nightly::$nightly },
            )?
        ]
    };
}

/// Who provides a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Written by hand.
    Hand,
    /// cogen.
    Cogen,
    /// A crate whose bodies are compiled to state machines.
    Machine,
    /// A crate whose bodies have stacks of their own.
    Stack,
}

/// A way of several works.
#[derive(Debug)]
pub struct Kind {
    /// The name of its functions.
    pub name: &'static str,
    /// Its name in tables.
    pub label: &'static str,
    /// Who provides it.
    pub by: By,
}

impl Kind {
    /// All kinds, in the order of the tables.
    pub const ALL: &[Self] = &[
        Self::new("hand", "written by hand", By::Hand),
        Self::new("pinned", "cogen, pinned", By::Cogen),
        Self::new("pinned_shared", "cogen, pinned, three places", By::Cogen),
        Self::new("boxed", "cogen, `BoxGen`", By::Cogen),
        Self::new("helpers", "cogen, `async fn`s given `co`", By::Cogen),
        Self::new("anext", "cogen, `anext`", By::Cogen),
        Self::new("anext_shared", "cogen, `anext`, three places", By::Cogen),
        Self::new(
            "anext_boxed",
            "cogen, `anext` of a `LocalBoxGen`",
            By::Cogen,
        ),
        Self::new("asend", "cogen, `asend`", By::Cogen),
        Self::new("stream", "cogen, stream", By::Cogen),
        Self::new("stream_shared", "cogen, stream, three places", By::Cogen),
        Self::new("call", "cogen, `recursive` and `call`", By::Cogen),
        Self::new("boxes", "cogen, boxed recursion", By::Cogen),
        Self::new("nested", "cogen, generators in one another", By::Cogen),
        Self::new("stages", "cogen, stages", By::Cogen),
        Self::new("genawaiter_rc", "genawaiter `rc`", By::Machine),
        Self::new("genawaiter_sync", "genawaiter `sync`", By::Machine),
        Self::new(
            "genawaiter_dyn",
            "genawaiter `rc` over `dyn Future`",
            By::Machine,
        ),
        Self::new("fauxgen", "fauxgen", By::Machine),
        Self::new("async_stream", "async-stream", By::Machine),
        Self::new("asynk_strim", "asynk-strim", By::Machine),
        Self::new("diapause", "diapause", By::Machine),
        Self::new("nightly", "coroutines of nightly Rust", By::Machine),
        Self::new("corosensei", "corosensei", By::Stack),
        Self::new("generator", "generator", By::Stack),
    ];

    const fn new(name: &'static str, label: &'static str, by: By) -> Self {
        Self { name, label, by }
    }

    /// The kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kind| kind.name == name)
    }
}

//! The rows of the timing table. To add a row: a [`Row`] in the file of its family, and its name in
//! [`ALL`]. To add a peer: a variant of [`Peer`], its name, and its run in the rows that it can do.

mod asynchronous;
mod create;
mod scopes;
mod sends;
mod yields;

/// All rows, in the order of the table.
pub const ALL: &[Row] = &[
    yields::ONE,
    yields::THREE,
    sends::ONE,
    sends::THREE,
    scopes::CATCH,
    scopes::TRY_YIELD,
    scopes::THROW,
    asynchronous::ANEXT,
    create::CREATE,
];

/// Something that is measured: a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A state machine written by hand.
    Hand,
    /// A generator in place, pinned with `pin!`.
    Pinned,
    /// A generator in a `Box::pin`.
    Boxed,
    /// A `BoxGen`, one of two chosen at run time.
    Dyn,
    /// genawaiter's `rc::Gen`.
    GenawaiterRc,
    /// genawaiter's `rc::Gen` over a boxed `dyn Future`, one of two chosen at run time.
    GenawaiterDyn,
    /// A diapause coroutine.
    Diapause,
}

impl Peer {
    /// All peers, in the order of the table.
    pub const ALL: &[Self] = &[
        Self::Hand,
        Self::Pinned,
        Self::Boxed,
        Self::Dyn,
        Self::GenawaiterRc,
        Self::GenawaiterDyn,
        Self::Diapause,
    ];

    /// The head of its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Pinned => "cogen pinned",
            Self::Boxed => "cogen boxed",
            Self::Dyn => "cogen dyn",
            Self::GenawaiterRc => "genawaiter rc",
            Self::GenawaiterDyn => "genawaiter dyn",
            Self::Diapause => "diapause",
        }
    }
}

/// Does a number of operations.
pub type Run = fn(u64);

/// A work, and who can do it.
#[derive(Debug)]
pub struct Row {
    /// What `--row` calls it.
    pub name: &'static str,
    /// Each in a function that is never inlined, with a body of its own type.
    pub runs: &'static [(Peer, Run)],
    /// What must hold.
    pub bars: &'static [Bar],
}

/// The time of `peer` is at most `ratio` times the time of `against`.
#[derive(Debug)]
pub struct Bar {
    /// Who must be fast.
    pub peer: Peer,
    /// Compared with whom.
    pub against: Peer,
    /// The highest ratio of their times.
    pub ratio: f64,
}

impl Bar {
    const fn new(peer: Peer, ratio: f64, against: Peer) -> Self {
        Self {
            peer,
            against,
            ratio,
        }
    }
}

/// Two generators with bodies of different types, one of them chosen at run time, so that the calls
/// stay calls through the vtable.
macro_rules! choose {
    ($($body:tt)*) => {
        if std::hint::black_box(true) {
            cogen::generator($($body)*).boxed()
        } else {
            cogen::generator($($body)*).boxed()
        }
    };
}
use choose;

/// The same for the body of a genawaiter generator.
macro_rules! choose_future {
    ($body:expr) => {
        if std::hint::black_box(true) {
            Box::pin($body)
        } else {
            Box::pin($body)
        }
    };
}
use choose_future;

/// The body of a genawaiter generator behind a vtable.
type DynBody = std::pin::Pin<Box<dyn Future<Output = ()>>>;

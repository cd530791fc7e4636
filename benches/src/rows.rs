//! The rows of the timing tables. To add a row: a [`Row`] in the file of its family, and its name in
//! [`TABLES`]. To add a peer: a variant of [`Peer`], its name, and its run in the rows that it can do.

mod aio;
mod aio_sync;
mod asynchronous;
mod create;
mod nested;
mod pipelines;
mod requests;
mod scopes;
mod sends;
mod stream;
mod threads;
mod yields;

/// All tables.
pub const TABLES: &[Table] = &[
    Table {
        peers: &[
            Peer::Hand,
            Peer::Pinned,
            Peer::Boxed,
            Peer::Dyn,
            Peer::GenawaiterRc,
            Peer::GenawaiterDyn,
            Peer::Diapause,
        ],
        base: &[Peer::Hand, Peer::Pinned],
        rows: &[
            yields::ONE,
            yields::THREE,
            sends::ONE,
            sends::THREE,
            scopes::CATCH,
            scopes::TRY_YIELD,
            scopes::THROW,
            asynchronous::ANEXT,
            create::CREATE,
        ],
    },
    Table {
        peers: &[
            Peer::Iterators,
            Peer::Hand,
            Peer::Itertools,
            Peer::Pulled,
            Peer::PulledBoxed,
            Peer::Pushed,
            Peer::OneBody,
            Peer::Bodies,
        ],
        base: &[Peer::Iterators],
        rows: &[pipelines::PARSE_FILTER_SUM],
    },
    Table {
        peers: &[
            Peer::Pinned,
            Peer::Boxed,
            Peer::Dyn,
            Peer::AsyncStream,
            Peer::AsynkStrim,
            Peer::Unfold,
        ],
        base: &[Peer::Pinned],
        rows: &[stream::STREAM],
    },
    Table {
        peers: &[Peer::Pinned, Peer::Boxed, Peer::Dyn],
        base: &[Peer::Pinned],
        rows: &[nested::YIELD_FROM, nested::YIELD_FROM3],
    },
    Table {
        peers: &[
            Peer::Called10,
            Peer::Called10000,
            Peer::Awaited10,
            Peer::Awaited10000,
            Peer::Genawaiter10,
            Peer::Genawaiter10000,
        ],
        base: &[Peer::Called10],
        rows: &[nested::WALK],
    },
    Table {
        peers: &[Peer::Channels, Peer::Boxed],
        base: &[Peer::Channels],
        rows: &[
            requests::AT_ONCE_1,
            requests::AT_ONCE_8,
            requests::AT_ONCE_64,
            requests::AT_ONCE_256,
            requests::AT_ONCE_1000,
            requests::JOINED,
        ],
    },
    Table {
        peers: &[Peer::Crossbeam, Peer::Rayon, Peer::Threads, Peer::Unordered],
        base: &[Peer::Crossbeam],
        rows: &[
            threads::SOURCE,
            threads::TWO,
            threads::STAGE,
            threads::SINK,
            threads::MERGE,
            threads::PARALLEL,
        ],
    },
    Table {
        peers: &[
            Peer::Aio,
            Peer::Tokio,
            Peer::LocalSet,
            Peer::AsyncExecutor,
            Peer::JoinAll,
            Peer::FuturesBuffered,
        ],
        base: &[Peer::Tokio],
        rows: &[
            aio::tasks::EACH,
            aio::tasks::ALL,
            aio::tasks::ALL_10,
            aio::timers::TIMERS,
            aio::timers::TIMEOUT,
            aio::timers::CANCEL,
            aio::floods::FLOOD,
            aio::several::PING_PONG,
            aio::several::GATHER,
        ],
    },
    aio_sync::TABLE,
];

/// Rows with the same columns.
#[derive(Debug)]
pub struct Table {
    /// The columns.
    pub peers: &'static [Peer],
    /// What the ratios are relative to: the first of these that a row has.
    pub base: &'static [Peer],
    /// The rows, in the order of the table.
    pub rows: &'static [Row],
}

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().flat_map(|table| table.rows)
}

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
    /// async-stream's `stream!`.
    AsyncStream,
    /// asynk-strim's `stream_fn`.
    AsynkStrim,
    /// `unfold` of futures.
    Unfold,
    /// A recursive generator, with calls, 10 levels deep.
    Called10,
    /// The same, 10,000 levels deep.
    Called10000,
    /// A plain generator whose levels are in boxes and awaited, 10 levels deep.
    Awaited10,
    /// The same, 10,000 levels deep.
    Awaited10000,
    /// genawaiter's `rc::Gen` whose levels are in boxes and awaited, 10 levels deep.
    Genawaiter10,
    /// The same, 10,000 levels deep.
    Genawaiter10000,
    /// The adaptors of `std::iter`.
    Iterators,
    /// The adaptors of itertools.
    Itertools,
    /// A pulled pipeline of ready-made stages.
    Pulled,
    /// The same with each stage in a box.
    PulledBoxed,
    /// A pipeline of ready-made stages that is fed.
    Pushed,
    /// A pulled pipeline with one stage of straight-line code.
    OneBody,
    /// A pulled pipeline whose stages and sink are all straight-line code.
    Bodies,
    /// Tasks of the async API.
    Aio,
    /// Tokio's `spawn` on a runtime for one thread.
    Tokio,
    /// Tokio's `spawn_local` on a `LocalSet`.
    LocalSet,
    /// async-executor's `LocalExecutor`.
    AsyncExecutor,
    /// `join_all` of futures: no tasks.
    JoinAll,
    /// `join_all` of futures-buffered: no tasks.
    FuturesBuffered,
    /// An mpsc channel, and a oneshot channel for each reply.
    Channels,
    /// Threads and crossbeam channels, by hand.
    Crossbeam,
    /// A pipeline with parts on threads.
    Threads,
    /// The same, in any order.
    Unordered,
    /// rayon's `par_bridge`.
    Rayon,
}

impl Peer {
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
            Self::AsyncStream => "async-stream",
            Self::AsynkStrim => "asynk-strim",
            Self::Unfold => "unfold",
            Self::Called10 => "called 10",
            Self::Called10000 => "called 10k",
            Self::Awaited10 => "awaited 10",
            Self::Awaited10000 => "awaited 10k",
            Self::Genawaiter10 => "genawaiter 10",
            Self::Genawaiter10000 => "genawaiter 10k",
            Self::Iterators => "std iterators",
            Self::Itertools => "itertools",
            Self::Pulled => "pulled",
            Self::PulledBoxed => "pulled, boxed",
            Self::Pushed => "pushed",
            Self::OneBody => "one body",
            Self::Bodies => "all bodies",
            Self::Aio => "cogen aio",
            Self::Tokio => "tokio spawn",
            Self::LocalSet => "LocalSet",
            Self::AsyncExecutor => "async-executor",
            Self::JoinAll => "join_all",
            Self::FuturesBuffered => "futures-buffered",
            Self::Channels => "channels",
            Self::Crossbeam => "crossbeam",
            Self::Threads => "cogen",
            Self::Unordered => "cogen, unordered",
            Self::Rayon => "rayon par_bridge",
        }
    }
}

/// Does a number of operations.
pub type Run = fn(u64);

/// A work, and the peers that can do it.
#[derive(Debug)]
pub struct Row {
    /// What `--row` calls it.
    pub name: &'static str,
    /// The runs, each in a function that is never inlined, with a body of its own type.
    pub runs: &'static [(Peer, Run)],
    /// What must hold.
    pub bars: &'static [Bar],
    /// How much of the work is measured.
    pub amount: Amount,
}

/// How much of a row is measured.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    /// In each of many rounds, as many operations as take a slice of time.
    Slices,
    /// In each of a few rounds, this many operations.
    Fixed {
        /// Operations in a round.
        operations: u64,
        /// How many rounds: an odd number.
        rounds: usize,
    },
}

/// The time of `peer` is at most `ratio` times the time of `against`.
#[derive(Debug)]
pub struct Bar {
    /// The peer that must be fast.
    pub peer: Peer,
    /// The peer that it is compared with.
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

/// `n` words, each a number.
fn words(n: u64) -> impl Iterator<Item = &'static str> + Send {
    static WORDS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let number = |n: u64| (n * 7919 % 1_000_003).to_string();
        (0..10_000).map(number).collect()
    });
    let count = usize::try_from(n).unwrap_or(usize::MAX);
    WORDS.iter().map(String::as_str).cycle().take(count)
}

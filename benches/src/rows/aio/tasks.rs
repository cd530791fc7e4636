//! Create tasks and await them: one after the other, or all of them and then each.

use super::super::{Bar, Peer, Row};
use super::{MILLION, aio, async_executor, local_set, tokio};
use std::hint::black_box;
use std::time::Duration;

/// Each task is awaited as soon as it has been created; one suspension each.
pub(in super::super) const EACH: Row = Row {
    name: "task_each",
    runs: &[
        (Peer::Aio, each::aio),
        (Peer::Tokio, each::tokio),
        (Peer::LocalSet, each::local_set),
        (Peer::AsyncExecutor, each::async_executor),
    ],
    bars: BARS,
    amount: MILLION,
};

/// All are created, then all are awaited; one suspension each.
pub(in super::super) const ALL: Row = Row {
    name: "task_all",
    runs: &[
        (Peer::Aio, all::aio::<1>),
        (Peer::Tokio, all::tokio::<1>),
        (Peer::LocalSet, all::local_set::<1>),
        (Peer::AsyncExecutor, all::async_executor::<1>),
        (Peer::JoinAll, all::join_all::<1>),
        (Peer::FuturesBuffered, all::futures_buffered::<1>),
    ],
    bars: BARS,
    amount: MILLION,
};

/// The same, with ten suspensions each.
pub(in super::super) const ALL_10: Row = Row {
    name: "task_all_10",
    runs: &[
        (Peer::Aio, all::aio::<10>),
        (Peer::Tokio, all::tokio::<10>),
        (Peer::LocalSet, all::local_set::<10>),
        (Peer::AsyncExecutor, all::async_executor::<10>),
        (Peer::JoinAll, all::join_all::<10>),
        (Peer::FuturesBuffered, all::futures_buffered::<10>),
    ],
    bars: BARS,
    amount: MILLION,
};

const BARS: &[Bar] = &[
    Bar::new(Peer::Aio, 0.3, Peer::Tokio),
    Bar::new(Peer::Aio, 1.0, Peer::LocalSet),
    Bar::new(Peer::Aio, 1.0, Peer::AsyncExecutor),
];

async fn naps<const N: usize>(n: u64) -> u64 {
    for _ in 0..N {
        cogen::aio::sleep(Duration::ZERO).await;
    }
    n
}

async fn yields<const N: usize>(n: u64) -> u64 {
    for _ in 0..N {
        tokio::task::yield_now().await;
    }
    n
}

async fn lite_yields<const N: usize>(n: u64) -> u64 {
    for _ in 0..N {
        futures_lite::future::yield_now().await;
    }
    n
}

mod each {
    use super::{black_box, lite_yields, naps, yields};

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            for i in 0..n {
                black_box(cogen::aio::create_task(naps::<1>(i)).await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move {
            for i in 0..n {
                black_box(tokio::spawn(yields::<1>(i)).await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            for i in 0..n {
                black_box(tokio::task::spawn_local(yields::<1>(i)).await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn async_executor(n: u64) {
        super::async_executor(async move |executor| {
            for i in 0..n {
                black_box(executor.spawn(lite_yields::<1>(i)).await);
            }
        });
    }
}

mod all {
    use super::{black_box, lite_yields, naps, yields};

    #[inline(never)]
    pub(super) fn aio<const N: usize>(n: u64) {
        super::aio(async move {
            let tasks: Vec<_> = (0..n)
                .map(|i| cogen::aio::create_task(naps::<N>(i)))
                .collect();
            for task in tasks {
                black_box(task.await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn tokio<const N: usize>(n: u64) {
        super::tokio(async move {
            let tasks: Vec<_> = (0..n).map(|i| tokio::spawn(yields::<N>(i))).collect();
            for task in tasks {
                black_box(task.await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn local_set<const N: usize>(n: u64) {
        super::local_set(async move {
            let spawn = |i| tokio::task::spawn_local(yields::<N>(i));
            let tasks: Vec<_> = (0..n).map(spawn).collect();
            for task in tasks {
                black_box(task.await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn async_executor<const N: usize>(n: u64) {
        super::async_executor(async move |executor| {
            let tasks: Vec<_> = (0..n)
                .map(|i| executor.spawn(lite_yields::<N>(i)))
                .collect();
            for task in tasks {
                black_box(task.await);
            }
        });
    }

    #[inline(never)]
    pub(super) fn join_all<const N: usize>(n: u64) {
        futures_lite::future::block_on(async move {
            let naps = (0..n).map(lite_yields::<N>);
            black_box(futures_util::future::join_all(naps).await);
        });
    }

    #[inline(never)]
    pub(super) fn futures_buffered<const N: usize>(n: u64) {
        futures_lite::future::block_on(async move {
            let naps = (0..n).map(lite_yields::<N>);
            black_box(futures_buffered::join_all(naps).await);
        });
    }
}

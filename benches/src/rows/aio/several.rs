//! Tasks that interact: two that play ping-pong, and a thousand that are gathered.

use super::super::{Peer, Row};
use super::{AHEAD, MILLION, aio, async_executor, local_set, tokio};
use std::hint::black_box;
use std::time::Duration;

/// Two tasks take turns: each gives the other the means to answer.
pub(in super::super) const PING_PONG: Row = Row {
    name: "ping_pong",
    runs: &[
        (Peer::Aio, ping_pong::aio),
        (Peer::Tokio, ping_pong::tokio),
        (Peer::LocalSet, ping_pong::local_set),
        (Peer::AsyncExecutor, ping_pong::async_executor),
    ],
    bars: AHEAD,
    amount: MILLION,
};

/// A thousand tasks with one suspension each run at the same time, a thousand times over.
pub(in super::super) const GATHER: Row = Row {
    name: "gather",
    runs: &[
        (Peer::Aio, gather::aio),
        (Peer::Tokio, gather::tokio),
        (Peer::LocalSet, gather::local_set),
        (Peer::AsyncExecutor, gather::async_executor),
        (Peer::JoinAll, gather::join_all),
        (Peer::FuturesBuffered, gather::futures_buffered),
    ],
    bars: AHEAD,
    amount: MILLION,
};

mod ping_pong {
    use cogen::aio::{Promise, create_task};
    use tokio::sync::oneshot::{self, Receiver, Sender};

    struct Ball(Promise<Ball>);

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            let mut there = Promise::new();
            let mut here = there.clone();
            let other = create_task(async move {
                for _ in 0..n {
                    let Ball(back) = here.await?;
                    here = Promise::new();
                    back.set_result(Ball(here.clone()))?;
                }
                cogen::aio::ok(())
            });
            for _ in 0..n {
                let back = Promise::new();
                there.set_result(Ball(back.clone())).expect("once");
                there = back.await.expect("an answer").0;
            }
            other.await.expect("it ends");
        });
    }

    struct Sent(Sender<Sent>);

    async fn ping(n: u64, mut there: Sender<Sent>) {
        for _ in 0..n {
            let (back, answer) = oneshot::channel();
            there.send(Sent(back)).ok().expect("it is awaited");
            there = answer.await.expect("an answer").0;
        }
    }

    async fn pong(n: u64, mut here: Receiver<Sent>) {
        for _ in 0..n {
            let Sent(back) = here.await.expect("a ball");
            let (there, next) = oneshot::channel();
            here = next;
            // The last answer is not awaited.
            let _sent = back.send(Sent(there));
        }
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        let (there, here) = oneshot::channel();
        super::tokio(async move {
            let other = tokio::spawn(pong(n, here));
            tokio::spawn(ping(n, there)).await.expect("it ends");
            other.await.expect("it ends");
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        let (there, here) = oneshot::channel();
        super::local_set(async move {
            let other = tokio::task::spawn_local(pong(n, here));
            tokio::task::spawn_local(ping(n, there))
                .await
                .expect("it ends");
            other.await.expect("it ends");
        });
    }

    #[inline(never)]
    pub(super) fn async_executor(n: u64) {
        let (there, here) = oneshot::channel();
        super::async_executor(async move |executor| {
            let other = executor.spawn(pong(n, here));
            executor.spawn(ping(n, there)).await;
            other.await;
        });
    }
}

mod gather {
    use super::{Duration, black_box};

    const CHILDREN: u64 = 1000;

    async fn nap(n: u64) -> u64 {
        cogen::aio::sleep(Duration::ZERO).await;
        n
    }

    async fn yielding(n: u64) -> u64 {
        tokio::task::yield_now().await;
        n
    }

    async fn lite(n: u64) -> u64 {
        futures_lite::future::yield_now().await;
        n
    }

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            for _ in 0..n / CHILDREN {
                let children: Vec<_> = (0..CHILDREN).map(nap).collect();
                black_box(cogen::aio::gather(children).await.ok());
            }
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move {
            for _ in 0..n / CHILDREN {
                let children = (0..CHILDREN).map(|i| tokio::spawn(yielding(i)));
                black_box(futures_util::future::join_all(children).await);
            }
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            for _ in 0..n / CHILDREN {
                let children = (0..CHILDREN).map(|i| tokio::task::spawn_local(yielding(i)));
                black_box(futures_util::future::join_all(children).await);
            }
        });
    }

    #[inline(never)]
    pub(super) fn async_executor(n: u64) {
        super::async_executor(async move |executor| {
            for _ in 0..n / CHILDREN {
                let children = (0..CHILDREN).map(|i| executor.spawn(lite(i)));
                black_box(futures_util::future::join_all(children).await);
            }
        });
    }

    #[inline(never)]
    pub(super) fn join_all(n: u64) {
        futures_lite::future::block_on(async move {
            for _ in 0..n / CHILDREN {
                black_box(futures_util::future::join_all((0..CHILDREN).map(lite)).await);
            }
        });
    }

    #[inline(never)]
    pub(super) fn futures_buffered(n: u64) {
        futures_lite::future::block_on(async move {
            for _ in 0..n / CHILDREN {
                black_box(futures_buffered::join_all((0..CHILDREN).map(lite)).await);
            }
        });
    }
}

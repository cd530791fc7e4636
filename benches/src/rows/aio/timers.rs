//! Tasks that sleep: many deadlines, timeouts, cancels. (async-executor has no timers.)

use super::super::{Amount, Peer, Row};
use super::{AHEAD_OF_TOKIO, MILLION, aio, local_set, tokio};
use std::hint::black_box;
use std::time::Duration;

/// Tasks that each sleep up to a millisecond.
pub(in super::super) const TIMERS: Row = Row {
    name: "timers",
    runs: &[
        (Peer::Aio, naps::aio),
        (Peer::Tokio, naps::tokio),
        (Peer::LocalSet, naps::local_set),
    ],
    bars: AHEAD_OF_TOKIO,
    amount: MILLION,
};

/// A timeout around one suspension, which does not run out.
pub(in super::super) const TIMEOUT: Row = Row {
    name: "timeout",
    runs: &[
        (Peer::Aio, timeout::aio),
        (Peer::Tokio, timeout::tokio),
        (Peer::LocalSet, timeout::local_set),
    ],
    bars: AHEAD_OF_TOKIO,
    amount: MILLION,
};

/// Tasks that sleep for long are cancelled, and awaited.
pub(in super::super) const CANCEL: Row = Row {
    name: "cancel",
    runs: &[
        (Peer::Aio, cancel::aio),
        (Peer::Tokio, cancel::tokio),
        (Peer::LocalSet, cancel::local_set),
    ],
    bars: AHEAD_OF_TOKIO,
    amount: Amount::Fixed {
        operations: 100_000,
        rounds: 15,
    },
};

fn delay(n: u64) -> Duration {
    Duration::from_micros(n * 7919 % 1000)
}

const LONG: Duration = Duration::from_secs(1000);

mod naps {
    use super::delay;

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            let sleep =
                |i| cogen::aio::create_task(async move { cogen::aio::sleep(delay(i)).await });
            for task in (0..n).map(sleep).collect::<Vec<_>>() {
                task.await.expect("it is not cancelled");
            }
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move {
            let sleep = |i| tokio::spawn(async move { tokio::time::sleep(delay(i)).await });
            for task in (0..n).map(sleep).collect::<Vec<_>>() {
                task.await.expect("it is not cancelled");
            }
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            let sleep =
                |i| tokio::task::spawn_local(async move { tokio::time::sleep(delay(i)).await });
            for task in (0..n).map(sleep).collect::<Vec<_>>() {
                task.await.expect("it is not cancelled");
            }
        });
    }
}

mod timeout {
    use super::{Duration, LONG, black_box};

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            for _ in 0..n {
                let nap = cogen::aio::timeout(LONG, cogen::aio::sleep(Duration::ZERO));
                black_box(nap.await.ok());
            }
        });
    }

    async fn tokio_timeouts(n: u64) {
        for _ in 0..n {
            let nap = tokio::time::timeout(LONG, tokio::task::yield_now());
            black_box(nap.await.ok());
        }
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move { tokio::spawn(tokio_timeouts(n)).await.expect("it ends") });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            let task = tokio::task::spawn_local(tokio_timeouts(n));
            task.await.expect("it ends");
        });
    }
}

mod cancel {
    use super::{Duration, LONG, black_box};

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            let sleep = |_| cogen::aio::create_task(async { cogen::aio::sleep(LONG).await });
            let tasks: Vec<_> = (0..n).map(sleep).collect();
            cogen::aio::sleep(Duration::ZERO).await;
            for task in &tasks {
                task.cancel();
            }
            for task in tasks {
                black_box(task.await.err());
            }
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move {
            let sleep = |_| tokio::spawn(async { tokio::time::sleep(LONG).await });
            end((0..n).map(sleep).collect()).await;
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            let sleep = |_| tokio::task::spawn_local(async { tokio::time::sleep(LONG).await });
            end((0..n).map(sleep).collect()).await;
        });
    }

    async fn end(tasks: Vec<tokio::task::JoinHandle<()>>) {
        tokio::task::yield_now().await;
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            black_box(task.await.err());
        }
    }
}

use super::super::{Peer, Row};
use super::{AMOUNT, BARS, TASKS, crowd, nap};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Acquire, release.
pub(in super::super) const FREE: Row = Row {
    name: "semaphore_free",
    runs: &[
        (Peer::Aio, free::aio),
        (Peer::Tokio, free::tokio),
        (Peer::LocalSet, free::local_set),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// Wait for one of three permits, yield, release.
pub(in super::super) const BUSY: Row = Row {
    name: "semaphore_busy",
    runs: &[
        (Peer::Aio, busy::aio),
        (Peer::Tokio, busy::tokio),
        (Peer::LocalSet, busy::local_set),
    ],
    bars: BARS,
    amount: AMOUNT,
};

const PERMITS: usize = 3;

mod free {
    use super::{PERMITS, Semaphore};

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::super::aio(async {
            let semaphore = cogen::aio::Semaphore::new(PERMITS);
            for _ in 0..n {
                drop(semaphore.acquire().await);
            }
        });
    }

    async fn tokios(n: u64) {
        let semaphore = Semaphore::new(PERMITS);
        for _ in 0..n {
            drop(semaphore.acquire().await);
        }
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::super::tokio(tokios(n));
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::super::local_set(tokios(n));
    }
}

mod busy {
    use super::{Arc, PERMITS, Rc, Semaphore, TASKS, crowd, nap};

    async fn pass(semaphore: Rc<cogen::aio::Semaphore>, n: u64) {
        for _ in 0..n {
            let _permit = semaphore.acquire().await;
            nap().await;
        }
    }

    async fn pass_tokios(semaphore: Arc<Semaphore>, n: u64) {
        for _ in 0..n {
            let _permit = semaphore.acquire().await;
            tokio::task::yield_now().await;
        }
    }

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::super::aio(async {
            let semaphore = Rc::new(cogen::aio::Semaphore::new(PERMITS));
            crowd!(cogen::aio::create_task, TASKS, || pass(
                semaphore.clone(),
                n / TASKS
            ));
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::super::tokio(async {
            let semaphore = Arc::new(Semaphore::new(PERMITS));
            crowd!(tokio::spawn, TASKS, || pass_tokios(
                semaphore.clone(),
                n / TASKS
            ));
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::super::local_set(async {
            let semaphore = Arc::new(Semaphore::new(PERMITS));
            crowd!(tokio::task::spawn_local, TASKS, || pass_tokios(
                semaphore.clone(),
                n / TASKS
            ));
        });
    }
}

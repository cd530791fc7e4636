use super::super::{Peer, Row};
use super::{AMOUNT, BARS, TASKS, crowd, nap};
use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Lock, add, unlock.
pub(in super::super) const FREE: Row = Row {
    name: "lock_free",
    runs: &[
        (Peer::Aio, free::aio),
        (Peer::Tokio, free::tokio),
        (Peer::LocalSet, free::local_set),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// Wait for the lock, yield, unlock.
pub(in super::super) const BUSY: Row = Row {
    name: "lock_busy",
    runs: &[
        (Peer::Aio, busy::aio),
        (Peer::Tokio, busy::tokio),
        (Peer::LocalSet, busy::local_set),
    ],
    bars: BARS,
    amount: AMOUNT,
};

mod free {
    use super::{Mutex, black_box};
    use cogen::aio::Lock;

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::super::aio(async {
            let lock = Lock::new(0);
            for i in 0..n {
                *lock.lock().await += i;
            }
            black_box(*lock.lock().await);
        });
    }

    async fn mutex(n: u64) {
        let lock = Mutex::new(0);
        for i in 0..n {
            *lock.lock().await += i;
        }
        black_box(*lock.lock().await);
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::super::tokio(mutex(n));
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::super::local_set(mutex(n));
    }
}

mod busy {
    use super::{Arc, Mutex, Rc, TASKS, black_box, crowd, nap};
    use cogen::aio::Lock;

    async fn add(lock: Rc<Lock<u64>>, n: u64) {
        for i in 0..n {
            let mut sum = lock.lock().await;
            nap().await;
            *sum += i;
        }
    }

    async fn add_mutex(lock: Arc<Mutex<u64>>, n: u64) {
        for i in 0..n {
            let mut sum = lock.lock().await;
            tokio::task::yield_now().await;
            *sum += i;
        }
    }

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::super::aio(async {
            let lock = Rc::new(Lock::new(0));
            crowd!(cogen::aio::create_task, TASKS, || add(
                lock.clone(),
                n / TASKS
            ));
            black_box(*lock.lock().await);
        });
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::super::tokio(async {
            let lock = Arc::new(Mutex::new(0));
            crowd!(tokio::spawn, TASKS, || add_mutex(lock.clone(), n / TASKS));
            black_box(*lock.lock().await);
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::super::local_set(async {
            let lock = Arc::new(Mutex::new(0));
            crowd!(tokio::task::spawn_local, TASKS, || add_mutex(
                lock.clone(),
                n / TASKS
            ));
            black_box(*lock.lock().await);
        });
    }
}

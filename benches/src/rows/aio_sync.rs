//! The objects that tasks use to wait for each other: those of the async API, and those of tokio, on one thread.
//!
//! "free": one task, which never has to wait. "busy": sixteen tasks, each of which holds the object across a yield, so
//! that every operation is a hand-over; for the queue, a producer and a consumer.

mod locks;
mod queues;
mod semaphores;

use super::{Amount, Bar, Peer, Table};
use std::future::Future;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

/// The table.
pub(super) const TABLE: Table = Table {
    peers: &[Peer::Aio, Peer::Tokio, Peer::LocalSet],
    base: &[Peer::Tokio],
    rows: &[
        locks::FREE,
        locks::BUSY,
        semaphores::FREE,
        semaphores::BUSY,
        queues::FREE,
        queues::BUSY,
        queues::NARROW,
    ],
};

/// The number of tasks that compete.
const TASKS: u64 = 16;

const AMOUNT: Amount = Amount::Fixed {
    operations: 400_000,
    rounds: 11,
};

/// The async API must be ahead of tokio.
const BARS: &[Bar] = &[
    Bar::new(Peer::Aio, 1.0, Peer::Tokio),
    Bar::new(Peer::Aio, 1.0, Peer::LocalSet),
];

fn aio(main: impl Future<Output = ()>) {
    cogen::aio::run(main).expect("it does not fail");
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("a runtime")
}

fn tokio(main: impl Future<Output = ()>) {
    runtime().block_on(main);
}

fn local_set(main: impl Future<Output = ()>) {
    LocalSet::new().block_on(&runtime(), main);
}

/// Yields once.
async fn nap() {
    cogen::aio::sleep(std::time::Duration::ZERO).await;
}

/// Makes the tasks, and awaits each.
macro_rules! crowd {
    ($spawn:path, $n:expr, || $body:expr) => {{
        let tasks: Vec<_> = (0..$n).map(|_| $spawn($body)).collect();
        for task in tasks {
            task.await.expect("it does not fail");
        }
    }};
}
use crowd;

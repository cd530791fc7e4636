//! Tasks: those of the async API, and those of runtimes on one thread. `join_all` polls futures in place, without
//! tasks: no handles, no cancels and no order.

pub(super) mod floods;
pub(super) mod several;
pub(super) mod tasks;
pub(super) mod timers;

use super::{Amount, Bar, Peer};
use async_executor::LocalExecutor;
use futures_lite::future;
use std::future::Future;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

const MILLION: Amount = Amount::Fixed {
    operations: 1_000_000,
    rounds: 5,
};

/// Ahead of each peer that has tasks.
const AHEAD: &[Bar] = &[
    Bar::new(Peer::Aio, 1.0, Peer::Tokio),
    Bar::new(Peer::Aio, 1.0, Peer::LocalSet),
    Bar::new(Peer::Aio, 1.0, Peer::AsyncExecutor),
];

/// The same, for work that async-executor cannot do.
const AHEAD_OF_TOKIO: &[Bar] = &[
    Bar::new(Peer::Aio, 1.0, Peer::Tokio),
    Bar::new(Peer::Aio, 1.0, Peer::LocalSet),
];

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
}

fn aio(main: impl Future<Output = ()>) {
    cogen::aio::run(main).expect("it does not fail");
}

fn tokio(main: impl Future<Output = ()>) {
    runtime().block_on(main);
}

fn local_set(main: impl Future<Output = ()>) {
    LocalSet::new().block_on(&runtime(), main);
}

fn async_executor<'a>(main: impl AsyncFnOnce(&LocalExecutor<'a>)) {
    let executor = LocalExecutor::new();
    future::block_on(executor.run(main(&executor)));
}

//! A channel of tokio's that is always ready, beside a timer: what it costs that the flood stops for the timer.

use super::super::{Bar, Peer, Row};
use super::{MILLION, aio, local_set, tokio};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A task that receives what it sends itself, while another one wakes up every millisecond.
pub(in super::super) const FLOOD: Row = Row {
    name: "flood",
    runs: &[
        (Peer::Aio, flood::aio),
        (Peer::Tokio, flood::tokio),
        (Peer::LocalSet, flood::local_set),
    ],
    // The loop returns to its runtime for each budget of 128 items, and that looks for sockets and timers each time.
    // Tokio goes on with its own tasks, and looks after 61 of them.
    bars: &[Bar::new(Peer::Aio, 1.25, Peer::Tokio)],
    amount: MILLION,
};

const TICK: Duration = Duration::from_millis(1);

fn channel() -> (UnboundedSender<u64>, UnboundedReceiver<u64>) {
    let (sender, receiver) = unbounded_channel();
    sender.send(0).expect("there is a receiver");
    (sender, receiver)
}

async fn receive(n: u64, sender: UnboundedSender<u64>, mut receiver: UnboundedReceiver<u64>) {
    for _ in 0..n {
        let item = receiver.recv().await.expect("there is a sender");
        sender.send(item + 1).expect("there is a receiver");
    }
}

mod flood {
    use super::{TICK, channel, receive};

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::aio(async move {
            let timer = cogen::aio::create_task(async {
                loop {
                    cogen::aio::sleep(TICK).await;
                }
            });
            let (sender, receiver) = channel();
            let flood = cogen::aio::create_task(receive(n, sender, receiver));
            flood.await.expect("it ends");
            timer.cancel();
        });
    }

    async fn tick() {
        loop {
            tokio::time::sleep(TICK).await;
        }
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::tokio(async move {
            let timer = tokio::spawn(tick());
            let (sender, receiver) = channel();
            let flood = tokio::spawn(receive(n, sender, receiver));
            flood.await.expect("it ends");
            timer.abort();
        });
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::local_set(async move {
            let timer = tokio::task::spawn_local(tick());
            let (sender, receiver) = channel();
            let flood = tokio::task::spawn_local(receive(n, sender, receiver));
            flood.await.expect("it ends");
            timer.abort();
        });
    }
}

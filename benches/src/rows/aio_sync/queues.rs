use super::super::{Peer, Row};
use super::{AMOUNT, BARS};
use std::hint::black_box;
use std::rc::Rc;
use tokio::sync::mpsc;

/// Put an item, and take it.
pub(in super::super) const FREE: Row = Row {
    name: "queue_free",
    runs: &[
        (Peer::Aio, free::aio),
        (Peer::Tokio, free::tokio),
        (Peer::LocalSet, free::local_set),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// One task puts items in, another one takes them; there is room for 64.
pub(in super::super) const BUSY: Row = Row {
    name: "queue_64",
    runs: &[
        (Peer::Aio, busy::aio::<64>),
        (Peer::Tokio, busy::tokio::<64>),
        (Peer::LocalSet, busy::local_set::<64>),
    ],
    bars: BARS,
    amount: AMOUNT,
};

/// The same with room for one item.
pub(in super::super) const NARROW: Row = Row {
    name: "queue_1",
    runs: &[
        (Peer::Aio, busy::aio::<1>),
        (Peer::Tokio, busy::tokio::<1>),
        (Peer::LocalSet, busy::local_set::<1>),
    ],
    bars: BARS,
    amount: AMOUNT,
};

mod free {
    use super::{black_box, mpsc};
    use cogen::aio::Queue;

    #[inline(never)]
    pub(super) fn aio(n: u64) {
        super::super::aio(async {
            let queue = Queue::new(64);
            for i in 0..n {
                queue.put(i).await.expect("it is open");
                black_box(queue.get().await.expect("it is open"));
            }
        });
    }

    async fn channel(n: u64) {
        let (sender, mut receiver) = mpsc::channel(64);
        for i in 0..n {
            sender.send(i).await.expect("it is open");
            black_box(receiver.recv().await);
        }
    }

    #[inline(never)]
    pub(super) fn tokio(n: u64) {
        super::super::tokio(channel(n));
    }

    #[inline(never)]
    pub(super) fn local_set(n: u64) {
        super::super::local_set(channel(n));
    }
}

mod busy {
    use super::{Rc, black_box, mpsc};
    use cogen::aio::Queue;

    #[inline(never)]
    pub(super) fn aio<const ROOM: usize>(n: u64) {
        super::super::aio(async {
            let queue = Rc::new(Queue::new(ROOM));
            let producer = {
                let queue = queue.clone();
                cogen::aio::create_task(async move {
                    for i in 0..n {
                        queue.put(i).await.expect("it is open");
                    }
                    queue.shutdown(false);
                })
            };
            let mut sum = 0;
            while let Ok(i) = queue.get().await {
                sum += i;
            }
            black_box(sum);
            producer.await.expect("it does not fail");
        });
    }

    async fn send(sender: mpsc::Sender<u64>, n: u64) {
        for i in 0..n {
            sender.send(i).await.expect("it is open");
        }
    }

    async fn sum(mut receiver: mpsc::Receiver<u64>) {
        let mut sum = 0;
        while let Some(i) = receiver.recv().await {
            sum += i;
        }
        black_box(sum);
    }

    #[inline(never)]
    pub(super) fn tokio<const ROOM: usize>(n: u64) {
        super::super::tokio(async {
            let (sender, receiver) = mpsc::channel(ROOM);
            let producer = tokio::spawn(send(sender, n));
            // The consumer is a task, because the main body has no turn of its own.
            let consumer = tokio::spawn(sum(receiver));
            producer.await.expect("it does not fail");
            consumer.await.expect("it does not fail");
        });
    }

    #[inline(never)]
    pub(super) fn local_set<const ROOM: usize>(n: u64) {
        super::super::local_set(async {
            let (sender, receiver) = mpsc::channel(ROOM);
            let producer = tokio::task::spawn_local(send(sender, n));
            let consumer = tokio::task::spawn_local(sum(receiver));
            producer.await.expect("it does not fail");
            consumer.await.expect("it does not fail");
        });
    }
}

//! Many requests at once from one body, each answered by the driver: yields that are awaited at the same time; and the
//! same over an mpsc channel with a oneshot channel for each reply.

use super::{Amount, Bar, Peer, Row, Run};

/// At most three times the time of the channels, however many requests there are at once.
const BARS: &[Bar] = &[Bar::new(Peer::Boxed, 3.0, Peer::Channels)];

const fn row(name: &'static str, runs: &'static [(Peer, Run)]) -> Row {
    Row {
        name,
        runs,
        bars: BARS,
        amount: Amount::Fixed {
            operations: 20_000,
            rounds: 9,
        },
    }
}

pub(super) const AT_ONCE_1: Row = row(
    "requests_1",
    &[
        (Peer::Boxed, yields::buffered::<1>),
        (Peer::Channels, channels::buffered::<1>),
    ],
);
pub(super) const AT_ONCE_8: Row = row(
    "requests_8",
    &[
        (Peer::Boxed, yields::buffered::<8>),
        (Peer::Channels, channels::buffered::<8>),
    ],
);
pub(super) const AT_ONCE_64: Row = row(
    "requests_64",
    &[
        (Peer::Boxed, yields::buffered::<64>),
        (Peer::Channels, channels::buffered::<64>),
    ],
);
pub(super) const AT_ONCE_256: Row = row(
    "requests_256",
    &[
        (Peer::Boxed, yields::buffered::<256>),
        (Peer::Channels, channels::buffered::<256>),
    ],
);
pub(super) const AT_ONCE_1000: Row = row(
    "requests_1000",
    &[
        (Peer::Boxed, yields::buffered::<1000>),
        (Peer::Channels, channels::buffered::<1000>),
    ],
);
pub(super) const JOINED: Row = Row {
    amount: Amount::Fixed {
        operations: 10_000,
        rounds: 9,
    },
    ..row(
        "requests_joined",
        &[
            (Peer::Boxed, yields::joined),
            (Peer::Channels, channels::joined),
        ],
    )
};

mod yields {
    use cogen::{Co, GeneratorExt, generator};
    use futures_util::{StreamExt, future, stream};
    use std::hint::black_box;

    #[inline(never)]
    pub(super) fn buffered<const K: usize>(n: u64) {
        let sum = generator(async move |co: Co<'_, u64, u64>| {
            let requests = stream::iter(0..n).map(|i| co.yield_(i));
            requests
                .buffer_unordered(K)
                .fold(0, async |sum, reply| sum + reply)
                .await
        });
        black_box(sum.boxed_local().drive(|request| request).ok());
    }

    #[inline(never)]
    pub(super) fn joined(n: u64) {
        let sum = generator(async move |co: Co<'_, u64, u64>| {
            let replies = future::join_all((0..n).map(|i| co.yield_(i))).await;
            replies.into_iter().sum::<u64>()
        });
        black_box(sum.boxed_local().drive(|request| request).ok());
    }
}

mod channels {
    use futures_lite::future::block_on;
    use futures_util::{StreamExt, future, stream};
    use std::hint::black_box;
    use tokio::sync::{mpsc, oneshot};

    type Request = (u64, oneshot::Sender<u64>);

    async fn ask(requests: &mpsc::UnboundedSender<Request>, request: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        requests.send((request, reply)).expect("somebody answers");
        answer.await.expect("an answer")
    }

    async fn answer(mut requests: mpsc::UnboundedReceiver<Request>) {
        while let Some((request, reply)) = requests.recv().await {
            reply.send(request).expect("somebody asks");
        }
    }

    #[inline(never)]
    pub(super) fn buffered<const K: usize>(n: u64) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let asks = async move {
            let requests = stream::iter(0..n).map(|i| ask(&sender, i));
            requests
                .buffer_unordered(K)
                .fold(0, async |sum, reply| sum + reply)
                .await
        };
        black_box(block_on(future::join(asks, answer(receiver))));
    }

    #[inline(never)]
    pub(super) fn joined(n: u64) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let asks = async move {
            let replies = future::join_all((0..n).map(|i| ask(&sender, i))).await;
            replies.into_iter().sum::<u64>()
        };
        black_box(block_on(future::join(asks, answer(receiver))));
    }
}

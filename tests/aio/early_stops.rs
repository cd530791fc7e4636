//! Cancels under combinators that poll only what was woken, or stop early: clean-up runs whatever is beside it.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use cogen::aio::{self, create_task, sleep, testing};
use futures::FutureExt;
use futures::channel::mpsc::unbounded;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};

use super::secs;

const MANY: usize = if cfg!(miri) { 4 } else { 40 };

type Child<'a> = LocalBoxFuture<'a, ()>;

async fn alone(future: impl Future<Output = ()>) {
    let mut one = FuturesUnordered::new();
    one.push(future);
    one.next().await;
}

/// Cancels a task that has a clean-up beside `others`, when `before` is over. Returns whether the clean-up
/// ran to its end.
fn cleans_up(nested: bool, others: Vec<Child<'static>>, before: impl Future<Output = ()>) -> bool {
    testing::run(async move {
        let cleaned = Rc::new(Cell::new(false));
        let clean = cleaned.clone();
        let task = create_task(async move {
            let clean_up = async move {
                sleep(secs(1)).await;
                clean.set(true);
            };
            let first = aio::finally(pending(), clean_up).boxed_local();
            let all = std::iter::once(first).chain(others);
            let mut all: FuturesUnordered<Child<'_>> = if nested {
                all.map(|one| alone(one).boxed_local()).collect()
            } else {
                all.collect()
            };
            while all.next().await.is_some() {}
        });
        before.await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        aio::ok(cleaned.get())
    })
    .unwrap()
}

#[test]
fn a_cancel_is_not_kept_from_a_clean_up_by_what_wakes_itself() {
    // Under an interpreter each poll takes long.
    let (most, polls_each) = if cfg!(miri) { (3, 9) } else { (100, 200) };
    for others in [0, 1, 2, 33, 100].into_iter().filter(|&n| n <= most) {
        let busy = || {
            let mut polls = 0;
            poll_fn(move |cx| {
                polls += 1;
                if polls > polls_each {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .boxed_local()
        };
        let before = async {
            for _ in 0..3 {
                sleep(Duration::ZERO).await;
            }
        };
        let others = (0..others).map(|_| busy()).collect::<Vec<_>>();
        let many = others.len();
        assert!(cleans_up(false, others, before), "{many} others");
    }
}

/// Messages for the others come in the turn of the cancel, or before it.
#[test]
fn a_cancel_is_not_kept_from_a_clean_up_by_what_is_woken() {
    for (messages, later) in [(0, false), (1, false), (2, false), (MANY, false), (2, true)] {
        for nested in [false, true] {
            let (senders, receivers): (Vec<_>, Vec<_>) =
                (0..MANY).map(|_| unbounded::<u32>()).unzip();
            let receive = receivers.into_iter().map(|mut receiver| {
                async move { while receiver.next().await.is_some() {} }.boxed_local()
            });
            let send = async {
                sleep(secs(1)).await;
                for sender in &senders[..messages] {
                    sender.unbounded_send(1).unwrap();
                }
                if later {
                    sleep(secs(1)).await;
                }
            };
            let case = format!("{messages} messages, nested: {nested}");
            assert!(cleans_up(nested, receive.collect(), send), "{case}");
        }
    }
}

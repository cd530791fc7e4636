//! `into_sink`: no error and no item is lost, whenever the body fails, and whoever polls.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use cogen::adapt::SinkError;
use cogen::{Co, Exception, Generator, GeneratorExit, GeneratorExt, LocalBoxGen, State, generator};
use futures::executor::block_on;
use futures::{FutureExt, Sink, SinkExt, StreamExt, stream};

use crate::poll_once;
use crate::support::{Oops, pending_once};

/// How a body comes to its error.
#[derive(Clone, Copy, Debug)]
enum Fails {
    /// At the item that is negative, by `?`.
    Returns,
    /// The same, after it has awaited something.
    ReturnsLater,
    /// At that item, by a raise.
    Raises,
    /// Keeps what it is sent, and finds the item when it is closed.
    WhenClosed,
    /// The same, after it has awaited something.
    WhenClosedLater,
    /// While it lets itself be unwound, by a raise.
    Unwound,
}

const ALL: [Fails; 6] = [
    Fails::Returns,
    Fails::ReturnsLater,
    Fails::Raises,
    Fails::WhenClosed,
    Fails::WhenClosedLater,
    Fails::Unwound,
];

impl Fails {
    fn at_the_close(self) -> bool {
        matches!(
            self,
            Self::WhenClosed | Self::WhenClosedLater | Self::Unwound
        )
    }

    fn at(item: i32) -> Result<(), Oops> {
        if item < 0 { Err(Oops(item)) } else { Ok(()) }
    }

    async fn body(self, co: Co<'_, (), i32>) -> Result<(), Oops> {
        let mut kept = Vec::new();
        while let Ok(item) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
            match self {
                Self::Returns => Self::at(item)?,
                Self::ReturnsLater => {
                    pending_once().await;
                    Self::at(item)?;
                }
                Self::Raises => {
                    if let Err(error) = Self::at(item) {
                        co.raise(error).await;
                    }
                }
                Self::WhenClosed | Self::WhenClosedLater | Self::Unwound => kept.push(item),
            }
        }
        if matches!(self, Self::WhenClosedLater) {
            pending_once().await;
        }
        for item in kept {
            if let (Self::Unwound, Err(error)) = (self, Self::at(item)) {
                co.raise(error).await;
            }
            Self::at(item)?;
        }
        Ok(())
    }

    fn generator(self) -> LocalBoxGen<'static, (), i32, Result<(), Oops>> {
        generator(move |co| self.body(co)).boxed_local()
    }
}

type Outcome = Result<(), SinkError<i32>>;

fn raised(outcome: &Outcome) -> bool {
    matches!(outcome, Err(SinkError::Raised(error)) if error.is::<Oops>())
}

fn finished(outcome: &Outcome) -> bool {
    matches!(outcome, Err(SinkError::Finished(None)))
}

#[test]
fn forward_tells_an_error_wherever_it_comes() {
    for fails in ALL {
        for items in [vec![-1], vec![1, -1], vec![1, -1, 2], vec![-1, -1]] {
            let forwarded = stream::iter(items.clone()).map(Ok);
            let outcome = block_on(forwarded.forward(fails.generator().into_sink()));
            assert!(raised(&outcome), "{fails:?} {items:?}: {outcome:?}");
        }
        let fine = stream::iter([1, 2]).map(Ok);
        block_on(fine.forward(fails.generator().into_sink())).unwrap();
    }
}

#[test]
fn an_error_is_given_once_and_later_calls_say_finished() {
    for fails in ALL {
        block_on(async {
            let mut sink = fails.generator().into_sink();
            sink.send(1).await.unwrap();
            let sent = sink.send(-1).await;
            assert_eq!(raised(&sent), !fails.at_the_close(), "{fails:?}: {sent:?}");
            let closed = sink.close().await;
            assert_eq!(
                raised(&closed),
                fails.at_the_close(),
                "{fails:?}: {closed:?}"
            );
            for late in [sink.send(2).await, sink.flush().await, sink.close().await] {
                assert!(finished(&late), "{fails:?}: {late:?}");
            }
            let late = Pin::new(&mut sink).start_send(3).unwrap_err();
            assert_eq!(late.into_item(), Some(3), "{fails:?}");
        });
    }
}

#[test]
fn each_poll_tells_the_error() {
    type Poll = fn(Pin<&mut dyn Sink<i32, Error = SinkError<i32>>>, &mut Context<'_>) -> Outcome;
    fn ready(poll: std::task::Poll<Outcome>) -> Outcome {
        match poll {
            std::task::Poll::Ready(outcome) => outcome,
            std::task::Poll::Pending => panic!("pending"),
        }
    }
    let polls: [Poll; 3] = [
        |sink, cx| ready(sink.poll_ready(cx)),
        |sink, cx| ready(sink.poll_flush(cx)),
        |sink, cx| ready(sink.poll_close(cx)),
    ];
    for fails in [Fails::Returns, Fails::Raises] {
        for poll in polls {
            let cx = &mut Context::from_waker(Waker::noop());
            let mut sink = pin!(fails.generator().into_sink());
            assert!(sink.as_mut().poll_ready(cx).is_ready());
            sink.as_mut().start_send(-1).unwrap();
            let outcome = poll(sink.as_mut(), cx);
            assert!(raised(&outcome), "{fails:?}: {outcome:?}");
            let outcome = poll(sink.as_mut(), cx);
            assert!(finished(&outcome), "{fails:?}: {outcome:?}");
        }
    }
}

#[test]
fn calls_that_are_dropped_lose_no_error() {
    let mut sink = Fails::ReturnsLater.generator().into_sink();
    assert!(poll_once(pin!(sink.send(-1))).is_pending(), "and dropped");
    assert!(raised(&block_on(sink.close())));

    let mut sink = Fails::WhenClosedLater.generator().into_sink();
    block_on(sink.send(-1)).unwrap();
    assert!(poll_once(pin!(sink.close())).is_pending(), "and dropped");
    assert!(raised(&block_on(sink.flush())));
}

#[test]
fn a_body_that_fails_before_its_first_yield_gives_the_item_back() {
    for raises in [false, true] {
        let g = generator(async move |co: Co<'static, (), i32>| {
            if raises {
                co.raise(Oops(0)).await;
            }
            Err::<(), _>(Oops(0))
        });
        let cx = &mut Context::from_waker(Waker::noop());
        let mut sink = pin!(g.into_sink());
        sink.as_mut().start_send(7).unwrap();
        assert!(raised(&sink.as_mut().flush().now_or_never().unwrap()));
        let std::task::Poll::Ready(Err(error)) = sink.as_mut().poll_close(cx) else {
            panic!("closed, with an item that waits");
        };
        assert_eq!(error.into_item(), Some(7));
        assert!(finished(&sink.flush().now_or_never().unwrap()));
    }
}

#[test]
fn an_item_that_waits_when_the_body_returns_comes_back() {
    let g = generator(|co: Co<'_, (), i32>| async move {
        co.yield_(()).await;
        pending_once().await;
    });
    let mut sink = g.boxed_local().into_sink();
    assert!(poll_once(pin!(sink.send(1))).is_pending(), "and dropped");
    Pin::new(&mut sink).start_send(2).unwrap();
    let closed = block_on(sink.close()).unwrap_err();
    assert_eq!(closed.to_string(), "generator has finished");
    assert_eq!(closed.into_item(), Some(2));
    block_on(sink.close()).unwrap();
}

#[test]
fn a_second_item_that_was_not_asked_for_comes_back() {
    let log = RefCell::new(Vec::new());
    let g = generator(|co: Co<'_, (), i32>| {
        let log = &log;
        async move {
            loop {
                let item = co.yield_(()).await;
                log.borrow_mut().push(item);
            }
        }
    });
    let mut sink = pin!(g.into_sink());
    sink.as_mut().start_send(0).unwrap();
    for item in 1..3 {
        let refused = sink.as_mut().start_send(item).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "sink is not ready: an item waits already"
        );
        assert!(matches!(refused, SinkError::NotReady(back) if back == item));
    }
    block_on(async {
        sink.flush().await.unwrap();
        sink.send(3).await.unwrap();
        sink.close().await.unwrap();
    });
    assert_eq!(*log.borrow(), [0, 3]);
}

#[test]
fn the_value_of_a_body_may_be_a_failure() {
    let sum = || {
        generator(|co: Co<'_, (), i32>| async move {
            let mut sum = 0;
            while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                sum += n;
            }
            sum
        })
        .boxed_local()
    };
    block_on(async {
        for (item, fails) in [(1, false), (-1, true)] {
            let mut sink = sum().into_sink_with(Fails::at);
            sink.send(item).await.unwrap();
            assert_eq!(raised(&sink.close().await), fails);
            assert_eq!(finished(&sink.close().await), fails);
        }
        let mut sink = sum().into_sink_with(|_sum| -> () { panic!("checked") });
        sink.send(1).await.unwrap();
        let close = || sink.close().now_or_never();
        assert!(catch_unwind(AssertUnwindSafe(close)).is_err());
        assert!(finished(&sink.close().await));
    });
}

#[test]
fn a_borrowed_and_a_shared_generator_fail_as_well() {
    let mut g = Fails::WhenClosed.generator();
    block_on(async {
        let mut sink = (&mut g).into_sink();
        sink.send(-1).await.unwrap();
        assert!(raised(&sink.close().await));
    });
    assert_eq!(g.state(), State::Closed);
    assert!(g.take_return().is_none(), "the sink has given it");

    let g = Fails::Returns.generator().shared();
    let mut sink = g.clone().into_sink();
    assert!(raised(&block_on(sink.send(-1))));
    assert_eq!(g.state(), State::Closed);
}

mod combinators {
    use super::*;

    fn items(
        items: &'static [i32],
    ) -> impl stream::Stream<Item = Result<i32, SinkError<i32>>> + Unpin {
        stream::iter(items).map(|&n| Ok(n))
    }

    #[test]
    fn send_all_tells_the_error_of_the_last_item() {
        for fails in [Fails::Returns, Fails::ReturnsLater, Fails::Raises] {
            let mut sink = fails.generator().into_sink();
            assert!(
                raised(&block_on(sink.send_all(&mut items(&[1, -1])))),
                "{fails:?}"
            );
        }
        let mut sink = Fails::WhenClosed.generator().into_sink();
        block_on(sink.send_all(&mut items(&[1, -1]))).unwrap();
        assert!(raised(&block_on(sink.close())));
    }

    #[test]
    fn a_buffered_sink_tells_it_when_it_is_flushed_or_closed() {
        for fails in ALL {
            let buffered = || fails.generator().into_sink().buffer(8);
            let outcome = block_on(items(&[1, 2, -1]).forward(buffered()));
            assert!(raised(&outcome), "{fails:?}: {outcome:?}");
            block_on(async {
                let mut sink = buffered();
                sink.feed(1).await.unwrap();
                sink.feed(-1).await.unwrap();
                let flushed = sink.flush().await;
                assert_eq!(raised(&flushed), !fails.at_the_close(), "{fails:?}");
                assert!(sink.close().await.is_err(), "{fails:?}");
            });
        }
    }

    #[test]
    fn a_fanout_tells_the_error_of_either() {
        for fails in ALL {
            let good = || {
                Fails::Returns
                    .generator()
                    .into_sink()
                    .with(|n: i32| async move { Ok::<_, SinkError<i32>>(n.abs()) })
            };
            let good = || Box::pin(good());
            let outcome =
                block_on(items(&[1, -1]).forward(fails.generator().into_sink().fanout(good())));
            assert!(raised(&outcome), "{fails:?}: {outcome:?}");
            let outcome =
                block_on(items(&[1, -1]).forward(good().fanout(fails.generator().into_sink())));
            assert!(raised(&outcome), "{fails:?}: {outcome:?}");
        }
    }

    #[test]
    fn a_mapped_sink_tells_it() {
        for fails in ALL {
            let sink = fails.generator().into_sink();
            let negated = sink.with(async |n: i32| Ok::<_, SinkError<i32>>(-n));
            let outcome = block_on(items(&[-1, 1]).forward(pin!(negated)));
            assert!(raised(&outcome), "{fails:?}: {outcome:?}");
        }
    }

    #[test]
    fn its_error_converts() {
        let sink = Fails::Returns.generator().into_sink();
        let mut sink = sink.sink_map_err(|error| match error {
            SinkError::Raised(exception) => exception,
            other => Exception::new(other.to_string()),
        });
        assert!(block_on(sink.send(-1)).unwrap_err().is::<Oops>());
    }
}

/// A sink that adds something after the end, to another one whose receiver may be gone.
#[test]
fn a_sink_around_another_one_tells_what_that_says() {
    let escaping = |mut lines: futures::channel::mpsc::Sender<String>| {
        generator(|co: Co<'_, (), &str>| async move {
            while let Ok(line) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                let dot = if line.starts_with('.') { "." } else { "" };
                lines.send(format!("{dot}{line}")).await?;
            }
            lines.send(".".to_owned()).await?;
            Ok::<_, Exception>(())
        })
        .boxed_local()
        .into_sink()
    };
    let (lines, received) = futures::channel::mpsc::channel(1);
    let forwarded = stream::iter(["a", ".b"]).map(Ok).forward(escaping(lines));
    let (forwarded, received) = block_on(futures::future::join(
        forwarded,
        received.collect::<Vec<_>>(),
    ));
    forwarded.unwrap();
    assert_eq!(received, ["a", "..b", "."]);

    for items in [vec![], vec!["a"], vec!["a", "b"]] {
        let (lines, received) = futures::channel::mpsc::channel(1);
        drop(received);
        let mut sink = escaping(lines);
        let count = items.len();
        let outcome = block_on(async {
            sink.flush().await?;
            // Started, so that closing it runs its end.
            std::future::poll_fn(|cx| Pin::new(&mut sink).poll_ready(cx)).await?;
            stream::iter(items).map(Ok).forward(&mut sink).await
        });
        assert!(
            matches!(outcome, Err(SinkError::Raised(_))),
            "{count} items: {outcome:?}"
        );
    }
}

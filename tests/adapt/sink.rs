//! `into_sink`.

use std::cell::RefCell;
use std::num::ParseIntError;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use cogen::adapt::SinkError;
use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExit, GeneratorExt, LocalBoxGen, State, generator,
};
use futures::executor::block_on;
use futures::{FutureExt, Sink, SinkExt, StreamExt, stream};

use crate::poll_once;
use crate::support::{Oops, pending_once};

/// Writes the items that it is sent, and a full stop when it is closed.
fn writer(log: &RefCell<String>) -> LocalBoxGen<'_, (), char> {
    generator(move |co: Co<'_, (), char>| async move {
        let write = async {
            loop {
                let item = co.yield_(()).await;
                pending_once().await;
                log.borrow_mut().push(item);
            }
        };
        let stop = async {
            pending_once().await;
            log.borrow_mut().push('.');
        };
        co.finally(write, stop).await;
    })
    .boxed_local()
}

#[test]
fn items_are_sent_to_the_body_and_closing_lets_it_clean_up() {
    let log = RefCell::new(String::new());
    let mut sink = writer(&log).into_sink();
    block_on(async {
        sink.send('a').await.unwrap();
        assert_eq!(*log.borrow(), "a", "the item is flushed");
        sink.send_all(&mut stream::iter("bc".chars()).map(Ok))
            .await
            .unwrap();
        sink.close().await.unwrap();
        assert_eq!(*log.borrow(), "abc.");
        sink.close().await.unwrap();
        assert!(matches!(
            sink.send('d').await,
            Err(SinkError::Finished(None))
        ));
    });
    assert_eq!(*log.borrow(), "abc.");
}

#[test]
fn an_item_waits_until_it_is_flushed() {
    let log = RefCell::new(String::new());
    let mut sink = writer(&log).into_sink();
    block_on(async {
        sink.feed('a').await.unwrap();
        assert_eq!(*log.borrow(), "");
        sink.feed('b').await.unwrap();
        assert_eq!(*log.borrow(), "a");
        sink.flush().await.unwrap();
    });
    assert_eq!(*log.borrow(), "ab");
}

#[test]
fn what_the_body_awaits_holds_the_sender_back() {
    let log = RefCell::new(String::new());
    let mut sink = writer(&log).into_sink();
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut sink).poll_ready(cx).is_ready());
    Pin::new(&mut sink).start_send('a').unwrap();
    assert!(Pin::new(&mut sink).poll_ready(cx).is_pending());
    assert!(Pin::new(&mut sink).poll_ready(cx).is_ready());
}

#[test]
fn dropped_sends_and_closes_lose_nothing() {
    let log = RefCell::new(String::new());
    let mut sink = writer(&log).into_sink();
    assert!(poll_once(pin!(sink.send('a'))).is_pending(), "and dropped");
    assert!(poll_once(pin!(sink.close())).is_pending(), "and dropped");
    assert_eq!(*log.borrow(), "a");
    block_on(sink.close()).unwrap();
    assert_eq!(*log.borrow(), "a.");
}

/// What a body writes around the items is written around none as well, and what fails there is seen.
#[test]
fn a_sink_that_is_closed_unused_runs_its_body() {
    let log = RefCell::new(String::new());
    let mut sink = writer(&log).into_sink();
    assert!(sink.flush().now_or_never().unwrap().is_ok());
    assert_eq!(*log.borrow(), "");
    assert!(poll_once(pin!(sink.close())).is_pending(), "and dropped");
    block_on(sink.close()).unwrap();
    assert_eq!(*log.borrow(), ".");
    assert_eq!(sink.get_ref().state(), State::Closed);

    let none = stream::empty::<Result<char, SinkError<char>>>();
    block_on(none.forward(writer(&log).into_sink())).unwrap();
    assert_eq!(*log.borrow(), "..");

    let fails = generator(|co: Co<'_, (), i32>| async move {
        "x".parse::<i32>()?;
        co.yield_(()).await;
        Ok::<(), Exception>(())
    });
    let closed = block_on(Box::pin(fails).into_sink().close());
    assert!(matches!(closed, Err(SinkError::Raised(e)) if e.is::<ParseIntError>()));
}

#[test]
fn a_body_that_returns_ends_the_sink_and_hands_its_value_over() {
    let g: BoxGen<'_, (), i32, i32> =
        generator(|co: Co<'_, (), i32>| async move { co.yield_(()).await + co.yield_(()).await })
            .boxed();
    let mut sum = None;
    block_on(async {
        let mut sink = g.into_sink_with(|returned| sum = Some(returned));
        sink.send(1).await.unwrap();
        sink.send(2).await.unwrap();
        let late = sink.send(3).await;
        assert!(matches!(late, Err(SinkError::Finished(None))), "{late:?}");
        let late = Pin::new(&mut sink).start_send(3);
        assert_eq!(late.unwrap_err().into_item(), Some(3));
        sink.flush().await.unwrap();
        sink.close().await.unwrap();
    });
    assert_eq!(sum, Some(3));
}

#[test]
fn what_the_body_raises_is_the_sinks_error() {
    let g = generator(|co: Co<'_, (), i32>| async move {
        let n = co.yield_(()).await;
        co.raise(Oops(n)).await
    });
    let mut sink = Box::pin(g).into_sink();
    let raised: Result<(), _> = sink.send(4).now_or_never().unwrap();
    assert!(matches!(raised, Err(SinkError::Raised(e)) if e.is::<Oops>()));
    let late = sink.send(5).now_or_never().unwrap();
    assert!(matches!(late, Err(SinkError::Finished(None))));
}

#[test]
fn a_body_that_ignores_the_close_is_an_error_and_goes_on() {
    let mut kept = Vec::new();
    let g = generator(|co: Co<'_, (), i32>| {
        let kept = &mut kept;
        async move {
            loop {
                match co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                    Ok(n) if n < 0 => return,
                    Ok(n) => kept.push(n),
                    Err(_) => pending_once().await,
                }
            }
        }
    });
    let mut sink = Box::pin(g).into_sink();
    block_on(async {
        sink.send(1).await.unwrap();
        assert!(matches!(sink.close().await, Err(SinkError::Ignored)));
        sink.send(2).await.unwrap();
        sink.send(-1).await.unwrap();
        sink.close().await.unwrap();
    });
    drop(sink);
    assert_eq!(kept, [1, 2]);
}

#[test]
fn a_started_generator_goes_on_where_it_is() {
    let log = RefCell::new(String::new());
    let mut g = writer(&log);
    g.start().unwrap();
    assert!(poll_once(pin!(g.asend('a'))).is_pending(), "and dropped");
    let mut sink = g.into_sink();
    block_on(sink.send('b')).unwrap();
    assert_eq!(*log.borrow(), "ab");
}

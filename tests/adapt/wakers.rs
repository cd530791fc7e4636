//! embassy #2100: some executors reject wrapped wakers. A body is lent one of our wakers (`Lending`), and hands its
//! caller's waker to what it awaits by `with_callers_waker`; adapters of foreign futures and streams pass that waker on
//! as it is.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use cogen::{Co, Generator, GeneratorExt, Step, from_stream, generator, with_callers_waker};
use futures::{Sink, StreamExt};

struct Flag;
impl Wake for Flag {
    fn wake(self: Arc<Self>) {}
}

/// Ready if polled with this very waker.
async fn same(waker: &Waker) {
    std::future::poll_fn(|cx| {
        assert_eq!(cx.waker().data(), waker.data());
        assert!(std::ptr::eq(cx.waker().vtable(), waker.vtable()));
        Poll::Ready(())
    })
    .await;
}

#[test]
fn every_adapter_hands_its_callers_waker_on() {
    let waker = &Waker::from(Arc::new(Flag));
    let cx = &mut Context::from_waker(waker);

    let asks = generator(|co: Co<'_, i32, i32>| async move {
        with_callers_waker(same(waker)).await;
        co.yield_(1).await;
        with_callers_waker(same(waker)).await;
    });
    let drive = pin!(asks.drive_async(async |n| {
        same(waker).await;
        n
    }));
    assert!(matches!(drive.poll(cx), Poll::Ready(Ok(()))));

    let cooperates = generator(|co: Co<'_, ()>| async move {
        with_callers_waker(same(waker)).await;
        co.yield_(()).await;
    });
    assert!(pin!(cooperates.into_future()).poll(cx).is_pending());

    let takes = generator(|co: Co<'_, (), i32>| async move {
        with_callers_waker(same(waker)).await;
        co.yield_(()).await;
    });
    assert!(pin!(takes.into_sink()).poll_ready(cx).is_ready());

    let mut source = pin!(from_stream(futures::stream::once(with_callers_waker(
        same(waker)
    ))));
    assert!(pin!(source.anext()).poll(cx).is_ready());
}

/// Through forms, delegations, and generators in generators, also with combinators between.
#[test]
fn the_callers_waker_is_had_however_deep() {
    let waker = &Waker::from(Arc::new(Flag));
    let inner = generator(|co: Co<'_, i32>| async move {
        with_callers_waker(same(waker)).await;
        co.yield_(1).await;
    });
    let stream = generator(|co: Co<'_, i32>| async move {
        let mut inner = pin!(inner.into_stream());
        co.yield_(inner.next().await.unwrap()).await;
        let sub = generator(|co: Co<'_, i32>| async move {
            futures::join!(co.yield_(2), with_callers_waker(same(waker)));
        });
        co.yield_from(Box::pin(sub)).await;
    });
    let mut outer = generator(|co: Co<'_, i32>| async move {
        let mut stream = pin!(stream.into_stream());
        while let Some(n) = stream.next().await {
            co.yield_(n).await;
        }
    })
    .boxed_local();
    let cx = &mut Context::from_waker(waker);
    let mut step = || pin!(outer.anext()).poll(cx);
    assert!(matches!(step(), Poll::Ready(Ok(Step::Yielded(1)))));
    assert!(matches!(step(), Poll::Ready(Ok(Step::Yielded(2)))));
    assert!(matches!(step(), Poll::Ready(Ok(Step::Complete(())))));
}

#[test]
fn yields_and_scopes_work_under_the_callers_waker() {
    let mut g = pin!(generator(|co: Co<'_, i32, i32>| async move {
        let inside = async {
            let sent = with_callers_waker(co.yield_(1)).await;
            co.yield_(sent).await
        };
        co.catch(with_callers_waker(inside)).await.is_err()
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(
        g.as_mut().resume_start(Some(cx)),
        Ok(Step::Yielded(1))
    ));
    assert!(matches!(
        g.as_mut().resume_send(Some(cx), 7),
        Ok(Step::Yielded(7))
    ));
    let thrown = g.as_mut().resume_throw(Some(cx), std::fmt::Error.into());
    assert!(matches!(thrown, Ok(Step::Complete(true))));
}

/// A sync drive has no caller's waker.
#[test]
fn without_a_callers_waker_it_does_nothing() {
    let mut g = pin!(generator(|co: Co<'_, i32>| async move {
        with_callers_waker(co.yield_(1)).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

//! embassy #2100: wrapped wakers are rejected by some executors. Every adapter polls with its caller's, but
//! those to streams, which lend one of ours (`lent.rs`).

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use cogen::{Co, Generator, GeneratorExt, from_stream, generator};
use futures::Sink;

struct Flag;
impl Wake for Flag {
    fn wake(self: Arc<Self>) {}
}

/// Ready if it is polled with this very waker.
async fn same(waker: &Waker) {
    std::future::poll_fn(|cx| {
        assert_eq!(cx.waker().data(), waker.data());
        assert!(std::ptr::eq(cx.waker().vtable(), waker.vtable()));
        Poll::Ready(())
    })
    .await;
}

#[test]
fn every_adapter_but_streams_passes_its_callers_waker_unchanged() {
    let waker = &Waker::from(Arc::new(Flag));
    let cx = &mut Context::from_waker(waker);

    let asks = generator(|co: Co<'_, i32, i32>| async move {
        same(waker).await;
        co.yield_(1).await;
        same(waker).await;
    });
    let drive = pin!(asks.drive_async(async |n| {
        same(waker).await;
        n
    }));
    assert!(matches!(drive.poll(cx), Poll::Ready(Ok(()))));

    let cooperates = generator(|co: Co<'_, ()>| async move {
        same(waker).await;
        co.yield_(()).await;
    });
    assert!(pin!(cooperates.into_future()).poll(cx).is_pending());

    let takes = generator(|co: Co<'_, (), i32>| async move {
        same(waker).await;
        co.yield_(()).await;
    });
    assert!(pin!(takes.into_sink()).poll_ready(cx).is_ready());

    let mut source = pin!(from_stream(futures::stream::once(same(waker))));
    assert!(pin!(source.anext()).poll(cx).is_ready());
}

//! Bodies that await foreign futures, in sync and async drives, in every form.
#![allow(
    unreachable_code,
    reason = "what follows an endless loop names the return type"
)]

mod support;

use cogen::{Co, Generator, NextError, SendError, State, Step, generator};
use support::{Oops, pending_once};

#[test]
fn a_foreign_future_is_an_error_for_sync_calls_and_the_async_ones_go_on() {
    fn make() -> cogen::Frame<'static, i32, i32, impl Future<Output = i32>> {
        generator(|co: Co<'_, i32, i32>| async move {
            let sent = co.yield_(1).await;
            pending_once().await;
            sent + co.yield_(2).await
        })
    }
    fn check<G: Generator<Yield = i32, Send = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        g.start().unwrap();
        assert!(
            matches!(g.send(5), Err(SendError::Pending(None))),
            "{form}: a yield had the 5"
        );
        assert_eq!(g.state(), State::Suspended, "{form}");
        let undelivered = g.send(6);
        assert!(
            matches!(undelivered, Err(SendError::Awaiting(6))),
            "{form}: comes back"
        );
        let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
        let resumed = std::pin::Pin::new(&mut g).poll_continue(Some(cx));
        assert_eq!(resumed.unwrap(), Step::Yielded(2), "{form}");
        assert_eq!(g.send(10).unwrap(), Step::Complete(15), "{form}");
    }
    in_all_forms!(make(), check);
}

#[test]
fn async_methods_drive_through_foreign_futures() {
    fn check<G: Generator<Yield = i32, Send = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        futures::executor::block_on(async {
            assert_eq!(g.astart().await.unwrap(), Step::Yielded(1), "{form}");
            assert_eq!(g.asend(4).await.unwrap(), Step::Yielded(5), "{form}");
            assert_eq!(g.athrow(Oops(6)).await.unwrap(), Step::Yielded(7), "{form}");
            assert_eq!(g.aclose().await.unwrap(), None, "{form}");
            assert_eq!(g.aclose().await.unwrap(), None, "{form}");
        });
    }
    in_all_forms!(
        generator(|co: Co<'_, i32, i32>| async move {
            pending_once().await;
            let mut n = 1;
            loop {
                let caught = co.catch(async {
                    let sent = co.yield_(n).await;
                    pending_once().await;
                    sent
                });
                n = 1 + match caught.await {
                    Ok(sent) => sent,
                    Err(e) => match e.downcast::<Oops>() {
                        Ok(oops) => oops.0,
                        Err(exit) => co.raise(exit).await,
                    },
                };
            }
            0
        }),
        check
    );
}

#[test]
fn an_exception_is_delivered_at_a_foreign_await_too() {
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        let caught = co.catch(std::future::pending::<()>()).await;
        co.yield_(caught.unwrap_err().downcast::<Oops>().unwrap().0)
            .await;
    }));
    assert!(matches!(g.next(), Err(NextError::Pending)));
    assert_eq!(g.throw(Oops(3)).unwrap(), Step::Yielded(3));
}

#[test]
fn anext_and_dropped_futures() {
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        for n in 0..3 {
            pending_once().await;
            co.yield_(n).await;
        }
    }));
    let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(
        std::pin::pin!(g.anext()).poll(cx).is_pending(),
        "and dropped"
    );
    futures::executor::block_on(async {
        for n in 0..3 {
            assert_eq!(g.anext().await.unwrap(), Step::Yielded(n));
        }
        assert_eq!(g.anext().await.unwrap(), Step::Complete(()));
        assert!(matches!(g.anext().await, Err(NextError::Finished)));
    });
}

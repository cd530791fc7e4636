//! Destructors, wakers and cancelled calls that call back into a generator that is being resumed.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use cogen::{Co, Generator, NextError, SendError, StartError, State, Step, generator};

/// A value whose destructor yields another one, in the same generator.
struct Refill {
    data: Box<u32>,
    co: Option<Co<'static, Refill>>,
}

impl Drop for Refill {
    fn drop(&mut self) {
        if let Some(co) = self.co.take() {
            let data = Box::new(42);
            let mut refill = Box::pin(co.yield_(Refill { data, co: None }));
            let _ = refill
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

/// Clones the waker, as does a combinator that polls with wakers of its own.
fn is_found_by_others(cx: &Context<'_>) {
    drop(cx.waker().clone());
}

#[test]
fn a_destructor_of_what_is_taken_back_may_yield() {
    let mut g = pin!(generator(|co: Co<'static, Refill>| async move {
        let inside = async move {
            let data = Box::new(1);
            let mut given = Box::pin(co.yield_(Refill { data, co: Some(co) }));
            let mut raise = Box::pin(co.raise(std::fmt::Error));
            poll_fn(|cx| {
                is_found_by_others(cx);
                let _ = given.as_mut().poll(cx);
                let _ = raise.as_mut().poll(cx);
                Poll::<()>::Pending
            })
            .await;
        };
        assert!(co.catch(inside).await.is_err());
        std::future::pending::<()>().await;
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    let Ok(Step::Yielded(refill)) = g.as_mut().resume_start(Some(cx)) else {
        panic!()
    };
    assert_eq!(*refill.data, 42);
}

/// A waker that yields when it is woken.
struct YieldingWaker(Mutex<Option<Co<'static, u8, u8>>>);

impl Wake for YieldingWaker {
    fn wake(self: Arc<Self>) {
        if let Some(co) = self.0.lock().unwrap().take() {
            let other = Waker::from(Arc::new(YieldingWaker(Mutex::new(None))));
            let _ = pin!(co.yield_(9)).poll(&mut Context::from_waker(&other));
        }
    }
}

#[test]
fn a_waker_may_yield_when_it_is_woken() {
    let mut g = pin!(generator(|co: Co<'static, u8, u8>| async move {
        let waker = Waker::from(Arc::new(YieldingWaker(Mutex::new(Some(co)))));
        let mut given = Some(Box::pin(co.yield_(1)));
        let mut queued = Box::pin(co.yield_(2));
        let mut asking = Box::pin(co.yield_(3));
        poll_fn(|cx| {
            is_found_by_others(cx);
            let noop = &mut Context::from_waker(Waker::noop());
            if let Some(given) = &mut given {
                let _ = given.as_mut().poll(noop);
                let _ = queued.as_mut().poll(noop);
            } else {
                let _ = asking.as_mut().poll(&mut Context::from_waker(&waker));
            }
            given.take_if(|_| true);
            Poll::<()>::Pending
        })
        .await;
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(
        g.as_mut().resume_start(Some(cx)),
        Ok(Step::Yielded(1))
    ));
    assert!(matches!(
        g.as_mut().resume_send(Some(cx), 7),
        Ok(Step::Yielded(3 | 9))
    ));
}

#[test]
fn a_send_after_a_cancelled_start_gives_its_value_back() {
    let ready = Cell::new(false);
    let mut g = pin!(generator(|co: Co<'_, u8, u8>| {
        let ready = &ready;
        async move {
            poll_fn(|_| {
                if ready.get() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            co.yield_(1).await
        }
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(pin!(g.astart()).poll(cx).is_pending());
    ready.set(true);
    let sent = pin!(g.asend(5)).poll(cx);
    assert!(
        matches!(sent, Poll::Ready(Err(SendError::Awaiting(5)))),
        "no hang"
    );
    assert_eq!(
        Pin::new(&mut g).resume_continue(Some(cx)).unwrap(),
        Step::Yielded(1)
    );
    assert_eq!(g.send(5).unwrap(), Step::Complete(5));
}

#[test]
fn a_refused_call_does_not_use_up_a_reply_that_is_owed() {
    let mut g = pin!(generator(|co: Co<'_, u8, u8>| async move {
        let mut inner = Box::pin(co.yield_(1));
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                Poll::Pending
            } else {
                inner.as_mut().poll(cx)
            }
        })
        .await
    }));
    g.start().unwrap();
    assert!(matches!(g.send(5), Err(SendError::Pending(Some(5)))));
    assert!(matches!(g.start(), Err(StartError::AlreadyStarted)));
    assert_eq!(g.send(5).unwrap(), Step::Complete(5));
}

/// A reply whose destructor panics.
struct Bomb(bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0, "bomb");
    }
}

#[test]
fn a_panicking_destructor_of_a_reply_leaves_a_closed_generator() {
    let mut g = pin!(generator(|co: Co<'static, (), Bomb>| async move {
        let mut ignored = Box::pin(co.yield_(()));
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                ignored.as_mut().poll(cx).map(drop)
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }));
    g.start().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| g.send(Bomb(true)).is_ok())).is_err());
    assert_eq!(g.state(), State::Closed);
    assert!(matches!(g.send(Bomb(false)), Err(SendError::Finished(_))));
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("wake");
    }
}

#[test]
fn a_panicking_waker_leaves_the_generator_where_it_is() {
    let mut g = pin!(generator(|co: Co<'static, u8>| async move {
        let waker = Waker::from(Arc::new(PanickingWaker));
        let mut given = Box::pin(co.yield_(1));
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            is_found_by_others(cx);
            if polls == 1 {
                given.as_mut().poll(&mut Context::from_waker(&waker))
            } else {
                given.as_mut().poll(cx)
            }
        })
        .await;
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    let started = g.as_mut().resume_start(Some(cx));
    assert_eq!(started.unwrap(), Step::Yielded(1));
    // The reply goes to the yield that was polled with that waker.
    assert!(catch_unwind(AssertUnwindSafe(|| g.next().is_ok())).is_err());
    assert_eq!(g.state(), State::Suspended);
    assert_eq!(g.next().unwrap(), Step::Complete(()));
    assert!(matches!(g.next(), Err(NextError::Finished)));
}

#[test]
fn a_yield_whose_value_was_taken_back_takes_no_others_reply() {
    let body = |co: Co<'static, u8, u8>| async move {
        let mut outside = Box::pin(co.yield_(1));
        let raised = co.catch(async {
            let mut raise = Box::pin(co.raise(std::fmt::Error));
            poll_fn(|cx| {
                let _ = outside.as_mut().poll(cx);
                let _ = raise.as_mut().poll(cx);
                Poll::<()>::Pending
            })
            .await;
        });
        assert!(raised.await.is_err());
        futures::join!(outside, co.yield_(2)).1
    };
    let mut g = Box::pin(generator(body));
    assert_eq!(g.start().unwrap(), Step::Yielded(2));
    let sent = catch_unwind(AssertUnwindSafe(|| g.send(5).is_ok()));
    assert!(sent.is_err(), "the 5 is not meant for it, so it panics");
}

#[test]
fn a_shared_generator_that_is_driven_with_its_own_waker_leaves_nothing_behind() {
    struct Nobody;
    impl Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }
    let caller = Arc::new(Nobody);
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let mut g = generator(|_: Co<'_, ()>| {
        poll_fn(move |cx| {
            *keep.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
    })
    .shared();
    let waker = Waker::from(caller.clone());
    let started = Pin::new(&mut g).resume_start(Some(&mut Context::from_waker(&waker)));
    assert!(matches!(started, Err(StartError::Pending)));
    drop(waker);
    let own = kept.lock().unwrap().take().unwrap();
    let polled = Pin::new(&mut g).resume_continue(Some(&mut Context::from_waker(&own)));
    assert!(matches!(polled, Err(NextError::Pending)));
    drop((g, own, kept));
    assert_eq!(Arc::strong_count(&caller), 1);
}

/// The waker panics before anything has taken the reply, which is dropped with the panic.
#[test]
fn a_reply_is_dropped_if_a_waker_panics_before_it_arrives() {
    let mut g = pin!(generator(|co: Co<'static, u8, Arc<()>>| async move {
        let waker = Waker::from(Arc::new(PanickingWaker));
        let mut given = Box::pin(co.yield_(1));
        poll_fn(|cx| {
            is_found_by_others(cx);
            given.as_mut().poll(&mut Context::from_waker(&waker))
        })
        .await
    }));
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    let reply = Arc::new(());
    let sent = catch_unwind(AssertUnwindSafe(|| g.send(reply.clone()).is_ok()));
    assert!(sent.is_err());
    assert_eq!(Arc::strong_count(&reply), 1);
}

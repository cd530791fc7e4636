//! Destructors, wakers and clones that come back into the generator while it is being resumed.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use crate::panic_of;
use cogen::{BoxGen, Co, Exception, Generator, RecursiveCo, Step, generator, recursive};

thread_local! {
    static CO: Cell<Option<Co<'static, u32>>> = const { Cell::new(None) };
    static DROPS: Cell<u32> = const { Cell::new(0) };
    /// Whether the body is being polled.
    static POLLED: Cell<bool> = const { Cell::new(false) };
}

/// Clones the waker, as does a combinator that polls with wakers of its own.
fn is_found_by_others(cx: &Context<'_>) {
    drop(cx.waker().clone());
}

struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

/// Yields in its destructor.
#[derive(Debug)]
struct Nosy;

impl fmt::Display for Nosy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nosy")
    }
}

impl Error for Nosy {}

impl Drop for Nosy {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
        if let Some(co) = CO.take() {
            let waker = Waker::from(Arc::new(Nothing));
            let _ = pin!(co.yield_(7)).poll(&mut Context::from_waker(&waker));
        }
    }
}

/// Yields in a scope; in the next poll, raises beside that scope, without polling it.
async fn raise_beside(co: RecursiveCo<'_, u32>) {
    let mut scope = pin!(co.catch(co.yield_(1)));
    let mut raise = pin!(co.raise(Exception::new("other")));
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        is_found_by_others(cx);
        if polls == 1 {
            assert!(scope.as_mut().poll(cx).is_pending());
        } else {
            assert!(raise.as_mut().poll(cx).is_pending());
        }
        Poll::<()>::Pending
    })
    .await;
}

#[test]
fn an_exception_that_is_replaced_on_its_way_may_yield_in_its_destructor() {
    DROPS.set(0);
    let caught = Cell::new(None);
    let mut g = pin!(recursive(|co: RecursiveCo<'static, u32>| {
        CO.set(Some(*co));
        let caught = &caught;
        async move {
            let outcome = co.catch(co.call(raise_beside(co))).await;
            caught.set(outcome.err().map(|exception| exception.to_string()));
        }
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(
        g.as_mut().resume_start(Some(cx)),
        Ok(Step::Yielded(1))
    ));
    let thrown = g.as_mut().resume_throw(Some(cx), Exception::from(Nosy));
    assert!(thrown.is_ok(), "{thrown:?}");
    assert_eq!(caught.take().as_deref(), Some("other"));
    assert_eq!(DROPS.get(), 1);
}

#[test]
fn an_exception_that_is_raised_twice_may_yield_in_its_destructor() {
    DROPS.set(0);
    let mut g = pin!(generator(|co: Co<'static, u32>| {
        CO.set(Some(co));
        async move {
            let mut first = pin!(co.raise(Nosy));
            let mut second = pin!(co.raise(Nosy));
            let raised = co.catch(async {
                poll_fn(|cx| {
                    is_found_by_others(cx);
                    let _ = first.as_mut().poll(cx);
                    let _ = second.as_mut().poll(cx);
                    Poll::<()>::Pending
                })
                .await;
            });
            let raised = raised.await;
            co.yield_(1).await;
            poll_fn(|cx| {
                is_found_by_others(cx);
                Poll::Ready(())
            })
            .await;
            drop(raised);
        }
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(matches!(
        g.as_mut().resume_start(Some(cx)),
        Ok(Step::Yielded(1))
    ));
    assert!(g.as_mut().resume_send(Some(cx), ()).is_ok());
    CO.set(None);
}

/// A waker that yields when its last clone is dropped.
struct LastWords(Mutex<Option<Co<'static, u32>>>);

impl Wake for LastWords {
    fn wake(self: Arc<Self>) {}
}

impl Drop for LastWords {
    fn drop(&mut self) {
        if let Some(co) = self.0.get_mut().unwrap().take() {
            if POLLED.get() {
                let waker = Waker::from(Arc::new(Nothing));
                let _ = pin!(co.yield_(7)).poll(&mut Context::from_waker(&waker));
                DROPS.set(DROPS.get() + 1);
            }
        }
    }
}

#[test]
fn a_kept_waker_may_yield_when_another_replaces_it() {
    DROPS.set(0);
    let mut g = pin!(generator(|co: Co<'static, u32>| async move {
        let mut given = pin!(co.yield_(1));
        let mut queued = pin!(co.yield_(2));
        let mut scope = pin!(co.catch(poll_fn(|_| Poll::<()>::Pending)));
        poll_fn(|cx| {
            POLLED.set(true);
            is_found_by_others(cx);
            for _ in 0..2 {
                let waker = Waker::from(Arc::new(LastWords(Mutex::new(Some(co)))));
                let cx = &mut Context::from_waker(&waker);
                let _ = scope.as_mut().poll(cx);
                drop(waker);
            }
            let _ = given.as_mut().poll(cx);
            let _ = scope.as_mut().poll(cx);
            let polled = queued.as_mut().poll(cx);
            POLLED.set(false);
            polled
        })
        .await;
        co.yield_(3).await;
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    let started = g.as_mut().resume_start(Some(cx));
    // The destructor was the first to give a value.
    assert_eq!(started.unwrap(), Step::Yielded(7));
    assert!(DROPS.get() > 0, "one was replaced");
}

/// Ends in the poll in which a value was yielded; its destructor panics.
struct Rude(Pin<Box<dyn Future<Output = ()>>>);

impl Future for Rude {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        assert!(self.0.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    }
}

impl Drop for Rude {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

#[test]
fn what_is_left_is_dropped_though_the_body_panics_in_its_destructor() {
    let value = Rc::new(());
    let given = value.clone();
    let mut g = Box::pin(generator(|co: Co<'static, Rc<()>>| {
        Rude(Box::pin(co.yield_(given)))
    }));
    assert_eq!(panic_of(|| drop(g.start())), "in the destructor");
    assert_eq!(Rc::strong_count(&value), 1);
    let given = value.clone();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, Rc<()>>| {
        Rude(Box::pin(co.yield_(given)))
    }));
    assert_eq!(panic_of(|| drop(g.start())), "in the destructor");
    assert_eq!(Rc::strong_count(&value), 1);
}

/// The clean-up of an inner generator panics when it yields for the outer one where that is not possible; it panics
/// only once.
#[test]
fn a_box_that_is_dropped_by_a_panic_does_not_abort() {
    fn clean_up_outwards(co: Co<'_, u32>) -> BoxGen<'_, u32> {
        generator(move |own: Co<'_, u32>| async move {
            own.finally(own.yield_(1), co.yield_(2)).await;
        })
        .boxed()
    }
    let dropped: [fn(BoxGen<'_, u32>); 2] = [
        |inner| {
            let _inner = inner;
            panic!("mine");
        },
        |inner| {
            let _inner = inner.closing();
            panic!("mine");
        },
    ];
    for panics in dropped {
        let mut g = generator(|co: Co<'_, u32>| async move {
            let mut inner = clean_up_outwards(co);
            assert!(inner.anext().await.is_ok());
            panics(inner);
        })
        .boxed();
        assert_eq!(panic_of(|| g.next()), "mine");
    }
}

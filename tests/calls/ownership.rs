//! Calls that are dropped, forgotten, moved elsewhere, or used in the wrong place.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use cogen::{Call, Generator, RecursiveCo, Step, generator, recursive};

use crate::support::Drops;

#[test]
fn a_call_that_is_dropped_is_gone() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut call = Box::pin(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
        }));
        let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        drop(call);
        co.yield_(2).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(2), "it had not begun");
    assert_eq!(drops.count(), 1);
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

#[test]
fn a_call_may_be_taken_out_of_its_body() {
    type Stolen = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>>;
    let drops = Drops::default();
    let stolen = Stolen::default();
    let (guard, steal) = (drops.guard(), stolen.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        *steal.borrow_mut() = Some(Box::pin(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
            co.yield_(2).await;
        })));
        poll_fn(|cx| match &mut *steal.borrow_mut() {
            Some(call) => call.as_mut().poll(cx),
            None => Poll::Ready(()),
        })
        .await;
        co.yield_(3).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    stolen.take();
    assert_eq!(drops.count(), 1);
    assert_eq!(g.next().unwrap(), Step::Yielded(3));
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

#[test]
fn a_call_may_outlive_its_generator() {
    let drops = Drops::default();
    let stolen = Rc::new(RefCell::new(None::<Call<'static, u32, (), _>>));
    let (guard, steal) = (drops.guard(), stolen.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        *steal.borrow_mut() = Some(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
        }));
        poll_fn(|cx| match &mut *steal.borrow_mut() {
            Some(call) => Pin::new(call).poll(cx),
            None => Poll::Ready(()),
        })
        .await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    drop(g);
    stolen.take();
    assert_eq!(drops.count(), 1);
}

#[test]
#[cfg_attr(miri, ignore = "leaks on purpose")]
fn a_body_that_is_not_send_is_not_polled_on_another_thread() {
    let polled = poll_once_and_forget();
    assert_eq!(polled, 2);
}

/// The frame is `Send`, because the body of the call is no longer part of the frame's own body.
fn poll_once_and_forget() -> u32 {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut first = true;
        poll_fn(move |cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            let here = std::thread::current().id();
            let local = Rc::new(());
            let mut call = Box::pin(co.call(async move {
                co.yield_(1).await;
                drop(local);
                assert_eq!(std::thread::current().id(), here, "not Send");
                co.yield_(99).await;
            }));
            let polled = call.as_mut().poll(cx);
            std::mem::forget(call);
            polled
        })
        .await;
        co.yield_(2).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    std::thread::spawn(move || match g.next().unwrap() {
        Step::Yielded(n) => n,
        Step::Complete(()) => 0,
    })
    .join()
    .unwrap()
}

#[test]
fn a_call_of_another_generator_panics() {
    let stray = RefCell::new(None);
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| {
        *stray.borrow_mut() = Some(co);
        async move { co.yield_(1).await }
    }));
    g.next().unwrap();
    let outer = stray.borrow_mut().take().unwrap();
    let mut h = Box::pin(recursive(|_: RecursiveCo<'static, u32>| async move {
        outer.call(async {}).await;
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| h.next().is_ok())).is_err());
}

#[test]
fn a_handle_may_be_used_in_a_generator_inside_that_is_driven_asynchronously() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut inside = Box::pin(generator(|inner| async move {
            // The called body is polled in here, so that the yields of `inner` work in it.
            co.call(async move {
                co.yield_(1).await;
                inner.yield_(2).await;
            })
            .await;
        }));
        while let Step::Yielded(n) = inside.anext().await.unwrap() {
            co.yield_(n).await;
        }
    }));
    futures::executor::block_on(async {
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(1));
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(2));
        assert_eq!(g.anext().await.unwrap(), Step::Complete(()));
    });
}

#[test]
fn a_handle_in_a_generator_inside_that_is_driven_synchronously_panics() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut inside = Box::pin(generator(|_: cogen::Co<'_, u32>| async move {
            co.call(async {}).await;
        }));
        let _never = inside.next();
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| g.next().is_ok())).is_err());
}

#[test]
fn recursive_generators_may_be_inside_one_another() {
    async fn nest(co: RecursiveCo<'_, u32>, depth: u32) {
        co.yield_(depth).await;
        if depth > 0 {
            let mut inside = Box::pin(recursive(|co| nest(co, depth - 1)));
            for n in &mut inside {
                co.yield_(n + 10).await;
            }
            co.call(async move { co.yield_(depth + 100).await }).await;
        }
    }
    let mut g = Box::pin(recursive(|co| nest(co, 2)));
    let seen: Vec<_> = g.iter().collect();
    assert_eq!(seen, [2, 11, 20, 111, 102]);
}

#[test]
fn a_call_may_be_dropped_on_another_thread() {
    type Parked = std::sync::Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>;
    let parked = std::sync::Arc::new(Parked::default());
    let park = parked.clone();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        *park.lock().unwrap() = Some(Box::pin(co.call(async move {
            co.yield_(1).await;
            co.yield_(2).await;
        })));
        poll_fn(|cx| match &mut *park.lock().unwrap() {
            Some(call) => call.as_mut().poll(cx),
            None => Poll::Ready(()),
        })
        .await;
        co.yield_(3).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    std::thread::spawn(move || drop(parked.lock().unwrap().take()))
        .join()
        .unwrap();
    assert_eq!(g.next().unwrap(), Step::Yielded(3));
}

#[test]
#[should_panic(expected = "a call was polled after it had ended")]
fn a_call_that_has_ended_is_not_polled_again() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut call = co.call(async {});
        (&mut call).await;
        (&mut call).await;
    }));
    let _never = g.next();
}

#[test]
#[cfg_attr(miri, ignore = "leaks on purpose")]
fn a_call_that_is_forgotten_goes_on_and_may_be_unwound() {
    let drops = Drops::default();
    let (one, two) = (drops.guard(), drops.guard());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        for guard in [one, two] {
            let mut call = Box::pin(co.call(async move {
                let _guard = guard;
                co.yield_(1).await;
                co.yield_(2).await;
            }));
            let mut first = true;
            poll_fn(|cx| {
                if std::mem::take(&mut first) {
                    call.as_mut().poll(cx)
                } else {
                    Poll::Ready(())
                }
            })
            .await;
            std::mem::forget(call);
        }
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(g.next().unwrap(), Step::Yielded(2));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert_eq!(drops.count(), 1);
    drop(g);
    assert_eq!(drops.count(), 2, "the frame's handle has dropped it");
}

/// Notes its name when dropped.
struct Named(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Named {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

/// Bodies are dropped as locals of one function are: in the reverse order of their making.
#[test]
fn bodies_are_dropped_from_the_innermost_out() {
    async fn level(
        co: RecursiveCo<'static, u32>,
        names: &'static [&'static str],
        order: Rc<RefCell<Vec<&'static str>>>,
    ) {
        let Some((name, rest)) = names.split_first() else {
            return co.yield_(1).await;
        };
        let _named = Named(name, order.clone());
        co.call(level(co, rest, order)).await;
    }
    let order = Rc::default();
    let mut g = Box::pin(recursive(|co| {
        level(co, &["a", "b", "c", "d"], Rc::clone(&order))
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    drop(g);
    assert_eq!(*order.borrow(), ["d", "c", "b", "a"]);
}

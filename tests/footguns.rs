//! Things that went wrong in other crates, and must go better here: a compile error, an error value, or a panic that
//! tells the place; never a wrong value, a hang, a lost item or undefined behaviour. (Yields that are awaited at the
//! same time: `concurrent_yields.rs`; compile errors: `auto_traits.rs` and `src/doctests.rs`.)

mod support;

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use cogen::{Co, Exception, Generator, NextError, SendError, StartError, Step, generator};
use support::{Drops, Oops, pending_once};

/// The message of the panic that `f` ends with.
fn panic_message<T>(f: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("the call did not panic")
    };
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    }
}

/// asynk-strim, fauxgen: a generator is identified by an address, which another generator may get.
#[test]
fn a_leaked_handle_does_not_reach_a_generator_at_the_same_address() {
    let leaked: Cell<Option<Co<'_, [usize; 3]>>> = Cell::new(None);
    for round in 0..3 {
        let first = Box::pin(generator(|co: Co<'_, [usize; 3]>| {
            leaked.set(Some(co));
            async move { co.yield_([0; 3]).await }
        }));
        drop(first);
        let leaked = leaked.get().unwrap();
        let mut second = Box::pin(generator(move |co: Co<'_, String>| async move {
            co.yield_("mine".to_owned()).await;
            leaked.yield_([1; 3]).await;
        }));
        assert_eq!(second.next().unwrap(), Step::Yielded("mine".to_owned()));
        let message = panic_message(|| second.next());
        assert!(
            message.contains("its generator is not running"),
            "{round}: {message}"
        );
        assert!(
            message.contains("footguns.rs"),
            "with the caller's location: {message}"
        );
    }
}

/// async-gen: the handle outlives the generator through a pending future.
#[test]
fn a_yield_that_outlives_its_generator_panics() {
    let leaked: Cell<Option<Co<'_, String>>> = Cell::new(None);
    drop(generator(|co| {
        leaked.set(Some(co));
        async {}
    }));
    let leaked = leaked.get().unwrap();
    let mut orphan = pin!(leaked.yield_("nobody".to_owned()));
    let cx = &mut Context::from_waker(Waker::noop());
    let message = panic_message(|| orphan.as_mut().poll(cx));
    assert!(
        message.contains("its generator is not running"),
        "{message}"
    );
}

/// `simple_coro`: the vtable alone proves nothing.
#[test]
fn an_outer_handle_in_an_inner_sync_body_panics() {
    let mut outer = Box::pin(generator(|outer: Co<'_, u8>| async move {
        let mut inner = pin!(generator(|inner: Co<'_, String>| async move {
            inner.yield_("inner".to_owned()).await;
            outer.yield_(1).await;
        }));
        inner.next().unwrap();
        let message = panic_message(|| inner.next());
        assert!(
            message.contains("its generator is not running"),
            "{message}"
        );
    }));
    assert_eq!(outer.next().unwrap(), Step::Complete(()));
}

/// async-stream-lite: `&Waker` is `Sync`, so another thread can poll a yield during the poll.
#[test]
fn a_yield_polled_on_another_thread_during_the_poll_panics() {
    let mut g = Box::pin(generator(|co: Co<'_, String, String>| async move {
        std::future::poll_fn(|cx| {
            let waker = cx.waker();
            let message = std::thread::scope(|s| {
                let elsewhere = move || {
                    let mut cx = Context::from_waker(waker);
                    panic_message(|| pin!(co.yield_("there".to_owned())).poll(&mut cx))
                };
                s.spawn(elsewhere).join().unwrap()
            });
            assert!(
                message.contains("its generator is not running"),
                "{message}"
            );
            Poll::Ready(())
        })
        .await;
        co.yield_("here".to_owned()).await
    }));
    assert_eq!(g.start().unwrap(), Step::Yielded("here".to_owned()));
}

/// A waker that outlives the poll points to nothing of the generator.
#[test]
fn a_kept_waker_is_harmless() {
    let kept: Cell<Option<Waker>> = Cell::new(None);
    {
        let mut g = pin!(generator(|co: Co<'_, i32>| {
            let kept = &kept;
            async move {
                std::future::poll_fn(|cx| {
                    kept.set(Some(cx.waker().clone()));
                    Poll::Ready(())
                })
                .await;
                co.yield_(1).await;
            }
        }));
        assert_eq!(g.next().unwrap(), Step::Yielded(1));
    }
    let waker = kept.take().unwrap();
    waker.wake_by_ref();
    std::thread::spawn(move || waker.wake()).join().unwrap();
}

/// genawaiter `stack`, corosensei: soundness must not depend on code that runs on drop.
#[test]
#[cfg_attr(miri, ignore = "leaks on purpose: run with -Zmiri-ignore-leaks")]
fn a_forgotten_generator_is_sound() {
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        let _ = co.catch(co.yield_(1)).await;
    }));
    g.next().unwrap();
    std::mem::forget(g);
    let mut other = pin!(generator(
        |co: Co<'_, i32>| async move { co.yield_(2).await }
    ));
    assert_eq!(other.next().unwrap(), Step::Yielded(2));
}

/// genawaiter: the first `resume_with(v)` drops `v`.
#[test]
fn a_value_sent_too_early_comes_back() {
    let mut g = pin!(generator(|co: Co<'_, i32, String>| async move {
        co.yield_(1).await
    }));
    let early = g.send("early".to_owned());
    assert_eq!(early.unwrap_err().into_value().as_deref(), Some("early"));
    g.start().unwrap();
    assert_eq!(
        g.send("in time".to_owned()).unwrap(),
        Step::Complete("in time".to_owned())
    );
    let late = g.send("late".to_owned());
    assert!(matches!(&late, Err(SendError::Finished(value)) if value == "late"));
}

/// genawaiter, fauxgen, corosensei: resuming after the end panics; gen-iter: its iterators are not fused.
#[test]
fn after_the_end_there_is_an_error_and_none_for_ever() {
    let mut g = pin!(generator(
        |co: Co<'_, i32>| async move { co.yield_(1).await }
    ));
    assert_eq!(g.iter().collect::<Vec<_>>(), [1]);
    for _ in 0..3 {
        assert!(matches!(g.next(), Err(NextError::Finished)));
        assert!(matches!(g.start(), Err(StartError::Finished)));
        assert_eq!(g.iter().next(), None);
    }
}

/// genawaiter: a foreign await under a sync resume panics in two ways.
#[test]
fn a_foreign_await_is_an_error_and_the_generator_stays_usable() {
    let mut g = pin!(generator(|co: Co<'_, i32>| async move {
        pending_once().await;
        co.yield_(1).await;
    }));
    assert!(matches!(g.next(), Err(NextError::Pending)));
    let step = futures::executor::block_on(g.anext());
    assert_eq!(step.unwrap(), Step::Yielded(1));
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

/// genawaiter: dropping a yield that was not awaited loses its value in release builds.
#[test]
fn a_yield_that_is_not_awaited_does_nothing() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = pin!(generator(|co: Co<'_, support::DropGuard>| async move {
        let unawaited = co.yield_(guard);
        drop(unawaited);
    }));
    assert!(matches!(g.next().unwrap(), Step::Complete(())));
    assert_eq!(drops.count(), 1);
}

/// genawaiter #21: async generators cannot be sent values. async-stream #110: there is no clean-up when the consumer
/// stops.
#[test]
fn async_generators_are_sent_values_and_clean_up() {
    let log = Cell::new(0);
    futures::executor::block_on(async {
        let mut g = pin!(generator(|co: Co<'_, i32, i32>| {
            let log = &log;
            async move {
                let talk = async {
                    let n = co.yield_(1).await;
                    pending_once().await;
                    co.yield_(n + 1).await;
                };
                let cleanup = async {
                    pending_once().await;
                    log.set(log.get() + 1);
                };
                co.finally(talk, cleanup).await;
            }
        }));
        assert_eq!(g.astart().await.unwrap(), Step::Yielded(1));
        assert_eq!(g.asend(5).await.unwrap(), Step::Yielded(6));
        assert_eq!(g.aclose().await.unwrap(), None);
    });
    assert_eq!(log.get(), 1);
}

/// datafusion: macros forbid splitting a body into functions.
#[test]
fn bodies_are_split_into_functions_that_take_the_handle() {
    async fn pair(co: &Co<'_, i32>, n: i32) {
        co.yield_(n).await;
        co.yield_(-n).await;
    }
    let mut g = pin!(generator(|co| async move {
        for n in 1..3 {
            pair(&co, n).await;
        }
    }));
    assert_eq!(g.iter().collect::<Vec<_>>(), [1, -1, 2, -2]);
}

/// next-gen, samod: generators that are not `Send`.
#[test]
fn a_generator_moves_between_threads_while_it_is_suspended() {
    let mut g = generator(|co: Co<'_, u32, u32>| async move {
        let mut sum = 0;
        for n in 0..4 {
            sum += co.yield_(n).await;
        }
        sum
    })
    .boxed();
    g.start().unwrap();
    for n in 1..4 {
        g = std::thread::spawn(move || {
            assert_eq!(g.send(n).unwrap(), Step::Yielded(n));
            g
        })
        .join()
        .unwrap();
    }
    assert_eq!(g.send(4).unwrap(), Step::Complete(10));
}

/// embassy #2100: wrapped wakers are rejected by some executors.
#[test]
fn an_async_body_has_the_callers_waker_if_it_asks_for_that() {
    struct Flag;
    impl std::task::Wake for Flag {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    let waker = Waker::from(std::sync::Arc::new(Flag));
    let (data, vtable) = (waker.data(), waker.vtable());
    let mut g = generator(|co: Co<'_, i32>| async move {
        let looks = std::future::poll_fn(|cx| {
            assert_eq!(cx.waker().data(), data);
            assert!(std::ptr::eq(cx.waker().vtable(), vtable));
            Poll::Ready(())
        });
        cogen::with_callers_waker(looks).await;
        co.yield_(1).await;
    })
    .boxed_local();
    let polled = pin!(g.anext()).poll(&mut Context::from_waker(&waker));
    assert!(matches!(polled, Poll::Ready(Ok(Step::Yielded(1)))));
}

/// A scope whose turn to be polled never comes, because a foreign combinator holds it back, loses nothing.
#[test]
fn an_exception_that_no_scope_takes_comes_back() {
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        let mut held = Box::pin(co.catch(co.yield_(1)));
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                held.as_mut().poll(cx).map(drop)
            } else {
                Poll::Pending
            }
        })
        .await;
    }));
    g.next().unwrap();
    let error = g.throw(Oops(1)).unwrap_err();
    assert_eq!(error.to_string(), "oops 1");
    assert!(matches!(g.next(), Err(NextError::Finished)));
}

/// A future that is polled again after it was ready never takes the reply to another yield.
#[test]
fn a_yield_polled_after_its_reply_panics() {
    let mut g = Box::pin(generator(|co: Co<'_, i32, i32>| async move {
        let mut first = Box::pin(co.yield_(1));
        let one = first.as_mut().await;
        one + first.await
    }));
    g.start().unwrap();
    let message = panic_message(|| g.send(1));
    assert!(
        message.contains("polled after it had its reply"),
        "{message}"
    );
}

/// Destructors run when a body is unwound, and may drive other generators.
#[test]
fn a_destructor_may_drive_another_generator() {
    struct Closer(Option<cogen::BoxGen<'static, i32>>);
    impl Drop for Closer {
        fn drop(&mut self) {
            assert_eq!(self.0.as_mut().unwrap().next().unwrap(), Step::Yielded(2));
        }
    }
    let mut other = generator(|co: Co<'_, i32>| async move {
        co.yield_(1).await;
        co.yield_(2).await;
    })
    .boxed();
    other.next().unwrap();
    let closer = Closer(Some(other));
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        let caught = co.catch(async {
            let _closer = closer;
            co.yield_(1).await;
        });
        assert!(caught.await.is_err());
        co.yield_(3).await;
    }));
    g.next().unwrap();
    assert_eq!(g.throw(Exception::new("stop")).unwrap(), Step::Yielded(3));
}

/// A suspended frame is at most 32 bytes larger than its body.
#[test]
fn a_frame_is_small() {
    fn sizes<F: Future>(body: impl FnOnce(Co<'static, u64>) -> F) -> (usize, usize) {
        let mut size = 0;
        let frame = generator(|co| {
            let body = body(co);
            size = size_of_val(&body);
            body
        });
        (size_of_val(&frame), size)
    }
    let (frame, body) = sizes(|co| async move {
        let kept = [co.yield_(1).await; 9];
        co.yield_(kept.len() as u64).await;
    });
    assert!(frame <= body + 32, "{frame} {body}");
}

/// The pin is honoured: borrowed values stay in place across a yield.
#[test]
fn borrows_across_yields_hold() {
    let mut g: Pin<Box<_>> = Box::pin(generator(|co: Co<'_, usize>| async move {
        let text = String::from("kept");
        let borrowed = &text;
        co.yield_(borrowed.len()).await;
        co.yield_(borrowed.as_ptr() as usize - text.as_ptr() as usize)
            .await;
    }));
    assert_eq!(g.iter().collect::<Vec<_>>(), [4, 0]);
}

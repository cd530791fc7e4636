//! What `tests/no_std` runs without std, here with a test harness, and so also under Miri; and what other threads may
//! do, of which the crate knows nothing then.
#![cfg(not(feature = "std"))]

extern crate alloc;

#[path = "no_std/src/scenes.rs"]
mod scenes;
#[path = "no_std/src/types.rs"]
mod types;

mod libc {
    pub(crate) fn allocations() -> usize {
        0
    }
}

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use cogen::{Co, Generator, NextError, Step, generator};

#[test]
fn the_scenes_are_as_they_are_without_std() {
    assert_eq!(scenes::text(), include_str!("no_std/expected.txt"));
}

#[test]
fn a_yield_with_a_foreign_waker_panics_and_names_the_feature() {
    let payload = catch_unwind(scenes::foreign_waker).unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("`std`"), "{message}");
}

/// Resumes a generator whose waker is used on other threads while it is polled, again and again.
#[test]
fn the_lent_waker_may_be_woken_and_cloned_elsewhere() {
    let mut g = pin!(generator(|co: Co<'_, u32>| async move {
        for n in 0..4 {
            let mut yielding = pin!(co.yield_(n));
            poll_fn(|cx| {
                let waker = cx.waker();
                let mut polled = None;
                thread::scope(|scope| {
                    scope.spawn(|| waker.wake_by_ref());
                    scope.spawn(|| drop(waker.clone()));
                    polled = Some(yielding.as_mut().poll(cx));
                });
                polled.unwrap()
            })
            .await;
        }
    }));
    for n in 0..4 {
        assert_eq!(g.next().unwrap(), Step::Yielded(n));
    }
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

/// A yield of another generator finds nothing through a waker that is lent here, and reads nothing that changes.
#[test]
fn a_yield_of_another_generator_is_not_found_through_the_lent_waker() {
    fn strangers_yield_panics(waker: &Waker) {
        let mut stray = None;
        let _made = generator(|co: Co<'_, u8>| {
            stray = Some(co);
            async {}
        });
        let mut yielding = pin!(stray.unwrap().yield_(1));
        let mut poll = || yielding.as_mut().poll(&mut Context::from_waker(waker));
        assert!(catch_unwind(AssertUnwindSafe(|| poll().is_ready())).is_err());
    }

    let mut g = pin!(generator(|co: Co<'_, u32>| async move {
        let mut yielding = pin!(co.yield_(7));
        poll_fn(|cx| {
            let waker = cx.waker();
            let mut polled = None;
            thread::scope(|scope| {
                scope.spawn(|| strangers_yield_panics(waker));
                polled = Some(yielding.as_mut().poll(cx));
            });
            polled.unwrap()
        })
        .await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(7));
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

/// The future itself wakes its waker: the sync resume reports the body as pending.
#[test]
fn a_future_that_wakes_without_a_clone_is_pending_in_a_sync_resume() {
    let mut woken = false;
    let mut g = pin!(generator(|co: Co<'_, ()>| async move {
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut woken, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        co.yield_(()).await;
    }));
    assert!(matches!(g.next(), Err(NextError::Pending)));
    assert_eq!(g.next().unwrap(), Step::Yielded(()));
}

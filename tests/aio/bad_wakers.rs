//! Foreign wakers that panic.

use cogen::aio::{self, EventLoop, Promise, create_task, sleep, testing};
use std::cell::Cell;
use std::future::{IntoFuture, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::hooked_waker::{Call, hooked, hooked_always};
use super::hostile::{blocked, poll};
use super::secs;

/// A waker panics when it is woken or dropped: whatever the library does with it then, nobody else notices. (A clone is
/// made in the poll, whose caller has the panic.)
#[test]
fn a_panicking_waker_stops_neither_the_wait_nor_the_loop() {
    #[derive(Clone, Copy, Debug)]
    enum Then {
        Ends,
        IsPolled,
        IsDropped,
        StaysInTheLoop,
    }
    for on in [Call::Wake, Call::Drop] {
        for then in [
            Then::Ends,
            Then::IsPolled,
            Then::IsDropped,
            Then::StaysInTheLoop,
        ] {
            testing::run(async move {
                let beside = create_task(async {
                    sleep(secs(1)).await;
                    7_u8
                });
                for (name, mut wait, end) in blocked() {
                    let armed = Rc::new(Cell::new(false));
                    let panics = armed.clone();
                    // Kept until the end, where it does not panic.
                    let waker = hooked_always(move |call| {
                        assert!(!(panics.get() && call == on), "a waker");
                    });
                    assert!(poll(&mut wait, &waker).is_pending(), "{name}");
                    armed.set(true);
                    let outcome = catch_unwind(AssertUnwindSafe(|| match then {
                        Then::Ends => end(),
                        Then::IsPolled => {
                            assert!(poll(&mut wait, Waker::noop()).is_pending());
                            end();
                        }
                        Then::IsDropped => drop(std::mem::replace(&mut wait, Box::pin(async {}))),
                        Then::StaysInTheLoop => {
                            let wait = std::mem::replace(&mut wait, Box::pin(async {}));
                            drop(create_task(async move {
                                let _wait = wait;
                                pending::<()>().await;
                            }));
                        }
                    }));
                    assert!(outcome.is_ok(), "{name}, {on:?}, {then:?}");
                    sleep(secs(0)).await;
                    sleep(secs(0)).await;
                    if let Then::Ends | Then::IsPolled = then {
                        assert!(poll(&mut wait, Waker::noop()).is_ready(), "{name}");
                    }
                    drop(wait);
                    if !matches!(then, Then::StaysInTheLoop) {
                        armed.set(false);
                    }
                    drop(catch_unwind(AssertUnwindSafe(|| drop(waker))));
                }
                assert_eq!(beside.await?, 7);
                aio::ok(())
            })
            .unwrap();
        }
    }
}

/// A scope keeps the waker, too.
#[test]
fn a_scope_outlives_a_waker_that_panics_when_it_is_dropped() {
    testing::run(async {
        for dropped in [false, true] {
            let mut scope: Pin<Box<dyn Future<Output = ()>>> =
                Box::pin(async { drop(aio::catch_cancelled(pending::<()>()).await) });
            let armed = Rc::new(Cell::new(false));
            let panics = armed.clone();
            let waker = hooked_always(move |call| {
                assert!(!(panics.get() && call == Call::Drop), "a waker");
            });
            assert!(poll(&mut scope, &waker).is_pending());
            armed.set(true);
            if dropped {
                drop(scope);
            } else {
                assert!(poll(&mut scope, Waker::noop()).is_pending());
            }
            armed.set(false);
        }
        aio::ok(())
    })
    .unwrap();
}

/// The clone's panic is that of the task which polls; the wait can be polled again.
#[test]
fn a_waker_that_panics_when_it_is_cloned_costs_its_poll_alone() {
    testing::run(async {
        for (name, mut wait, end) in blocked() {
            let waker = hooked(Call::Clone, || panic!("a waker"));
            let polled = catch_unwind(AssertUnwindSafe(|| poll(&mut wait, &waker)));
            assert!(polled.is_err(), "{name}");
            // An async block is over after a panic, and what it awaited is gone; a future of the library is not.
            drop(wait);
            let (.., mut again, end_again) = blocked().into_iter().find(|it| it.0 == name).unwrap();
            assert!(poll(&mut again, &waker).is_pending());
            end_again();
            end();
            sleep(secs(0)).await;
            sleep(secs(0)).await;
            assert!(poll(&mut again, &waker).is_ready(), "{name}");
        }
        let promise = Promise::<u8>::new();
        let mut wait = promise.clone().into_future();
        let waker = hooked(Call::Clone, || panic!("a waker"));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut wait, &waker))).is_err());
        assert!(poll(&mut wait, Waker::noop()).is_pending());
        promise.set_result(3)?;
        assert_eq!(wait.await?, 3);
        aio::ok(())
    })
    .unwrap();
}

/// The executor's waker is dropped at the end, and where another one polls.
#[test]
fn an_executors_waker_that_panics_when_it_is_dropped_stops_no_loop() {
    let mut running = Box::pin(EventLoop::run(async {
        let waits = create_task(pending::<()>());
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(())
        })
        .await;
        waits.await
    }));
    for _ in 0..3 {
        let waker = hooked(Call::Drop, || panic!("a waker"));
        assert!(poll(&mut running, &waker).is_pending());
        assert!(poll(&mut running, Waker::noop()).is_pending());
    }
    let waker = hooked(Call::Drop, || panic!("a waker"));
    assert!(poll(&mut running, &waker).is_pending());
    drop(running);
}

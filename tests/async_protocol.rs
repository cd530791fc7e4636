//! Bodies that await foreign futures, in sync and async drives, in every form.
#![allow(
    unreachable_code,
    reason = "what follows an endless loop names the return type"
)]

mod support;

use std::cell::Cell;
use std::pin::Pin;

use cogen::{
    Co, Generator, GeneratorExit, NextError, SendError, StartError, State, Step, generator,
};
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
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        g.start().unwrap();
        assert!(
            matches!(g.send(5), Err(SendError::Pending(None))),
            "{form}: the yield got the 5"
        );
        assert_eq!(g.state(), State::Awaiting, "{form}");
        let undelivered = g.send(6);
        assert!(
            matches!(undelivered, Err(SendError::Awaiting(6))),
            "{form}: the value comes back"
        );
        let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
        let resumed = std::pin::Pin::new(&mut g).resume_continue(Some(cx));
        assert_eq!(resumed.unwrap(), Step::Yielded(2), "{form}");
        assert_eq!(g.send(10).unwrap(), Step::Complete(15), "{form}");
    }
    in_all_forms!(make(), check);
}

#[test]
fn async_methods_drive_through_foreign_futures() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
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

/// Polls once, and drops the future.
fn poll_and_drop<F: Future>(future: F) {
    let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::pin!(future).poll(cx).is_pending());
}

/// Drives a body that awaits, until it yields or ends.
fn go_on<G: Generator + Unpin>(g: &mut G) -> Result<Step<G::Yield, G::Return>, NextError> {
    futures::executor::block_on(std::future::poll_fn(|cx| {
        match std::pin::Pin::new(&mut *g).resume_continue(Some(cx)) {
            Err(NextError::Pending) => std::task::Poll::Pending,
            step => std::task::Poll::Ready(step),
        }
    }))
}

/// The hidden operation of loops and streams, with a reply of another type than they send.
#[test]
fn a_loops_operation_tells_in_every_form_that_the_body_awaits() {
    fn make() -> cogen::Frame<'static, i32, i32, impl Future<Output = i32>> {
        generator(|co: Co<'_, i32, i32>| async move {
            assert_eq!(co.yield_(1).await, 7);
            std::future::pending().await
        })
    }
    fn next<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(
        g: &mut G,
    ) -> (Option<i32>, Result<Step<(), i32>, NextError>) {
        let mut item = None;
        let step = Pin::new(g).resume_next_into(None, 7, &mut item);
        (item, step)
    }
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        let first = next(&mut g);
        assert!(matches!(first, (Some(1), Ok(Step::Yielded(())))), "{form}");
        for _ in 0..2 {
            let pending = next(&mut g);
            assert!(matches!(pending, (None, Err(NextError::Pending))), "{form}");
        }
        g.close().unwrap();
        let closed = next(&mut g);
        assert!(matches!(closed, (None, Err(NextError::Finished))), "{form}");
    }
    in_all_forms!(make(), check);
}

#[test]
fn a_dropped_astart_leaves_a_started_generator_that_goes_on() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = ()> + Unpin>(form: &str, mut g: G) {
        drop(g.astart());
        assert_eq!(g.state(), State::Created, "{form}: not polled");
        poll_and_drop(g.astart());
        assert!(
            matches!(g.start(), Err(StartError::AlreadyStarted)),
            "{form}"
        );
        assert_eq!(go_on(&mut g).unwrap(), Step::Yielded(1), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32, i32>| async move {
            pending_once().await;
            co.yield_(1).await;
        }),
        check
    );
}

#[test]
fn a_dropped_asend_leaves_its_value_with_the_yield_that_had_it() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        g.start().unwrap();
        drop(g.asend(8));
        poll_and_drop(g.asend(5));
        assert!(matches!(g.send(6), Err(SendError::Awaiting(6))), "{form}");
        assert_eq!(go_on(&mut g).unwrap(), Step::Yielded(5), "{form}");
        assert!(
            matches!(go_on(&mut g), Err(NextError::NotAwaiting)),
            "{form}: at a yield"
        );
        assert_eq!(g.send(7).unwrap(), Step::Complete(12), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32, i32>| async move {
            let sent = co.yield_(1).await;
            pending_once().await;
            sent + co.yield_(sent).await
        }),
        check
    );
}

#[test]
fn a_dropped_athrow_leaves_its_exception_with_the_scope_that_had_it() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        g.next().unwrap();
        drop(g.athrow(Oops(8)));
        poll_and_drop(g.athrow(Oops(5)));
        let step = futures::executor::block_on(g.anext());
        assert_eq!(step.unwrap(), Step::Yielded(5), "{form}");
        assert_eq!(g.next().unwrap(), Step::Complete(()), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            let caught = co.try_yield(1).await.unwrap_err();
            pending_once().await;
            co.yield_(caught.downcast::<Oops>().unwrap().0).await;
        }),
        check
    );
}

#[test]
fn a_dropped_aclose_leaves_the_clean_up_where_it_was() {
    fn make(log: &Cell<i32>) -> cogen::Frame<'_, i32, (), impl Future<Output = ()>> {
        generator(move |co: Co<'_, i32>| async move {
            let clean_up = async {
                log.set(1);
                pending_once().await;
                log.set(2);
            };
            co.finally(async { co.yield_(1).await }, clean_up).await;
        })
    }
    let log = Cell::new(0);
    let mut g = Box::pin(make(&log));
    g.next().unwrap();
    drop(g.aclose());
    assert_eq!((log.get(), g.state()), (0, State::Suspended));
    poll_and_drop(g.aclose());
    assert_eq!((log.get(), g.state()), (1, State::Awaiting));
    let ended = futures::executor::block_on(g.anext());
    assert!(matches!(ended, Err(NextError::Raised(exit)) if exit.is::<GeneratorExit>()));
    assert_eq!((log.get(), g.state()), (2, State::Closed));

    log.set(0);
    let mut g = Box::pin(make(&log));
    g.next().unwrap();
    poll_and_drop(g.aclose());
    assert_eq!(futures::executor::block_on(g.aclose()).unwrap(), None);
    assert_eq!(
        (log.get(), g.state()),
        (1, State::Closed),
        "the clean-up was cut short"
    );
}

/// What `select!` does in a loop: a call is made, polled once and dropped, until there is an answer.
fn select_loop<T>(mut call: impl FnMut() -> Option<T>) -> T {
    for _ in 0..10 {
        if let Some(answer) = call() {
            return answer;
        }
    }
    panic!("no answer")
}

fn poll_once<F: Future + Unpin>(mut call: F) -> Option<F::Output> {
    let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
    match Pin::new(&mut call).poll(cx) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

/// Awaits before and after each yield, and adds up what it is sent.
fn slow_sum() -> cogen::Frame<'static, i32, i32, impl Future<Output = i32>> {
    generator(|co: Co<'_, i32, i32>| async move {
        let mut sum = 0;
        for _ in 0..3 {
            pending_once().await;
            pending_once().await;
            sum += co.yield_(sum).await;
        }
        pending_once().await;
        sum
    })
}

#[test]
fn astart_and_asend_may_be_repeated_in_a_select_loop() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        let first = select_loop(|| poll_once(g.astart()));
        assert_eq!(first.unwrap(), Step::Yielded(0), "{form}");
        assert!(
            matches!(poll_once(g.astart()), Some(Err(StartError::AlreadyStarted))),
            "{form}: at a yield"
        );
        let mut sum = 0;
        for value in [1, 10, 100] {
            sum += value;
            // A handle to a shared one cannot know whether another owner's call is under way.
            let answer = if form.contains("shared") {
                poll_and_drop(g.asend(value));
                let other = poll_once(g.asend(5));
                assert!(matches!(other, Some(Err(SendError::Awaiting(5)))), "{form}");
                select_loop(|| poll_once(g.acontinue())).unwrap()
            } else {
                select_loop(|| poll_once(g.asend(value))).unwrap()
            };
            let expected = if value == 100 {
                Step::Complete(sum)
            } else {
                Step::Yielded(sum)
            };
            assert_eq!(answer, expected, "{form}");
        }
    }
    in_all_forms!(slow_sum(), check);
    #[cfg(feature = "std")]
    check("shared", slow_sum().shared());
}

#[test]
fn a_repeated_asend_goes_on_with_the_first_value_after_other_calls() {
    let mut g = slow_sum().boxed_local();
    select_loop(|| poll_once(g.astart())).unwrap();
    poll_and_drop(g.asend(1));
    // None of these disturbs it.
    assert!(matches!(g.send(7), Err(SendError::Awaiting(7))));
    assert!(matches!(g.start(), Err(StartError::AlreadyStarted)));
    poll_and_drop(g.acontinue());
    assert_eq!(poll_once(g.asend(50)).unwrap().unwrap(), Step::Yielded(1));

    // What is thrown ends it.
    let mut g = generator(|co: Co<'_, i32, i32>| async move {
        let inside = async {
            let sent = co.yield_(1).await;
            pending_once().await;
            sent
        };
        let caught = co.catch(inside).await;
        pending_once().await;
        pending_once().await;
        co.yield_(if caught.is_ok() { 2 } else { 3 }).await
    })
    .boxed_local();
    g.start().unwrap();
    poll_and_drop(g.asend(4));
    poll_and_drop(g.athrow(Oops(5)));
    assert!(matches!(
        poll_once(g.asend(6)),
        Some(Err(SendError::Awaiting(6)))
    ));
    let step = select_loop(|| poll_once(g.acontinue()));
    assert_eq!(step.unwrap(), Step::Yielded(3));
}

#[test]
fn an_asend_to_a_body_that_awaits_for_another_reason_gives_its_value_back() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        // Since a start that was dropped, and since one that could not wait.
        poll_and_drop(g.astart());
        assert!(
            matches!(poll_once(g.asend(1)), Some(Err(SendError::Awaiting(1)))),
            "{form}"
        );
        assert!(
            matches!(g.start(), Err(StartError::AlreadyStarted)),
            "{form}"
        );
        assert!(select_loop(|| poll_once(g.astart())).is_ok(), "{form}");
        // Since a send that could not wait.
        assert!(matches!(g.send(2), Err(SendError::Pending(None))), "{form}");
        assert!(
            matches!(poll_once(g.asend(3)), Some(Err(SendError::Awaiting(3)))),
            "{form}"
        );
        assert!(
            matches!(poll_once(g.astart()), Some(Err(StartError::AlreadyStarted))),
            "{form}"
        );
        assert_eq!(
            select_loop(|| poll_once(g.acontinue())).unwrap(),
            Step::Yielded(2),
            "{form}"
        );
    }
    in_all_forms!(slow_sum(), check);
}

#[test]
fn a_sync_caller_goes_on_with_try_continue() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        assert!(
            matches!(g.try_continue(), Err(NextError::NotAwaiting)),
            "{form}: new"
        );
        assert!(matches!(g.start(), Err(StartError::Pending)), "{form}");
        assert_eq!(g.state(), State::Awaiting, "{form}");
        assert!(
            matches!(g.try_continue(), Err(NextError::Pending)),
            "{form}"
        );
        assert_eq!(g.try_continue().unwrap(), Step::Yielded(0), "{form}");
        assert_eq!(g.state(), State::Suspended, "{form}");
        assert!(
            matches!(g.try_continue(), Err(NextError::NotAwaiting)),
            "{form}: at a yield"
        );
        g.close().unwrap();
        assert!(
            matches!(g.try_continue(), Err(NextError::Finished)),
            "{form}: closed"
        );
        assert!(
            matches!(poll_once(g.acontinue()), Some(Err(NextError::Finished))),
            "{form}"
        );
    }
    in_all_forms!(slow_sum(), check);
}

/// Each message names the call that goes on, which does.
#[test]
fn the_messages_of_a_body_that_awaits_name_the_call_that_works() {
    fn names(message: impl std::fmt::Display, calls: &[&str]) {
        let message = message.to_string();
        for call in calls {
            assert!(message.contains(call), "{message}");
        }
    }
    let mut g = slow_sum().boxed_local();
    names(
        g.start().unwrap_err(),
        &["acontinue", "try_continue", "astart"],
    );
    names(g.send(1).unwrap_err(), &["acontinue", "try_continue"]);
    names(
        g.try_continue().unwrap_err(),
        &["acontinue", "try_continue", "anext"],
    );
    g.try_continue().unwrap();
    names(g.try_continue().unwrap_err(), &["start", "next", "send"]);
    names(
        g.send(1).unwrap_err(),
        &["acontinue", "try_continue", "asend"],
    );

    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        let caught = co.try_yield(1).await;
        pending_once().await;
        if let Err(caught) = caught {
            co.raise(caught).await;
        }
    }));
    g.next().unwrap();
    names(
        g.throw(Oops(1)).unwrap_err(),
        &["acontinue", "try_continue", "athrow"],
    );
    let mut g = Box::pin(generator(|co: Co<'_, i32>| async move {
        co.finally(co.yield_(1), pending_once()).await;
    }));
    g.next().unwrap();
    names(g.close().unwrap_err(), &["acontinue", "aclose"]);
    assert!(matches!(g.try_continue(), Err(NextError::Raised(exit)) if exit.is::<GeneratorExit>()));
}

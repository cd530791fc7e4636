//! Boxes of generators that are not frames.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExit, GeneratorExt, NextError, SendError,
    StartError, State, Step, ThrowError, from_iter, generator,
};
use futures::StreamExt;
use futures::executor::block_on;

use super::count;
use super::map_yield::MapYield;

/// Any generator, as a library erases what it is given.
fn erase<'a, G: Generator + Send + 'a>(g: G) -> BoxGen<'a, G::Yield, G::Resume, G::Return> {
    g.boxed()
}

#[test]
fn a_box_goes_on_where_the_generator_was() {
    let mut started = MapYield::new(count(3), |n| n * 10);
    assert_eq!(started.next().unwrap(), Step::Yielded(10));
    let mut boxed = erase(started);
    assert_eq!(boxed.state(), State::Suspended);
    assert!(matches!(boxed.start(), Err(StartError::AlreadyStarted)));
    assert_eq!(boxed.next().unwrap(), Step::Yielded(20));
    assert_eq!(boxed.iter().collect::<Vec<_>>(), [30]);
    assert_eq!(boxed.state(), State::Closed);
    assert_eq!(boxed.take_return().unwrap().unwrap(), 6);
    assert!(matches!(boxed.start(), Err(StartError::Finished)));
    assert!(matches!(boxed.next(), Err(NextError::Finished)));

    let mut looped = count(1);
    looped.iter().for_each(drop);
    assert_eq!(
        erase(MapYield::new(looped, |n| n))
            .take_return()
            .unwrap()
            .unwrap(),
        1
    );
}

#[test]
fn what_a_box_is_sent_arrives_or_comes_back() {
    let echo = generator(|co: Co<'_, String, String>| async move {
        let mut heard = String::new();
        while heard != "end" {
            heard = co.yield_(heard).await;
        }
    });
    let mut boxed = erase(MapYield::new(Box::pin(echo), |heard| heard.len()));
    let text = || "abc".to_owned();
    let Err(SendError::JustStarted(early)) = boxed.send(text()) else {
        panic!()
    };
    assert_eq!(early, "abc");
    assert_eq!(boxed.start_or_send(text()).unwrap(), Step::Yielded(0));
    assert_eq!(boxed.send(text()).unwrap(), Step::Yielded(3));
    assert_eq!(
        boxed.start_or_send("four".to_owned()).unwrap(),
        Step::Yielded(4)
    );
    assert_eq!(boxed.send("end".to_owned()).unwrap(), Step::Complete(()));
    assert_eq!(boxed.send(text()).unwrap_err().into_value().unwrap(), "abc");
    assert_eq!(
        boxed
            .start_or_send(text())
            .unwrap_err()
            .into_value()
            .unwrap(),
        "abc"
    );
}

#[test]
fn what_is_thrown_at_a_box_is_caught_inside() {
    let caught = generator(|co| async move {
        let error = co.try_yield(1).await.unwrap_err();
        co.yield_(error.to_string().len()).await;
        co.try_yield(3).await.unwrap_err()
    });
    let mut boxed = erase(MapYield::new(Box::pin(caught), |n| n));
    assert_eq!(boxed.next().unwrap().yielded(), Some(1));
    let caught = boxed.throw(Exception::new("four")).unwrap();
    assert_eq!(caught.yielded(), Some(4));
    assert_eq!(boxed.next().unwrap().yielded(), Some(3));
    let Ok(Some(exit)) = boxed.close() else {
        panic!()
    };
    assert!(exit.is::<GeneratorExit>());
    let late = boxed.throw(Exception::new("late")).unwrap_err();
    assert_eq!(late.to_string(), "late");
}

#[test]
fn a_box_that_is_dropped_closes_what_it_owns() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let guarded = |name| {
        let log = log.clone();
        generator(move |co: Co<'static, u32>| async move {
            co.finally(co.yield_(1), async { log.borrow_mut().push(name) })
                .await;
        })
    };
    let mut boxed = MapYield::new(Box::pin(guarded("owned")), |n| n).boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!(log.take(), ["owned"]);

    drop(MapYield::new(Box::pin(guarded("new")), |n| n).boxed_local());
    assert!(log.borrow().is_empty());

    let mut lent = guarded("lent").boxed_local();
    let mut boxed = (&mut lent).boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!((lent.state(), log.borrow().len()), (State::Suspended, 0));

    let mut lent = Box::pin(guarded("pinned"));
    let mut boxed = lent.as_mut().boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!((lent.state(), log.borrow().len()), (State::Suspended, 0));

    // Whatever the adapter holds: the exit goes to it, and it passes that on.
    let mut lent = guarded("adapted").boxed_local();
    let mut boxed = MapYield::new(&mut lent, |n| n).boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!((lent.state(), log.take()), (State::Closed, vec!["adapted"]));

    let mut shared = guarded("shared").shared();
    let mut boxed = shared.clone().boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!((shared.state(), log.borrow().len()), (State::Suspended, 0));
    assert_eq!(shared.next().unwrap(), Step::Complete(()));
    assert_eq!(log.take(), ["shared"]);
}

/// However deep what is in a box is: where it is closed there is room.
#[test]
fn boxes_in_boxes_close_what_they_own_in_a_deep_drop() {
    let closed = Arc::new(AtomicU32::new(0));
    let links = if cfg!(miri) { 20 } else { 1_000 };
    let mut chain = from_iter([0]).boxed();
    for _ in 0..links {
        let (sub, closed) = (chain, closed.clone());
        let body = generator(move |co: Co<'static, u32>| async move {
            let clean_up = async {
                closed.fetch_add(1, Ordering::Relaxed);
            };
            co.finally(co.yield_from_with(sub, 7), clean_up).await;
        });
        // Not a frame that is boxed, but a generator, which a pointer is.
        chain = Generator::boxed(Box::pin(body));
        assert_eq!(chain.next().unwrap(), Step::Yielded(7));
    }
    drop(chain);
    assert_eq!(closed.load(Ordering::Relaxed), links);
}

/// A guard lends its generator as a reference does.
#[test]
fn a_box_of_a_guard_does_not_close_what_is_lent() {
    let cell = RefCell::new(Box::pin(from_iter([1, 2])));
    let mut boxed = Pin::new(cell.borrow_mut()).boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!(cell.borrow_mut().next().unwrap(), Step::Yielded(2));
    let mut lent = cell.borrow_mut();
    let mut boxed = Box::new(&mut *lent).boxed_local();
    assert_eq!(boxed.next().unwrap(), Step::Complete(()));
}

/// It is asked while the thread unwinds.
#[test]
fn a_state_that_panics_in_a_drop_aborts_nothing() {
    struct Hostile;
    impl Generator for Hostile {
        type Yield = ();
        type Resume = ();
        type Return = ();

        fn state(&self) -> State {
            panic!("state")
        }
        fn resume_start(
            self: Pin<&mut Self>,
            _: Option<&mut Context<'_>>,
        ) -> Result<Step<(), ()>, StartError> {
            Err(StartError::Finished)
        }
        fn resume_send(
            self: Pin<&mut Self>,
            _: Option<&mut Context<'_>>,
            (): (),
        ) -> Result<Step<(), ()>, SendError<()>> {
            Err(SendError::Finished(()))
        }
        fn resume_throw(
            self: Pin<&mut Self>,
            _: Option<&mut Context<'_>>,
            exception: Exception,
        ) -> Result<Step<(), ()>, ThrowError> {
            Err(ThrowError::Raised(exception))
        }
        fn resume_continue(
            self: Pin<&mut Self>,
            _: Option<&mut Context<'_>>,
        ) -> Result<Step<(), ()>, NextError> {
            Err(NextError::Finished)
        }
        fn keep_return(self: Pin<&mut Self>, _: Result<(), Exception>) {}
        fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<(), Exception>> {
            None
        }
    }
    let dropped: [fn(); 3] = [
        || {
            let _held = Hostile.boxed();
            panic!("first")
        },
        || {
            let _held = Hostile.boxed_local();
            panic!("first")
        },
        || {
            let _held = Hostile.closing();
            panic!("first")
        },
    ];
    for drop in dropped {
        let payload = catch_unwind(drop).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"first"));
    }
}

#[test]
fn a_box_of_a_handle_says_that_its_generator_is_running() {
    let seen = Rc::new(RefCell::new(None::<cogen::LocalBoxGen<'_, u32, u32>>));
    let handle = seen.clone();
    let shared = generator(|co: Co<'_, u32, u32>| async move {
        let mut me = handle.take().unwrap();
        assert_eq!(me.state(), State::Running);
        assert!(matches!(me.start(), Err(StartError::Running)));
        assert!(matches!(me.send(7), Err(SendError::Running(7))));
        assert!(matches!(me.close(), Err(cogen::CloseError::Running)));
        drop(me);
        co.yield_(1).await;
    })
    .shared();
    *seen.borrow_mut() = Some(shared.clone().boxed_local());
    assert_eq!(shared.boxed_local().start().unwrap(), Step::Yielded(1));
}

#[test]
fn a_box_awaits_what_its_generator_awaits() {
    let waits = || {
        let body = generator(|co| async move {
            co.yield_(1).await;
            futures::pending!();
            co.yield_(2).await;
        });
        MapYield::new(Box::pin(body), |n| n)
    };
    let mut boxed = erase(waits());
    assert_eq!(boxed.next().unwrap(), Step::Yielded(1));
    assert!(matches!(boxed.next(), Err(NextError::Pending)));
    assert_eq!(boxed.state(), State::Awaiting);
    let cx = &mut Context::from_waker(Waker::noop());
    let again = Pin::new(&mut boxed).resume_continue(Some(cx)).unwrap();
    assert_eq!(again, Step::Yielded(2));
    let items: Vec<_> = block_on(erase(from_iter(1..4)).into_stream().collect());
    assert_eq!(items, [1, 2, 3]);
}

#[test]
fn a_body_delegates_to_a_box() {
    let mut outer = generator(|co| async move {
        let sub = generator(|co| async move {
            let Err(thrown) = co.try_yield(1).await else {
                panic!()
            };
            co.yield_(thrown.to_string().len()).await;
            co.yield_(9).await;
        });
        co.yield_from(MapYield::new(Box::pin(sub), |n| n).boxed())
            .await;
        co.yield_from(from_iter([10]).boxed()).await;
    })
    .boxed();
    assert_eq!(outer.next().unwrap(), Step::Yielded(1));
    assert_eq!(
        outer.throw(Exception::new("four")).unwrap(),
        Step::Yielded(4)
    );
    assert_eq!(outer.iter().collect::<Vec<_>>(), [9, 10]);
}

#[test]
fn boxes_of_boxes_are_boxes() {
    let mut boxed = count(3);
    for _ in 0..100 {
        boxed = erase(boxed);
    }
    assert_eq!(boxed.iter().sum::<u32>(), 6);
    assert_eq!(boxed.take_return().unwrap().unwrap(), 6);
}

/// Each asks the one inside whether it is to be closed.
#[test]
fn deep_boxes_of_adapters_are_dropped() {
    let mut boxed = count(1);
    for _ in 0..if cfg!(miri) { 20 } else { 500 } {
        boxed = erase(MapYield::new(boxed, |n| n));
    }
    assert_eq!(
        std::mem::size_of_val(&boxed),
        2 * std::mem::size_of::<usize>()
    );
    drop(boxed);
}

#[test]
fn a_panic_in_a_box_goes_to_the_caller() {
    let items = (1..=2).inspect(|n| assert!(*n < 2, "two"));
    let mut boxed = erase(from_iter(items));
    assert_eq!(boxed.next().unwrap(), Step::Yielded(1));
    catch_unwind(AssertUnwindSafe(|| boxed.next())).unwrap_err();
    assert_eq!(boxed.state(), State::Closed);
    assert!(matches!(boxed.next(), Err(NextError::Finished)));
}

//! Owners of a shared generator whose wakers call back into it, or panic.

#[path = "support/hooked_waker.rs"]
mod hooked_waker;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cogen::{Co, Generator, NextError, StartError, State, generator};
use hooked_waker::{Call, hooked, wakes};

/// A shared generator that awaits until it is told to panic, the waker that it awaits with, and the way to tell it.
fn waits() -> (
    impl Generator<Yield = u8> + Unpin + Clone,
    Waker,
    Rc<Cell<bool>>,
) {
    let (inner, panics) = (Rc::new(RefCell::new(None)), Rc::new(Cell::new(false)));
    let (kept, told) = (inner.clone(), panics.clone());
    let mut shared = generator(|_: Co<'_, u8>| {
        poll_fn(move |cx| {
            assert!(!told.get(), "told to");
            kept.replace(Some(cx.waker().clone()));
            Poll::<()>::Pending
        })
    })
    .shared();
    let mut cx = Context::from_waker(Waker::noop());
    let started = Pin::new(&mut shared).resume_start(Some(&mut cx));
    assert!(matches!(started, Err(StartError::Pending)));
    let waker = inner.take().unwrap();
    (shared, waker, panics)
}

fn polled<G: Generator + Unpin>(shared: &mut G, waker: &Waker) -> bool {
    let step = Pin::new(shared).resume_continue(Some(&mut Context::from_waker(waker)));
    matches!(step, Err(NextError::Pending))
}

/// An owner's waker, when cloned, wakes all owners.
#[test]
fn an_owner_wakes_all_while_it_is_added() {
    let (mut shared, waker, _) = waits();
    let again = hooked(Call::Clone, {
        let waker = waker.clone();
        move || waker.wake()
    });
    assert!(polled(&mut shared, &again));
    waker.wake();
    assert_eq!(wakes(&again), 1);
}

/// One owner's waker panics: the other owners are still woken, and the caller of `wake` gets the panic.
#[test]
fn a_panicking_owner_costs_no_other_the_wake() {
    let (mut shared, waker, _) = waits();
    let first = hooked(Call::Wake, || panic!("waker"));
    let (second, third) = (hooked(Call::Drop, || ()), hooked(Call::Drop, || ()));
    for own in [&first, &second, &third] {
        assert!(polled(&mut shared.clone(), own));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err());
    assert_eq!((wakes(&second), wakes(&third)), (1, 1));
    assert!(polled(&mut shared, &second));
}

/// The body panics while one owner polls it: the others are woken, to see that.
#[test]
fn a_panicking_body_wakes_the_other_owners() {
    let (mut shared, _, panics) = waits();
    let (first, second) = (hooked(Call::Drop, || ()), hooked(Call::Drop, || ()));
    let mut other = shared.clone();
    assert!(polled(&mut other, &first));
    panics.set(true);
    let panicked = catch_unwind(AssertUnwindSafe(|| polled(&mut shared, &second)));
    assert!(panicked.is_err());
    assert_eq!((wakes(&first), wakes(&second)), (1, 0));
    assert_eq!(other.state(), State::Closed);
}

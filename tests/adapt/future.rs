//! `into_future`.

use std::cell::RefCell;
use std::pin::pin;

use cogen::{Co, GeneratorExt, NextError, generator};
use futures::executor::block_on;

use crate::poll_once;
use crate::support::{Oops, pending_once};

#[test]
fn each_yield_lets_others_run() {
    let log = RefCell::new(String::new());
    let letters = |letters: &'static str| {
        let log = &log;
        generator(move |co| async move {
            for letter in letters.chars() {
                log.borrow_mut().push(letter);
                co.yield_(()).await;
            }
            letters.len()
        })
        .into_future()
    };
    let (first, second) = block_on(async { futures::join!(letters("abc"), letters("12")) });
    assert_eq!((first.unwrap(), second.unwrap()), (3, 2));
    assert_eq!(log.into_inner(), "a1b2c");
}

#[test]
fn the_body_may_await() {
    let g = generator(|co| async move {
        pending_once().await;
        co.yield_(()).await;
        pending_once().await;
        "done"
    });
    assert_eq!(block_on(g.into_future()).unwrap(), "done");
}

#[test]
fn what_is_raised_and_a_finished_generator_are_errors() {
    let mut g = Box::pin(generator(|co: Co<'_, ()>| async move {
        co.yield_(()).await;
        co.raise(Oops(1)).await;
    }));
    let raised: Result<(), _> = block_on((&mut g).into_future());
    assert!(matches!(raised, Err(NextError::Raised(e)) if e.is::<Oops>()));
    assert!(matches!(
        block_on(g.into_future()),
        Err(NextError::Finished)
    ));
}

#[test]
fn one_that_was_lent_goes_on_where_it_was() {
    let mut polls = 0;
    let mut g = Box::pin(generator(|co: Co<'_, ()>| {
        let polls = &mut polls;
        async move {
            for _ in 0..3 {
                *polls += 1;
                co.yield_(()).await;
            }
        }
    }));
    assert!(poll_once(pin!((&mut g).into_future())).is_pending());
    block_on((&mut g).into_future()).unwrap();
    drop(g);
    assert_eq!(polls, 3);
}

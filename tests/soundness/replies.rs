//! A reply exists only if it was sent, whatever the size of its type.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::ops::{Deref, DerefMut};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use cogen::{
    BoxGen, Co, Generator, GeneratorExt, RecursiveCo, StartError, Step, generator, recursive,
};

thread_local! {
    static MADE: Cell<u32> = const { Cell::new(0) };
}

/// A reply that only this file can make.
#[derive(Debug, PartialEq)]
struct Token(());

fn token() -> Token {
    MADE.set(MADE.get() + 1);
    Token(())
}

/// Polls each yield twice per poll, and counts the replies.
async fn impatient<S>(co: Co<'_, u8, S>, got: &Cell<u32>) {
    for n in 1..4 {
        let mut twice = pin!(co.yield_(n));
        let reply = poll_fn(|cx| match twice.as_mut().poll(cx) {
            Poll::Ready(reply) => Poll::Ready(reply),
            Poll::Pending => twice.as_mut().poll(cx),
        })
        .await;
        got.set(got.get() + 1);
        drop(reply);
    }
}

/// Compares, for each step, the number of replies that were sent with the number that the body got.
fn check(mut g: impl Generator<Yield = u8, Resume = Token, Return = ()> + Unpin, got: &Cell<u32>) {
    got.set(0);
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    assert_eq!(got.get(), 0, "nothing was sent");
    for sent in 1..4 {
        let step = g.send(token()).unwrap();
        assert_eq!(got.get(), sent);
        assert_eq!(step.complete().is_some(), sent == 3);
    }
}

#[test]
fn a_token_is_received_only_if_it_was_sent() {
    let got = &Cell::new(0);
    check(Box::pin(generator(|co| impatient(co, got))), got);
    check(generator(|co| impatient(co, got)).boxed_local(), got);
    check(
        recursive(
            |co: RecursiveCo<'_, u8, Token>| async move { co.call(impatient(*co, got)).await },
        )
        .boxed_local(),
        got,
    );
    check(
        generator(|co: Co<'_, u8, Token>| async move {
            let sub = generator(|co| impatient(co, got)).boxed_local();
            co.yield_from(sub).await;
        })
        .boxed_local(),
        got,
    );
}

#[test]
fn the_same_in_async_steps() {
    let got = Cell::new(0);
    let cx = &mut Context::from_waker(Waker::noop());
    let mut g = Box::pin(generator(|co: Co<'_, u8, Token>| impatient(co, &got)));
    assert!(matches!(
        g.as_mut().resume_start(Some(cx)),
        Ok(Step::Yielded(1))
    ));
    assert_eq!(got.get(), 0, "nothing was sent");
    for sent in 1..4 {
        assert!(g.as_mut().resume_send(Some(cx), token()).is_ok());
        assert_eq!(got.get(), sent);
    }
}

async fn never(co: Co<'_, u8, Infallible>) {
    let mut yielded = pin!(co.yield_(1));
    let never = poll_fn(|cx| match yielded.as_mut().poll(cx) {
        Poll::Ready(never) => Poll::Ready(never),
        Poll::Pending => yielded.as_mut().poll(cx),
    })
    .await;
    match never {}
}

#[test]
fn nobody_makes_what_cannot_be() {
    let mut plain = Box::pin(generator(never));
    assert_eq!(plain.start().unwrap(), Step::Yielded(1));
    assert!(matches!(plain.start(), Err(StartError::AlreadyStarted)));
    let mut delegated = generator(|co: Co<'_, u8, Infallible>| async move {
        co.yield_from(Box::pin(generator(never))).await;
    })
    .boxed_local();
    assert_eq!(delegated.start().unwrap(), Step::Yielded(1));
    let mut called =
        recursive(|co: RecursiveCo<'_, u8, Infallible>| async move { co.call(never(*co)).await })
            .boxed_local();
    assert_eq!(called.start().unwrap(), Step::Yielded(1));
}

/// Two generators: dereferences to the first one at first, and later to the second.
struct Two(
    BoxGen<'static, u8, Infallible>,
    BoxGen<'static, u8, Infallible>,
    u32,
);

impl Deref for Two {
    type Target = BoxGen<'static, u8, Infallible>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Two {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.2 += 1;
        if self.2 == 1 {
            &mut self.0
        } else {
            &mut self.1
        }
    }
}

#[test]
fn a_pointer_that_changes_its_target_gets_no_reply_from_nothing() {
    let waits = generator(|_: Co<'_, u8, Infallible>| async {
        poll_fn(|_| Poll::<()>::Pending).await;
    });
    let mut at_a_yield = generator(never).boxed();
    assert_eq!(at_a_yield.start().unwrap(), Step::Yielded(1));
    let two = Pin::new(Two(waits.boxed(), at_a_yield, 0));
    let mut outer = pin!(generator(|co: Co<'_, u8, Infallible>| async move {
        co.yield_from(two).await;
    }));
    let cx = &mut Context::from_waker(Waker::noop());
    assert!(outer.as_mut().resume_start(Some(cx)).is_err());
    // The second generator is at a yield, and cannot be polled again without a reply.
    assert!(outer.as_mut().resume_continue(Some(cx)).is_err());
}

#[test]
fn a_driver_answers_each_request_once() {
    let got = Cell::new(0);
    let before = MADE.get();
    let driven = generator(|co: Co<'_, u8, Token>| impatient(co, &got)).drive(|_| token());
    assert!(driven.is_ok());
    assert_eq!(got.get(), MADE.get() - before);
}

//! Generators used as streams, owned and lent, and as iterators.

use std::pin::Pin;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll, Waker};

use cogen::adapt::IntoStream;
use cogen::{BoxGen, Generator, GeneratorExt, Step};
use futures::Stream;

use super::super::common::ledger::Role;
use super::machine::{self, Drive};
use super::operate::{Ended, Resume};
use super::reply::Reply;
use super::value::Val;
use super::world;

type Boxed = BoxGen<'static, Val, (), Val>;

struct Owned {
    stream: Pin<Box<IntoStream<Boxed>>>,
    at: AtomicU64,
}

/// A generator that is lent for each item, as a stream or as an iterator.
struct Lent {
    generator: Boxed,
    at: AtomicU64,
}

pub fn add() {
    let generator = machine::boxed();
    let at = AtomicU64::new(0);
    if world::chance(2) {
        let stream = Box::pin(generator.into_stream());
        machine::add_other(Owned { stream, at });
    } else {
        machine::add_other(Lent { generator, at });
    }
}

/// Asks for an item: each request but the first answers the item before it.
fn ask(at: &AtomicU64, next: impl FnOnce() -> Poll<Option<Val>>) {
    let resume = Resume::begin(at);
    ().sent(None);
    let ended = match next() {
        Poll::Ready(Some(value)) => Ended::Step(Step::Yielded(value)),
        Poll::Ready(None) => Ended::Refused,
        Poll::Pending => Ended::Waits,
    };
    resume.end(ended);
}

impl Drive for Owned {
    fn drive(&mut self, cx: Option<&mut Context<'_>>) {
        let mut own = Context::from_waker(Waker::noop());
        let stream = self.stream.as_mut();
        ask(&self.at, || stream.poll_next(cx.unwrap_or(&mut own)));
    }
}

impl Drive for Lent {
    fn drive(&mut self, cx: Option<&mut Context<'_>>) {
        let generator = &mut self.generator;
        ask(&self.at, || match cx {
            None => Poll::Ready(generator.iter().next()),
            Some(cx) => Pin::new(&mut generator.into_stream()).poll_next(cx),
        });
        if world::chance(4)
            && let Some(Ok(value)) = self.generator.take_return()
        {
            value.comes_out(Role::Returned);
        }
    }
}

//! `anext`, polled with a waker that does nothing.

use super::{Amount, Peer, Row, choose};
use crate::{anexts, count_up};
use cogen::{BoxGen, Co, Generator, generator};
use genawaiter::{GeneratorState, rc, rc::Gen};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// One yield in a loop.
pub(super) const ANEXT: Row = Row {
    name: "anext",
    runs: &[
        (Peer::Pinned, pinned),
        (Peer::Boxed, boxed),
        (Peer::Dyn, dynamic),
        (Peer::GenawaiterRc, genawaiter_rc),
    ],
    bars: &[],
    amount: Amount::Slices,
};

#[inline(never)]
fn pinned(n: u64) {
    let mut g = pin!(generator(|co: Co<'_, u64>| count_up!(co)));
    anexts!(g, n);
}

#[inline(never)]
fn boxed(n: u64) {
    let mut g = Box::pin(generator(|co: Co<'_, u64>| count_up!(co)));
    anexts!(g, n);
}

#[inline(never)]
fn dynamic(n: u64) {
    let mut g: BoxGen<'_, u64> = choose!(|co: Co<'_, u64>| count_up!(co));
    anexts!(g, n);
}

#[inline(never)]
fn genawaiter_rc(n: u64) {
    let mut g = Gen::new(|co: rc::Co<u64>| count_up!(co));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..n {
        let polled = pin!(g.async_resume()).poll(&mut context);
        let Poll::Ready(GeneratorState::Yielded(value)) = polled else {
            break;
        };
        black_box(value);
    }
}

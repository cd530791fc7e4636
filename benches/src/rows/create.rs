//! Make a generator, resume it once, drop it.

use super::{Amount, DynBody, Peer, Row, choose, choose_future};
use crate::{count_up, genawaiter_resumes, hand::Counter, iterator_nexts, nexts};
use cogen::{BoxGen, Co, Generator, generator};
use diapause::Coroutine;
use genawaiter::rc::{self, Gen};
use std::{hint::black_box, pin::pin};

/// One yield in a loop, resumed once.
pub(super) const CREATE: Row = Row {
    name: "create",
    runs: &[
        (Peer::Hand, hand),
        (Peer::Pinned, pinned),
        (Peer::Boxed, boxed),
        (Peer::Dyn, dynamic),
        (Peer::GenawaiterRc, genawaiter_rc),
        (Peer::GenawaiterDyn, genawaiter_dyn),
        (Peer::Diapause, diapause_in_place),
    ],
    bars: &[],
    amount: Amount::Slices,
};

#[inline(never)]
fn hand(n: u64) {
    for k in 0..n {
        let mut g = Counter::new(black_box(k));
        iterator_nexts!(g, 1);
    }
}

#[inline(never)]
fn pinned(n: u64) {
    for k in 0..n {
        let mut g = pin!(generator(|co: Co<'_, u64>| count_up!(co, black_box(k))));
        nexts!(g, 1);
    }
}

#[inline(never)]
fn boxed(n: u64) {
    for k in 0..n {
        // Otherwise the optimiser removes the allocation.
        let mut g = black_box(Box::pin(generator(|co: Co<'_, u64>| {
            count_up!(co, black_box(k))
        })));
        nexts!(g, 1);
    }
}

#[inline(never)]
fn dynamic(n: u64) {
    for k in 0..n {
        let mut g: BoxGen<'_, u64> = choose!(move |co: Co<'_, u64>| count_up!(co, black_box(k)));
        nexts!(g, 1);
    }
}

#[inline(never)]
fn genawaiter_rc(n: u64) {
    for k in 0..n {
        let mut g = Gen::new(|co: rc::Co<u64>| count_up!(co, black_box(k)));
        genawaiter_resumes!(g, 1);
    }
}

#[inline(never)]
fn genawaiter_dyn(n: u64) {
    for k in 0..n {
        let mut g =
            Gen::new(|co: rc::Co<u64>| -> DynBody { choose_future!(count_up!(co, black_box(k))) });
        genawaiter_resumes!(g, 1);
    }
}

#[diapause::coroutine(yield = u64)]
fn counter(from: u64) {
    let mut i: u64 = from;
    loop {
        yield_!(i);
        i += 1;
    }
}

#[inline(never)]
fn diapause_in_place(n: u64) {
    for k in 0..n {
        let mut g = counter(black_box(k));
        // The first value comes from `start`.
        let diapause::CoroutineState::Yielded(value) = g.start() else {
            break;
        };
        black_box(value);
    }
}

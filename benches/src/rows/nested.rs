//! Bodies in bodies: recursion, and delegation.

use super::{Amount, Bar, Peer, Row, choose};
use crate::tree::{self, DEEP, SHALLOW};
use crate::{count_up, delegate, nexts, walks};
use cogen::{BoxGen, Co, Generator, generator, recursive};
use genawaiter::rc::Gen;
use std::pin::pin;

/// An item of a walk over a tree that leans to one side.
pub(super) const WALK: Row = Row {
    name: "walk",
    runs: &[
        (Peer::Called10, called10),
        (Peer::Called10000, called10000),
        (Peer::Awaited10, awaited10),
        (Peer::Awaited10000, awaited10000),
        (Peer::Genawaiter10, genawaiter10),
        (Peer::Genawaiter10000, genawaiter10000),
    ],
    bars: &[
        Bar::new(Peer::Called10000, 1.5, Peer::Called10),
        Bar::new(Peer::Called10000, 0.01, Peer::Genawaiter10000),
    ],
    amount: Amount::Fixed {
        operations: 20_000,
        rounds: 9,
    },
};

#[inline(never)]
fn called10(n: u64) {
    walks!(n, 10, pin!(recursive(|co| tree::call(co, &SHALLOW))).iter());
}

#[inline(never)]
fn called10000(n: u64) {
    walks!(
        n,
        10_000,
        pin!(recursive(|co| tree::call(co, &DEEP))).iter()
    );
}

#[inline(never)]
fn awaited10(n: u64) {
    walks!(
        n,
        10,
        pin!(generator(|co| tree::awaited(co, &SHALLOW))).iter()
    );
}

#[inline(never)]
fn awaited10000(n: u64) {
    walks!(
        n,
        10_000,
        pin!(generator(|co| tree::awaited(co, &DEEP))).iter()
    );
}

#[inline(never)]
fn genawaiter10(n: u64) {
    walks!(
        n,
        10,
        Gen::new(|co| async move { tree::genawaiter(&co, &SHALLOW).await })
    );
}

#[inline(never)]
fn genawaiter10000(n: u64) {
    walks!(
        n,
        10_000,
        Gen::new(|co| async move { tree::genawaiter(&co, &DEEP).await })
    );
}

/// A counting generator in place of another one.
macro_rules! counting {
    () => {
        Box::pin(generator(|co: Co<'_, u64>| count_up!(co)))
    };
}

/// One more generator in between.
macro_rules! between {
    ($sub:expr) => {
        Box::pin(generator(|co: Co<'_, u64>| delegate!(co, $sub)))
    };
}

/// `yield_from`, one deep.
pub(super) const YIELD_FROM: Row = Row {
    name: "yield_from",
    runs: &[
        (Peer::Pinned, from_pinned),
        (Peer::Boxed, from_boxed),
        (Peer::Dyn, from_dyn),
    ],
    bars: &[],
    amount: Amount::Slices,
};

#[inline(never)]
fn from_pinned(n: u64) {
    let mut g = pin!(generator(|co: Co<'_, u64>| delegate!(co, counting!())));
    nexts!(g, n);
}

#[inline(never)]
fn from_boxed(n: u64) {
    let mut g = between!(counting!());
    nexts!(g, n);
}

#[inline(never)]
fn from_dyn(n: u64) {
    let sub: BoxGen<'_, u64> = choose!(|co: Co<'_, u64>| count_up!(co));
    let mut g = generator(|co: Co<'_, u64>| delegate!(co, sub)).boxed();
    nexts!(g, n);
}

/// `yield_from`, three deep.
pub(super) const YIELD_FROM3: Row = Row {
    name: "yield_from3",
    runs: &[(Peer::Pinned, from3_pinned), (Peer::Boxed, from3_boxed)],
    bars: &[],
    amount: Amount::Slices,
};

#[inline(never)]
fn from3_pinned(n: u64) {
    let mut g = pin!(generator(|co: Co<'_, u64>| delegate!(
        co,
        between!(between!(counting!()))
    )));
    nexts!(g, n);
}

#[inline(never)]
fn from3_boxed(n: u64) {
    let mut g = between!(between!(between!(counting!())));
    nexts!(g, n);
}

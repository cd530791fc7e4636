//! Streams, polled with a waker that does nothing.

use super::{Amount, Bar, Peer, Row, choose};
use crate::{async_stream_up, asynk_strim_up, count_up, polls, unfold_up};
use cogen::{BoxGen, Co, GeneratorExt, generator};
use std::pin::pin;

/// One yield in a loop.
pub(super) const STREAM: Row = Row {
    name: "stream",
    runs: &[
        (Peer::Pinned, pinned),
        (Peer::Boxed, boxed),
        (Peer::Dyn, dynamic),
        (Peer::AsyncStream, async_stream),
        (Peer::AsynkStrim, asynk_strim),
        (Peer::Unfold, unfold),
    ],
    bars: &[
        Bar::new(Peer::Pinned, 1.0, Peer::AsyncStream),
        Bar::new(Peer::Pinned, 1.0, Peer::AsynkStrim),
        Bar::new(Peer::Pinned, 1.0, Peer::Unfold),
    ],
    amount: Amount::Slices,
};

#[inline(never)]
fn pinned(n: u64) {
    let mut s = pin!(generator(|co: Co<'_, u64>| count_up!(co)).into_stream());
    polls!(s, n);
}

#[inline(never)]
fn boxed(n: u64) {
    let mut s = Box::pin(generator(|co: Co<'_, u64>| count_up!(co)).into_stream());
    polls!(s, n);
}

#[inline(never)]
fn dynamic(n: u64) {
    let g: BoxGen<'_, u64> = choose!(|co: Co<'_, u64>| count_up!(co));
    let mut s = pin!(g.into_stream());
    polls!(s, n);
}

#[inline(never)]
fn async_stream(n: u64) {
    let mut s = pin!(async_stream_up!());
    polls!(s, n);
}

#[inline(never)]
fn asynk_strim(n: u64) {
    let mut s = pin!(asynk_strim_up!());
    polls!(s, n);
}

#[inline(never)]
fn unfold(n: u64) {
    let mut s = pin!(unfold_up!());
    polls!(s, n);
}

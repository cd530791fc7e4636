//! What destructors, wakers and exceptions do; bodies and the main line do the same now and then.

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::Context;
use std::thread;

use super::mask::Mask;
use super::world::{self, Fut};
use super::{crew, machine, waker};

/// Runs `f` and catches its panic, if any.
pub fn quietly<T>(f: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(f)).ok()
}

pub fn in_destructor() {
    let often = world::with(|state| state.theme.destructors).unwrap_or(0);
    now_and_then(often);
}

pub fn in_waker() {
    world::with(|state| state.ledger.waking += 1);
    let _waking = Waking;
    now_and_then(3);
}

struct Waking;

impl Drop for Waking {
    fn drop(&mut self) {
        world::with(|state| state.ledger.waking -= 1);
    }
}

fn now_and_then(of: u32) {
    if of > 0 && !world::is_ending() && world::may(Mask::ACT) && world::chance(of) {
        let acting = Acting;
        act();
        std::mem::forget(acting);
    }
}

/// Notes a panic that leaves a destructor or a waker: when a panic leaves a destructor, the compiler forgets the value
/// that was about to be returned (rust-lang/rust#47949).
struct Acting;

impl Drop for Acting {
    fn drop(&mut self) {
        world::with(|state| {
            state.forgot = true;
            state.ledger.loose = true;
        });
    }
}

/// Runs when an exception is dropped: polls shared futures, some of which have been polled in scopes.
pub fn in_exception() {
    if world::is_ending() || !world::may(Mask::ACT) || world::chance(3) {
        return;
    }
    deeper(|| {
        for _ in 0..4 {
            poll_cell();
        }
    });
}

/// Counts one level of nesting, until dropped.
struct Depth;

impl Drop for Depth {
    fn drop(&mut self) {
        world::with(|state| state.depth -= 1);
    }
}

pub fn deeper(f: impl FnOnce()) {
    let most = if cfg!(miri) { 4 } else { 6 };
    let fits = world::with(|state| {
        let fits = state.depth < most;
        state.depth += u32::from(fits);
        fits
    });
    if fits != Some(true) {
        return;
    }
    let _depth = Depth;
    if world::spend() {
        f();
    }
}

/// Takes one random action on what the whole round shares, such as the bag.
pub fn act() {
    deeper(|| {
        if thread::panicking() {
            // Another panic would abort.
            let _done = quietly(one_act);
        } else {
            one_act();
        }
    });
}

fn one_act() {
    match world::below(12) {
        0..=2 => poll_from_bag(),
        3 => drop(world::take(|state| &mut state.bag)),
        4 => {
            if let Some(waker) = world::take(|state| &mut state.wakers) {
                waker.wake();
            }
        }
        5 | 6 => machine::drive_some(None),
        7 => make_by_hand(),
        8 => drop(world::take(|state| &mut state.machines)),
        9 => poll_cell(),
        10 => crew::anywhere(act),
        _ => explode(Mask::DROP_PANIC, 6),
    }
}

/// Panics once in `of` times.
pub fn explode(bit: u32, of: u32) {
    assert!(
        thread::panicking() || !world::may(bit) || !world::chance(of),
        "a panic of the attack"
    );
}

/// Polls a future with some waker, and catches its panic, if any.
pub fn poll_alone(mut future: Pin<&mut (dyn Future<Output = ()> + Send)>) {
    let waker = waker::any();
    let before = world::with(|state| {
        let alone = state.carriers > 0;
        std::mem::replace(&mut state.alone, alone)
    });
    quietly(|| {
        future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
    });
    world::with(|state| state.alone = before.unwrap_or(false));
}

pub fn keep(future: Fut) {
    drop(world::put(|state| &mut state.bag, future, 16));
}

fn poll_from_bag() {
    if let Some(mut future) = world::take(|state| &mut state.bag) {
        poll_alone(future.as_mut());
        if !world::chance(4) {
            keep(future);
        }
    }
}

fn poll_cell() {
    let cell = world::with(|state| {
        let random = state.below(1 << 16) as usize;
        let cells = &state.cells;
        (!cells.is_empty()).then(|| cells[random % cells.len()].clone())
    });
    if let Some(cell) = cell.flatten() {
        let mut cell: Fut = Box::pin(cell);
        poll_alone(cell.as_mut());
    }
}

fn make_by_hand() {
    let hand = world::with(|state| {
        let random = state.below(1 << 16) as usize;
        let hands = &state.hands;
        (!hands.is_empty()).then(|| hands[random % hands.len()].clone())
    });
    if let Some(hand) = hand.flatten() {
        let mut future = hand();
        poll_alone(future.as_mut());
        keep(future);
    }
}

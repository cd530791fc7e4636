//! Wakers that act, and wakers left behind by other parts of the round.

use std::sync::Arc;
use std::task::{Wake, Waker};

use super::super::common::ledger::Role;
use super::act;
use super::value::Val;
use super::world;

/// A waker whose every call may act.
struct Noisy(#[expect(dead_code, reason = "its end is what counts")] Val);

impl Wake for Noisy {
    fn wake(self: Arc<Self>) {
        act::in_waker();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        act::in_waker();
    }
}

/// Some waker.
#[must_use]
pub fn any() -> Waker {
    match world::below(4) {
        0 => Waker::noop().clone(),
        1 => Waker::from(Arc::new(Noisy(Val::new(Role::Local)))),
        _ => kept(),
    }
}

/// A waker that was kept earlier.
fn kept() -> Waker {
    // Cloning it runs foreign code, so it is taken out of the list for that.
    let Some(waker) = world::take(|state| &mut state.wakers) else {
        return Waker::noop().clone();
    };
    let clone = waker.clone();
    keep(waker);
    clone
}

pub fn keep(waker: Waker) {
    drop(world::put(|state| &mut state.wakers, waker, 10));
}

//! A random attack on the async API: tasks, groups that borrow, cancels, kept handles and wakers, half-run
//! futures that move between tasks, destructors that act, callbacks, promises, locks, queues, async generators.
//!
//! A *round* is one run on a virtual clock ([`round`]). Its tasks ([`body`]) do random things to what everybody
//! can reach ([`world`]), and so do destructors, clones, wakers and callbacks ([`act`]). What each value goes through is
//! in a ledger; who waits for what is known as well ([`watch`]), so that a wait that is over, but was never told,
//! is found when nothing happens any more. `../attack/common/settings.rs` tells how to make it longer.

#![allow(
    unreachable_pub,
    dead_code,
    reason = "modules that other attacks use, too"
)]

#[path = "../attack/common/mod.rs"]
mod common;

mod act;
mod body;
mod groups;
mod mode;
mod round;
mod value;
mod waits;
mod watch;
mod world;

use common::settings::{self, Rounds};

const ROUNDS: Rounds = Rounds {
    native: 1_500,
    miri: 6,
};

#[test]
fn aio() {
    common::quiet::quiet(world::is_here);
    settings::attack(
        "--features aio --test attack_aio",
        "aio",
        ROUNDS,
        round::round,
    );
}

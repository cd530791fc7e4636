//! A random attack on the async API: tasks, groups that borrow, cancels, handles and wakers that are kept, half-run
//! futures that move between tasks, destructors that act, callbacks, promises, locks, queues, async generators.
//!
//! A *round* is one run on a virtual clock ([`round`]). Its tasks ([`body`]) do random things to what the whole round
//! shares ([`world`]), and so do destructors, clones, wakers and callbacks ([`act`]). The ledger records what each
//! value goes through; [`watch`] records which waits are open, and finds those that should have ended but were never
//! woken once nothing else happens. `../attack/common/settings.rs` tells how to run longer attacks.

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

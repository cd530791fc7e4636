//! A random attack on pipelines: ends that are kept and then polled by sources, destructors, clones, wakers and other
//! stages; panics, raises and errors anywhere; parts on threads; pipelines that are dropped half way.
//!
//! A *round* ([`round`]) makes one pipeline of random stages ([`stage`]) and runs it in one of the possible ways. Every
//! value ([`value`]) knows whether it is whole, and is counted: none may be left over, none dropped twice. Rounds with
//! parts on threads may differ from run to run. `../attack/common/settings.rs` tells how to run longer attacks.

#![allow(
    unreachable_pub,
    dead_code,
    reason = "modules that other attacks use, too"
)]

#[path = "../attack/common/mod.rs"]
mod common;

mod round;
mod stage;
mod value;

use common::settings::{self, Rounds};

const ROUNDS: Rounds = Rounds {
    native: 1_500,
    miri: 10,
};

#[test]
fn pipeline() {
    common::quiet::quiet(value::is_running);
    settings::attack("--test attack_pipeline", "pipeline", ROUNDS, round::round);
}

//! Random attacks of bounded length. A round depends only on its seed; a failure prints the command that repeats it.
//! `common/settings.rs` tells how to run longer attacks.

#![allow(
    unreachable_pub,
    dead_code,
    reason = "modules that the fuzzer and other attacks use, too"
)]

mod common;
mod engine;

use common::choose::Source;
use common::settings::{self, Rounds};
use engine::mask::Mask;

const ROUNDS: Rounds = Rounds {
    native: 3_000,
    miri: 20,
};

#[test]
fn engine() {
    engine::quiet();
    let mask = Mask::from_env();
    let round = |seed| engine::round(Source::seed(seed), mask);
    settings::attack("--test attack", "engine", ROUNDS, round);
}

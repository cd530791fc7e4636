//! The attack on the engine from `tests/attack`, with decisions made by a fuzzer's bytes.

#![no_main]
#![allow(unreachable_pub, dead_code, reason = "modules that the tests use, too")]

#[path = "../../tests/attack/common/mod.rs"]
mod common;
#[path = "../../tests/attack/engine/mod.rs"]
mod engine;

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: engine::quiet(), |bytes: &[u8]| {
    let source = common::choose::Source::bytes(bytes);
    if let Err(hole) = engine::round(source, engine::mask::Mask::from_env()) {
        eprintln!("{hole}");
        std::process::abort();
    }
});

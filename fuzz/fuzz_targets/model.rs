//! The property test of `tests/model`, with a fuzzer's bytes instead of random numbers.

#![no_main]

#[path = "../../tests/model/harness.rs"]
mod harness;

use libfuzzer_sys::fuzz_target;

struct Bytes<'a>(std::slice::Iter<'a, u8>);

impl harness::Choose for Bytes<'_> {
    /// Always the first choice once the bytes are used up.
    fn below(&mut self, end: u32) -> u32 {
        self.0.next().map_or(0, |byte| u32::from(*byte)) % end
    }
}

fuzz_target!(|bytes: &[u8]| {
    harness::check(&mut Bytes(bytes.iter()));
});

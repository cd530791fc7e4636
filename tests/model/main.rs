//! Random operations on random bodies, compared with a naive model.
//!
//! `COGEN_SEED=N` begins with another seed than the usual one; `COGEN_STEPS=N` sets the number of operations, usually a
//! million. (`fuzz/` runs the same with a fuzzer.)

#![allow(unreachable_pub, reason = "a module that the fuzzer uses, too")]

mod harness;

use std::env;

use harness::Choose;

const SEED: u64 = 0x0C06_E11D;
const STEPS: u64 = if cfg!(miri) { 500 } else { 1_000_000 };

/// The generator xorshift64*.
struct Random(u64);

impl Choose for Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        u32::try_from((high * u64::from(end)) >> 32).expect("it is below `end`")
    }
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {value}")),
    )
}

#[test]
fn a_generator_does_what_the_model_does() {
    let seed = number("COGEN_SEED").unwrap_or(SEED);
    let steps = number("COGEN_STEPS").unwrap_or(STEPS);
    println!("COGEN_SEED={seed} COGEN_STEPS={steps}");
    let mut random = Random(seed | 1);
    let mut done = 0;
    while done < steps {
        done += u64::from(harness::check(&mut random));
    }
}

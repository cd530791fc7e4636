//! `send` of a hand-written struct.

use cogen_bench::{bodies::unknown, hand::Summer, loops::operations};
use std::hint::black_box;

fn main() {
    let mut summer = Summer::new(unknown());
    for k in 0..operations() {
        black_box(summer.send(k));
    }
}

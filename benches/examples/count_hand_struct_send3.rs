//! `send` of a hand-written struct with three states.

use cogen_bench::{bodies::unknown, hand::Summer3, loops::operations};
use std::hint::black_box;

fn main() {
    let mut summer = Summer3::new(unknown());
    for k in 0..operations() {
        black_box(summer.send(k));
    }
}

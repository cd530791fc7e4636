//! `next` of a hand-written iterator with three states.

use cogen_bench::{bodies::unknown, hand::Counter3, iterator_nexts, loops::operations};

fn main() {
    let mut counter = Counter3::new(unknown());
    iterator_nexts!(counter, operations());
}

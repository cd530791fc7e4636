//! `next` of a hand-written iterator.

use cogen_bench::{bodies::unknown, hand::Counter, iterator_nexts, loops::operations};

fn main() {
    let mut counter = Counter::new(unknown());
    iterator_nexts!(counter, operations());
}

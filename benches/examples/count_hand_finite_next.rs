//! `next` of a hand-written iterator that ends: the loop over it also checks for the end.

use cogen_bench::{bodies::unknown, iterator_nexts, loops::operations};

struct Counter {
    i: u64,
    end: u64,
}

impl Iterator for Counter {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let i = self.i;
        (i < self.end).then(|| {
            self.i += 1;
            i
        })
    }
}

fn main() {
    let mut counter = Counter {
        i: unknown(),
        end: operations(),
    };
    iterator_nexts!(counter, u64::MAX);
}

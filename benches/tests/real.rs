//! All ways of a work do the same.

use cogen_bench::real::{Input, WORKS};

#[test]
fn all_ways_of_a_work_do_what_is_written_by_hand() {
    for work in WORKS {
        for items in [9, 1000] {
            let input: &Input = Box::leak(Box::new((work.prepare)(items)));
            let hand = (work.ways[0].run)(input);
            assert!(hand.items > 0, "{}", work.name);
            for way in work.ways {
                assert_eq!((way.run)(input), hand, "{}: {}", work.name, way.name);
            }
        }
    }
}

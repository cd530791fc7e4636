//! All ways of a work do the same.

use cogen_bench::real::{By, Input, Kind, WORKS, Work};
use std::num::NonZero;

#[test]
fn all_ways_of_a_work_do_what_is_written_by_hand() {
    for work in WORKS {
        for items in [9, 100, 1000] {
            same(work, items, None);
        }
    }
}

#[test]
fn requests_may_be_split_anywhere() {
    let resp = WORKS.iter().find(|work| work.name == "resp");
    let resp = resp.expect("there is a Redis server");
    let whole = same(resp, 40, None);
    for longest in [1, 2, 3, 10, 10_000] {
        assert_eq!(same(resp, 40, NonZero::new(longest)), whole, "{longest}");
    }
    // And there is a reply to the malformed request.
    assert_eq!(whole.0, 41);
}

/// Does a work in all ways; gives the number of items, and their digest.
fn same(work: &Work, items: usize, longest: Option<NonZero<usize>>) -> (usize, u64) {
    let mut input = (work.prepare)(items);
    if let Some(longest) = longest {
        input = input.in_chunks_of(longest);
    }
    let input: &Input = Box::leak(Box::new(input));
    let hand = (work.ways[0].run)(input);
    assert!(hand.items > 0, "{}", work.name);
    for way in work.ways {
        assert_eq!((way.run)(input), hand, "{}: {}", work.name, way.name);
    }
    (hand.items, hand.digest)
}

#[test]
fn each_way_has_a_kind_and_each_kind_a_way() {
    let ways = || WORKS.iter().flat_map(|work| work.ways);
    for way in ways() {
        assert_eq!(way.kind().name, way.name);
    }
    let is_built = |kind: &&Kind| kind.name != "nightly" || cfg!(nightly_coroutines);
    for kind in Kind::ALL.iter().filter(is_built) {
        assert!(ways().any(|way| way.name == kind.name), "{}", kind.name);
    }
}

#[test]
fn the_first_way_is_the_one_by_hand() {
    for work in WORKS {
        let by_hand: Vec<_> = work
            .ways
            .iter()
            .map(|way| way.kind().by == By::Hand)
            .collect();
        assert!(by_hand[0], "{}", work.name);
        assert!(by_hand[1..].iter().all(|by_hand| !by_hand), "{}", work.name);
    }
}

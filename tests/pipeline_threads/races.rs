//! Wakes that must not be missed: a test that misses one hangs.

use cogen::pipeline::{Pipeline, filter, parallel, source};
use futures::StreamExt;
use futures::executor::block_on;

const ITEMS: i64 = if cfg!(miri) { 20 } else { 20_000 };

#[test]
fn items_of_which_nothing_comes_make_room_for_others() {
    for (threads, ahead, ordered) in [(1, 1, true), (1, 1, false), (2, 2, true), (2, 2, false)] {
        let pipeline = || {
            let last = || filter(|n: &i64| *n == ITEMS);
            let stage = parallel(threads, last).ahead(ahead);
            let stage = if ordered { stage } else { stage.unordered() };
            source(0..=ITEMS).pipe(stage)
        };
        assert_eq!(pipeline().collect::<Vec<_>>().unwrap(), [ITEMS]);
        let items = pipeline().into_stream().map(Result::unwrap);
        assert_eq!(block_on(items.collect::<Vec<_>>()), [ITEMS]);
    }
}

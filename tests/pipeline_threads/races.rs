//! Wakes that must not be missed: a test that misses one hangs.

use std::sync::{Arc, Mutex, mpsc};

use cogen::pipeline::{Pipeline, Sink, filter, flat_map, for_each, parallel, source};
use futures::StreamExt;
use futures::executor::block_on;

use crate::ROUNDS;

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

#[test]
fn what_has_been_given_makes_room_for_more_of_one_item() {
    const SMALL: i64 = 30;
    for _ in 0..ROUNDS.min(20) {
        let (permit, permitted) = mpsc::channel();
        let (made, is_made) = mpsc::channel();
        let permitted = Arc::new(Mutex::new(permitted));
        let stage = parallel(1, || {
            let (permitted, made) = (Arc::clone(&permitted), made.clone());
            flat_map(move |n: i64| {
                if n == 0 {
                    permitted.lock().unwrap().recv().unwrap();
                }
                let made = made.clone();
                let count = if n == SMALL { 12 } else { 1 };
                (0..count).inspect(move |at| {
                    if n == SMALL {
                        made.send(*at).unwrap();
                    }
                })
            })
        });
        let wait_for = |wanted: i64| while is_made.recv().unwrap() != wanted {};
        let mut push = stage.capacity(4).to(for_each(|_| ())).pushed();
        for n in 0..=SMALL {
            push.feed(n).unwrap();
        }
        permit.send(()).unwrap();
        // One more than there is room for.
        wait_for(4);
        // Gives all that there is, most of which came of other items.
        push.feed(SMALL + 1).unwrap();
        wait_for(8);
        push.finish().unwrap();
    }
}

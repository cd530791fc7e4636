//! Wakes that must not be missed: a test that misses one hangs.

use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;

use cogen::pipeline::{
    Awaits, LocalBoxSource, Pipeline, Sink, Source, filter, flat_map, for_each, parallel, source,
    streamed,
};
use futures::executor::block_on;
use futures::{StreamExt, stream};

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

/// A pipeline of its own on threads, which some stage runs.
fn looped() {
    let slowly = |_: &i64| thread::yield_now();
    assert_eq!(source(0..3).inspect(slowly).on_thread(1).iter().count(), 3);
}

fn collected() {
    let slowly = |_: &i64| thread::yield_now();
    let items = source(0..3).inspect(slowly).on_thread(1);
    assert_eq!(items.collect::<Vec<_>>().unwrap().len(), 3);
}

/// A source that has nothing each time after it has had an item, and in the end for ever.
fn halting(items: usize) -> impl Source<Item = i64> {
    let mut polls = 0;
    streamed(stream::poll_fn(move |_| {
        polls += 1;
        if polls % 2 == 1 && polls < 2 * items {
            return Poll::Ready(Some(0));
        }
        Poll::Pending
    }))
}

#[test]
fn a_pipeline_that_has_ended_is_not_waited_for() {
    let ends = |name: &str, awaits: LocalBoxSource<'static, i64>| {
        let mut merged = awaits.merge(source(0..5).on_thread(1));
        assert_eq!(merged.iter().count(), 5, "{name}");
        assert!(merged.outcome().unwrap_err().is::<Awaits>(), "{name}");
    };
    for (name, run) in [("looped", looped as fn()), ("collected", collected)] {
        let inner = halting(if cfg!(miri) { 8 } else { 30 }).filter(move |_| {
            run();
            false
        });
        ends(name, LocalBoxSource::new(inner));
    }
    let each_time = stream::poll_fn(|_| {
        collected();
        Poll::Pending
    });
    ends("each time", LocalBoxSource::new(streamed(each_time)));
}

#[test]
fn beside_it_a_quiet_source_is_waited_for() {
    for run in [looped, collected] {
        let (sender, receiver) = mpsc::channel();
        let busy = stream::poll_fn(move |_| {
            run();
            Poll::<Option<i64>>::Pending
        });
        let quiet = source(receiver).on_thread(1).map(|n| n);
        let mut merged = quiet.merge(streamed(busy));
        thread::scope(|scope| {
            scope.spawn(move || (0..3).for_each(|n| sender.send(n).unwrap()));
            assert!(merged.iter().take(3).eq(0..3));
        });
    }
}

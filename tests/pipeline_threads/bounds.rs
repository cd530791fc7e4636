//! How far one side may run ahead of the other. A side that waits, waits for a message: no test sleeps.

use std::sync::mpsc;
use std::thread;

use cogen::pipeline::{Pipeline, Sink, flat_map, for_each, input, map, parallel, source, threaded};

use crate::ROUNDS;
use crate::kit::Count;

/// Items, and a channel that reports each one when it is asked for.
fn telling() -> (impl Iterator<Item = usize> + Send, mpsc::Receiver<usize>) {
    let (sender, asked) = mpsc::channel();
    let items = (1..).inspect(move |n| {
        let _unheard = sender.send(*n);
    });
    (items, asked)
}

/// Waits until `wanted` items have been asked for, gives the threads a chance to ask for more, and checks that no more
/// than `most` have been.
fn wait_for(asked: &mpsc::Receiver<usize>, wanted: usize, most: usize) {
    let mut last = 0;
    while last < wanted {
        last = asked.recv().unwrap();
    }
    at_most(asked, last, most);
}

fn at_most(asked: &mpsc::Receiver<usize>, mut last: usize, most: usize) {
    for _ in 0..20 {
        thread::yield_now();
        last = asked.try_iter().last().unwrap_or(last);
        assert!(last <= most, "{last} of {most}");
    }
}

#[test]
fn nothing_starts_before_the_first_item_is_asked_for() {
    let asked = Count::default();
    let counting = || {
        let asked = asked.clone();
        source((1..).inspect(move |_| drop(asked.guard())))
    };
    drop(counting().on_thread(2));
    drop(counting().pipe(threaded(2, map(|n: usize| n))));
    drop(counting().pipe(parallel(2, || map(|n: usize| n))));
    let mut on_thread = counting().on_thread(2);
    cogen::pipeline::Source::close(&mut on_thread);
    assert_eq!(on_thread.iter().next(), None);
    assert_eq!(asked.get(), 0);
}

#[test]
fn a_source_on_a_thread_is_ahead_by_its_queue() {
    for capacity in [0, 1, 5] {
        let (items, asked) = telling();
        let mut pipeline = source(items).on_thread(capacity);
        for taken in 1..10 {
            assert_eq!(pipeline.iter().next(), Some(taken));
            // The queue is full, and the thread holds one more item.
            wait_for(&asked, taken + capacity + 1, taken + capacity + 1);
        }
    }
}

#[test]
fn a_stage_on_a_thread_is_ahead_by_its_queues() {
    for capacity in [1, 5] {
        let (items, asked) = telling();
        let mut pipeline = source(items).pipe(threaded(capacity, input::<usize>()));
        for taken in 1..10 {
            assert_eq!(pipeline.iter().next(), Some(taken));
            // A queue on each side, one item held by each thread, and one that a thread waited with.
            at_most(&asked, taken, taken + 2 * capacity + 3);
        }
    }
}

#[test]
fn stages_on_several_threads_are_ahead_by_as_much_as_was_said() {
    for (threads, ahead) in [(2, 2), (2, 7), (3, 5)] {
        let (items, asked) = telling();
        let mut pipeline = source(items).pipe(parallel(threads, || map(|n: usize| n)).ahead(ahead));
        for taken in 1..10 {
            assert_eq!(pipeline.iter().next(), Some(taken));
            at_most(&asked, taken, taken + ahead + threads);
        }
        // Unordered: `ahead` items wait to be worked on, and their results wait as well.
        let (items, asked) = telling();
        let stage = parallel(threads, || map(|n: usize| n))
            .unordered()
            .ahead(ahead)
            .capacity(1);
        let mut pipeline = source(items).pipe(stage);
        for taken in 1..10 {
            assert!(pipeline.iter().next().is_some());
            at_most(&asked, taken, taken + ahead + 3 * threads + 2);
        }
    }
}

#[test]
fn who_feeds_a_sink_on_a_thread_waits_while_the_queue_is_full() {
    for capacity in [0, 1, 5] {
        let (permits, permitted) = mpsc::channel::<()>();
        let (taken, seen) = (Count::default(), Count::default());
        let counts = (taken.clone(), seen.clone());
        let sink = for_each(move |_| {
            counts.0.add();
            permitted.recv().unwrap();
        });
        let most = Count::default();
        thread::scope(|scope| {
            let mut push = input::<usize>().to(sink).on_thread(capacity).pushed();
            let most = &most;
            let (fed, done) = mpsc::channel();
            scope.spawn(move || {
                for n in 1..=20 {
                    push.feed(n).unwrap();
                    let _unheard = fed.send(());
                }
                push.finish().unwrap();
            });
            for permitted in 0..20 {
                // The sink holds one item, and the queue has `capacity` of them.
                while seen.get() < (permitted + capacity).min(20) {
                    done.recv().unwrap();
                    seen.add();
                }
                for _ in 0..20 {
                    thread::yield_now();
                    while done.try_recv().is_ok() {
                        seen.add();
                    }
                }
                most.raise_to(seen.get() - permitted);
                permits.send(()).unwrap();
            }
        });
        assert!(most.get() <= capacity + 2, "{} of {capacity}", most.get());
        assert_eq!(taken.get(), 20);
    }
}

#[test]
fn what_came_of_one_item_waits_in_a_bounded_queue() {
    for _ in 0..ROUNDS.min(20) {
        let given = Count::default();
        let made = given.clone();
        let endless = parallel(2, move || {
            let given = made.clone();
            flat_map(move |_: i64| {
                let given = given.clone();
                (0_i64..).inspect(move |_| drop(given.guard()))
            })
        })
        .capacity(3);
        let mut pipeline = source(0..).pipe(endless);
        assert!(pipeline.iter().take(10).eq(0..10));
        for _ in 0..50 {
            thread::yield_now();
            // The caller has taken 10; each thread has 3 in its slot, 3 in the queue, and holds one more.
            assert!(given.get() <= 10 + 2 * (2 * 3 + 1) + 6, "{}", given.get());
        }
    }
}

#[test]
fn stages_work_at_the_same_time() {
    // Each stage waits for the other two: on one thread this would never end.
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(3));
    let meet = || {
        let barrier = std::sync::Arc::clone(&barrier);
        map(move |n: i64| {
            barrier.wait();
            n
        })
    };
    let seen = source(0..9).pipe(parallel(3, meet)).collect::<Vec<_>>();
    assert_eq!(seen.unwrap(), (0..9).collect::<Vec<_>>());
    let seen = source(0..9)
        .pipe(parallel(3, meet).unordered())
        .fold(0, |a, b| a + b);
    assert_eq!(seen.unwrap(), 36);
}

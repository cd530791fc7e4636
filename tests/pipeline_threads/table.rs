//! The results are those of the model, whichever part runs on which thread.

use cogen::pipeline::{Pipeline, map, parallel, parallel_in, source, threaded_in};

use crate::ROUNDS;
use crate::forms::drained;
use crate::kit::Random;
use crate::ops::{ALL, Op, model, pipe};
use crate::threads::{THREADS, Threads};

#[test]
fn every_stage_at_every_position_on_every_kind_of_thread() {
    let mut cases = 0_usize;
    for (index, &op) in ALL.iter().enumerate() {
        for (position, ops) in [
            [op, Op::Map, Op::Chunks(2)],
            [Op::FlatMap, op, Op::BodyFlushes],
            [Op::Body, Op::Map, op],
        ]
        .into_iter()
        .enumerate()
        {
            for length in [0, 9] {
                let items: Vec<_> = (1..=length).collect();
                for (form_index, &form) in THREADS.iter().enumerate() {
                    if cfg!(miri) && (index + position + form_index) % 13 != 0 {
                        continue;
                    }
                    cases += 1;
                    let seen = form.outputs(&items, pipe(&ops));
                    assert_eq!(
                        seen,
                        model(&ops, &items),
                        "{ops:?}, {length} items, {form:?}"
                    );
                }
            }
        }
    }
    println!("{cases} cases");
}

#[test]
fn random_pipelines_on_every_kind_of_thread() {
    let mut random = Random::from_env();
    for _ in 0..ROUNDS {
        let ops: Vec<_> = (0..=random.below(4))
            .map(|_| Op::random(&mut random))
            .collect();
        let items: Vec<_> = (0..30).collect();
        let form = THREADS[random.below(THREADS.len())];
        let seen = form.outputs(&items, pipe(&ops));
        assert_eq!(seen, model(&ops, &items), "{ops:?} {form:?}");
    }
}

#[test]
fn the_order_is_kept_on_several_threads() {
    for round in 0..ROUNDS {
        for &op in ALL.iter().filter(|op| op.is_stateless()) {
            if cfg!(miri) && op != Op::FlatMap {
                continue;
            }
            let threads = 2 + round % 3;
            let items: Vec<_> = (0..20).collect();
            let stage = parallel(threads, || op.boxed())
                .ahead(round % 12)
                .capacity(round % 4);
            let seen = drained(
                source(items.clone())
                    .pipe(Op::Map.boxed())
                    .pipe(stage)
                    .pipe(Op::Chunks(3).boxed()),
            );
            assert_eq!(
                seen,
                model(&[Op::Map, op, Op::Chunks(3)], &items),
                "{op:?} {threads}"
            );
        }
    }
}

#[test]
fn unordered_gives_the_same_items() {
    for round in 0..ROUNDS {
        for &op in ALL.iter().filter(|op| op.is_stateless()) {
            if cfg!(miri) && op != Op::FlatMap {
                continue;
            }
            let items: Vec<_> = (0..20).collect();
            let stage = parallel(2 + round % 3, || op.boxed())
                .unordered()
                .ahead(round % 12);
            let mut seen = drained(source(items.clone()).pipe(stage));
            let mut expected = op.model(&items);
            seen.sort_unstable();
            expected.sort_unstable();
            assert_eq!(seen, expected, "{op:?}");
        }
    }
}

#[test]
fn stages_with_state_flush_at_the_end_on_each_thread() {
    for _ in 0..ROUNDS {
        for ordered in [true, false] {
            let chunks = parallel(3, || cogen::pipeline::chunks::<i64>(4));
            let chunks = if ordered { chunks } else { chunks.unordered() };
            let seen = source(0..50).pipe(chunks).collect::<Vec<_>>().unwrap();
            let short = seen.iter().filter(|chunk| chunk.len() < 4).count();
            assert!(short <= 3, "at most one for each thread");
            assert!(seen.iter().all(|chunk| chunk.is_sorted()));
            if ordered {
                // The items that are flushed come last.
                let full = seen.iter().take_while(|chunk| chunk.len() == 4).count();
                assert!(seen[full..].len() <= 3);
            }
            let mut items: Vec<_> = seen.concat();
            items.sort_unstable();
            assert!(items.into_iter().eq(0..50));
        }
    }
}

#[test]
fn threads_of_a_scope_borrow() {
    let words = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    for _ in 0..ROUNDS {
        let seen = std::thread::scope(|scope| {
            let numbers = map(|word: &String| (word, words.iter().position(|other| other == word)));
            let upper = parallel_in(scope, 2, || {
                map(|(word, n): (&String, Option<usize>)| {
                    format!("{word}{}{}", n.unwrap(), words.len())
                })
            });
            source(&words)
                .on_thread_in(scope, 1)
                .pipe(threaded_in(scope, 1, numbers))
                .pipe(upper)
                .run(cogen::pipeline::Sink::on_thread_in(
                    cogen::pipeline::collect::<Vec<_>, _>(),
                    scope,
                    1,
                ))
        });
        assert_eq!(seen.unwrap(), ["a03", "b13", "c23"]);
    }
}

#[test]
fn what_is_not_send_stays_with_the_caller() {
    use std::rc::Rc;
    let kept = Rc::new(1);
    let items = source(1..=5).map(|n| n + *kept);
    let below = Rc::clone(&kept);
    let seen = items
        .pipe(cogen::pipeline::threaded(2, map(|n| n * 10)))
        .map(|n| n + *below);
    assert_eq!(drained(seen), [21, 31, 41, 51, 61]);
}

#[test]
fn threads_in_threads() {
    for _ in 0..ROUNDS {
        let inner = || parallel(2, || map(|n: i64| n + 1));
        let outer = parallel(2, || cogen::pipeline::input::<i64>().pipe(inner()));
        // A worker gives results as they come, so only the order of the items that it took is kept.
        let seen = source(0..20)
            .on_thread(2)
            .pipe(cogen::pipeline::threaded(1, inner()))
            .on_thread(0);
        assert_eq!(drained(seen), (1..21).collect::<Vec<_>>());
        let mut seen = drained(source(0..20).pipe(outer));
        seen.sort_unstable();
        assert_eq!(seen, (1..21).collect::<Vec<_>>());
    }
}

#[test]
fn every_form_ends_when_the_caller_wants_no_more() {
    for _ in 0..ROUNDS {
        for form in [
            Threads::Threaded(0),
            Threads::Threaded(3),
            Threads::OnThread(0),
            Threads::OnThread(3),
            Threads::One,
        ] {
            let seen = form.outputs(
                &(0..500).collect::<Vec<_>>(),
                pipe(&[Op::Body, Op::Take(3)]),
            );
            assert_eq!(seen, [0, 0, 1], "{form:?}");
        }
    }
}

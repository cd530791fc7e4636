//! Coroutines and several sinks at the end of a pipeline; generators and several sources at its
//! beginning.

use cogen::pipeline::{
    FeedError, LocalBoxSink, NoOutput, Pipeline, Sink, broadcast, collect, coroutine,
    coroutine_with, fold, for_each, generated, map, source, take,
};
use cogen::{CloseError, Co, Exception, Frame, Generator, GeneratorExit, Step, generator};

use crate::kit::{Counts, Log, oops};
use crate::lazy::witness;
use crate::support::Oops;

/// Sums the numbers that it is sent; returns the sum at a 0, or when closed.
fn summing() -> Frame<'static, (), i64, impl Future<Output = i64> + Send> {
    generator(|co: Co<'_, (), i64>| async move {
        let mut sum = 0;
        loop {
            match co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
                Ok(0) | Err(_) => return sum,
                Ok(n) => sum += n,
            }
        }
    })
}

/// What a generator returns, as the output of a sink.
fn total<G: Generator<Resume = i64> + Unpin>(
    generator: G,
) -> impl Sink<In = i64, Output = Option<G::Return>> {
    coroutine_with(generator, Ok::<_, Exception>)
}

#[test]
fn a_coroutine_is_started_if_it_is_new() {
    assert_eq!(
        source([1, 2, 3]).run(total(summing().boxed())).unwrap(),
        Some(6)
    );
    let mut primed = summing().boxed();
    assert_eq!(primed.start().unwrap(), Step::Yielded(()));
    primed.send(10).unwrap();
    assert_eq!(source([1, 2, 3]).run(total(primed)).unwrap(), Some(16));
    assert_eq!(source([]).run(total(summing().boxed())).unwrap(), Some(0));
}

#[test]
fn a_coroutine_in_place() {
    let summing = std::pin::pin!(summing());
    assert_eq!(source([1, 2]).run(total(summing)).unwrap(), Some(3));
}

#[test]
fn a_coroutine_that_returns_early_wants_no_more() {
    let counts = Counts::default();
    let output = source(counts.of([4, 0, 5].into_iter())).run(total(summing().boxed()));
    assert_eq!(output.unwrap(), Some(4));
    assert_eq!(counts.polls.get(), 2);

    let mut push = total(summing().boxed()).pushed();
    push.feed(4).unwrap();
    push.feed(0).unwrap();
    assert!(push.is_ended());
    assert_eq!(push.feed(5).unwrap_err().into_item(), Some(5));
    assert_eq!(push.finish().unwrap(), Some(4));
}

#[test]
fn a_coroutine_that_never_yields_takes_nothing() {
    let counts = Counts::default();
    let at_once = generator(|_: Co<'_, (), i64>| async move { "at once" });
    let output = source(counts.of(1..)).run(coroutine_with(at_once.boxed(), Ok::<_, Exception>));
    assert_eq!(output.unwrap(), Some("at once"));
    assert_eq!(counts.polls.get(), 0);
    assert!(counts.is_dropped());
}

#[test]
fn a_coroutine_that_lets_itself_be_closed_has_no_output() {
    let log = Log::new();
    let seen = log.clone();
    let endless = generator(move |co: Co<'_, (), i64>| async move {
        let listening = async {
            loop {
                seen.add(co.yield_(()).await);
            }
        };
        co.finally(listening, async { seen.add(-1) }).await;
    });
    let output: Option<()> = source([1, 2]).run(coroutine(endless.boxed())).unwrap();
    assert_eq!(output, None);
    assert_eq!(log.take(), [1, 2, -1]);
}

#[test]
fn a_coroutine_that_fails_while_it_is_closed_is_an_error() {
    let raises = generator(|co: Co<'_, (), i64>| async move {
        loop {
            if co.try_yield(()).await.is_err() {
                match co.raise(Oops(4)).await {}
            }
        }
    });
    let error = source([1])
        .run::<cogen::pipeline::Coroutine<cogen::BoxGen<'_, (), i64, ()>>>(coroutine(
            raises.boxed(),
        ))
        .unwrap_err();
    assert_eq!(oops(error.exception()), 4);

    let ignores = generator(|co: Co<'_, (), i64>| async move {
        let _exit = co.try_yield(()).await;
        co.yield_(()).await;
    });
    let error = source([]).run(coroutine(ignores.boxed())).unwrap_err();
    assert!(error.exception().is::<CloseError<()>>(), "{error}");
}

/// Fails at a negative number: when it comes, or only at the end.
fn checking(
    at_the_end: bool,
) -> Frame<'static, (), i64, impl Future<Output = Result<(), Oops>> + Send> {
    generator(move |co: Co<'_, (), i64>| async move {
        let mut failed = Ok(());
        while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
            if n < 0 {
                failed = Err(Oops(4));
                if !at_the_end {
                    failed?;
                    failed = Ok(());
                }
            }
        }
        failed
    })
}

#[test]
fn an_error_that_a_coroutine_returns_is_the_runs() {
    for at_the_end in [false, true] {
        for items in [vec![-1], vec![1, -1], vec![-1, 1]] {
            let sink = || coroutine(checking(at_the_end).boxed());
            let error = source(items.clone()).run(sink()).unwrap_err();
            assert_eq!(oops(error.exception()), 4, "{at_the_end} {items:?}");
            assert!(error.into_output().is_none());

            let error = source(items.clone())
                .run(map(|n| n).to(sink()))
                .unwrap_err();
            assert_eq!(oops(error.exception()), 4, "{at_the_end} {items:?}");

            let sinks = broadcast((sink(), collect::<Vec<_>, _>(), sink()));
            let error = source(items.clone()).run(sinks).unwrap_err();
            assert_eq!(oops(error.exception()), 4, "{at_the_end} {items:?}");

            let sink: LocalBoxSink<'_, i64, _> = LocalBoxSink::new(sink());
            assert!(
                source(items.clone()).run(sink).is_err(),
                "{at_the_end} {items:?}"
            );
        }
        let fine = source([1, 2]).run(coroutine(checking(at_the_end).boxed()));
        assert_eq!(fine.unwrap(), Some(()));
    }
}

#[test]
fn an_error_that_a_coroutine_returns_is_seen_by_the_one_who_feeds() {
    let mut push = coroutine(checking(false).boxed()).pushed();
    push.feed(1).unwrap();
    assert!(matches!(push.feed(-1), Err(FeedError::Raised(error)) if oops(&error) == 4));
    assert!(push.is_ended());
    assert!(matches!(push.feed(2), Err(FeedError::Ended(2))));
    assert!(push.finish().unwrap_err().exception().is::<NoOutput>());

    let mut push = coroutine(checking(true).boxed()).pushed();
    push.feed(-1).unwrap();
    assert_eq!(oops(push.finish().unwrap_err().exception()), 4);
}

#[test]
fn what_a_coroutine_returns_may_be_refused() {
    let even = |sum| if sum % 2 == 0 { Ok(sum) } else { Err(Oops(4)) };
    let run = |items: &'static [i64]| {
        let sink = coroutine_with(summing().boxed(), even);
        source(items.iter().copied()).run(sink)
    };
    assert_eq!(run(&[1, 3]).unwrap(), Some(4));
    for odd in [run(&[1, 2]), run(&[1, 2, 0, 7])] {
        assert_eq!(oops(odd.unwrap_err().exception()), 4);
    }
}

#[test]
fn a_dropped_push_closes_its_coroutine() {
    let log = Log::new();
    let seen = log.clone();
    let endless = generator(move |co: Co<'_, (), i64>| async move {
        co.finally(co.yield_(()), async { seen.add("closed") })
            .await;
    });
    let mut push = coroutine(endless.closing_in_a_box()).pushed();
    push.feed(1).unwrap();
    drop(push);
    // The first coroutine had ended by then; the new one, which was fed nothing, was never started.
    assert_eq!(log.take(), ["closed"]);
}

trait ClosingInABox: Sized {
    fn closing_in_a_box(self) -> cogen::Closing<std::pin::Pin<Box<Self>>>
    where
        Self: Generator,
    {
        Box::pin(self).closing()
    }
}

impl<G: Generator> ClosingInABox for G {}

#[test]
fn generated_may_be_primed_and_over() {
    let numbers = || {
        generator(|co: Co<'_, i64>| async move {
            for n in 1..=3 {
                co.yield_(n).await;
            }
        })
    };
    let mut primed = numbers().boxed();
    primed.next().unwrap();
    assert_eq!(generated(&mut primed).collect::<Vec<_>>().unwrap(), [2, 3]);
    assert_eq!(generated(&mut primed).collect::<Vec<_>>().unwrap(), []);
    let pinned = std::pin::pin!(numbers());
    assert_eq!(
        generated(pinned).take(2).collect::<Vec<_>>().unwrap(),
        [1, 2]
    );
}

#[test]
fn generated_that_ignores_the_close_is_an_error() {
    let stubborn = generator(|co: Co<'_, i64>| async move {
        for _ in 0..9 {
            let _exit = co.try_yield(1).await;
        }
    });
    let error = generated(Box::pin(stubborn))
        .take(1)
        .collect::<Vec<_>>()
        .unwrap_err();
    assert!(error.exception().is::<CloseError<()>>(), "{error}");
    assert_eq!(error.into_output().unwrap(), [1]);
}

#[test]
fn generated_whose_clean_up_raises_tells_the_very_exception() {
    let sloppy = generator(|co: Co<'_, i64>| async move {
        if co.try_yield(1).await.is_err() {
            match co.raise(Oops(6)).await {}
        }
    });
    let error = generated(sloppy.boxed())
        .take(1)
        .collect::<Vec<_>>()
        .unwrap_err();
    assert_eq!(oops(error.exception()), 6);
}

#[test]
fn merge_and_zip_of_uneven_lengths() {
    for a in 0..4 {
        for b in 0..4 {
            let (first, second) = (0..a, 100..100 + b);
            let merged = source(first.clone()).merge(source(second.clone()));
            let mut expected = Vec::new();
            for n in 0..a.max(b) {
                expected.extend((n < a).then_some(n));
                expected.extend((n < b).then_some(100 + n));
            }
            assert_eq!(merged.collect::<Vec<_>>().unwrap(), expected, "{a} and {b}");
            let zipped = source(first.clone()).zip(source(second.clone()));
            let expected: Vec<_> = first.zip(second).collect();
            assert_eq!(zipped.collect::<Vec<_>>().unwrap(), expected, "{a} and {b}");
        }
    }
}

#[test]
fn broadcast_gives_each_sink_each_item() {
    let sum = || fold(0, |a, b: i64| a + b);
    let run = || source(1..=3);
    assert_eq!(run().run(broadcast((sum(), sum()))).unwrap(), (6, 6));
    assert_eq!(
        run().run(broadcast((sum(), sum(), sum()))).unwrap(),
        (6, 6, 6)
    );
    assert_eq!(
        run().run(broadcast((sum(), sum(), sum(), sum()))).unwrap(),
        (6, 6, 6, 6)
    );
    assert_eq!(
        run()
            .run(broadcast((sum(), sum(), sum(), sum(), sum())))
            .unwrap(),
        (6, 6, 6, 6, 6)
    );
    let six = broadcast((sum(), sum(), sum(), sum(), sum(), collect::<Vec<_>, _>()));
    assert_eq!(run().run(six).unwrap(), (6, 6, 6, 6, 6, vec![1, 2, 3]));
    assert_eq!(run().run(broadcast(vec![sum(), sum()])).unwrap(), [6, 6]);
    assert_eq!(source([]).run(broadcast(vec![sum()])).unwrap(), [0]);
}

#[test]
fn broadcast_goes_on_while_one_sink_wants_more() {
    let counts = Counts::default();
    let log = Log::new();
    let sinks = broadcast(vec![
        LocalBoxSink::new(take(1).to(collect::<Vec<i64>, _>())),
        LocalBoxSink::new(witness("second", &log).pipe(take(3)).to(collect())),
        LocalBoxSink::new(take(0).to(collect())),
    ]);
    let output = source(counts.of(1..)).run(sinks).unwrap();
    assert_eq!(output, [vec![1], vec![1, 2, 3], vec![]]);
    assert_eq!(counts.polls.get(), 3);
    assert!(counts.is_dropped());
    assert_eq!(log.take(), ["second: generator exit"]);
}

#[test]
fn broadcast_lets_each_sink_flush_at_the_end() {
    let chunks = |n| cogen::pipeline::chunks(n).to(collect::<Vec<_>, _>());
    let output = source(1..=3)
        .run(broadcast((chunks(2), chunks(9), for_each(|_| ()))))
        .unwrap();
    assert_eq!(output, (vec![vec![1, 2], vec![3]], vec![vec![1, 2, 3]], ()));
}

//! An error goes up by `throw`, and down as the end of the pipeline; no item emitted before is lost.

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;
use std::panic;

use cogen::pipeline::{
    BoxSink, BoxStage, Ends, FeedError, Interrupted, LocalBoxSource, NoOutput, Pipeline, Sink,
    Source, broadcast, collect, coroutine, for_each, generated, input, sink, source, stage, tee,
    try_map,
};
use cogen::{Co, Exception, Generator, generator};

use crate::kit::{Counts, Log, oops};
use crate::lazy::witness;
use crate::support::Oops;

/// How a stage fails at its third item.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    TryMap,
    Raises,
    Returns,
    RaisesAtTheEnd,
    Tee,
    TeeAtTheEnd,
    Pipe,
}

pub(crate) const FAULTS: &[Fault] = &[
    Fault::TryMap,
    Fault::Raises,
    Fault::Returns,
    Fault::Tee,
    Fault::Pipe,
];

pub(crate) fn third(n: i64) -> Result<i64, Oops> {
    if n == 3 { Err(Oops(3)) } else { Ok(n) }
}

impl Fault {
    pub(crate) fn stage(self) -> BoxStage<'static, i64, i64> {
        match self {
            Self::TryMap => BoxStage::new(try_map(third)),
            Self::Raises => BoxStage::new(stage(|io: Ends<'static, i64, i64>| async move {
                while let Some(n) = io.recv().await {
                    match third(n) {
                        Ok(n) => io.emit(n).await,
                        Err(error) => match io.raise(error).await {},
                    }
                }
            })),
            Self::Returns => BoxStage::new(stage(|io: Ends<'static, i64, i64>| async move {
                while let Some(n) = io.recv().await {
                    io.emit(third(n)?).await;
                }
                Ok::<_, Oops>(())
            })),
            Self::RaisesAtTheEnd => {
                BoxStage::new(stage(|io: Ends<'static, i64, i64>| async move {
                    while let Some(n) = io.recv().await {
                        io.emit(n).await;
                    }
                    Err::<(), _>(Oops(3))
                }))
            }
            Self::Tee => BoxStage::new(tee(try_map(third).to(for_each(|_| ())))),
            Self::TeeAtTheEnd => {
                BoxStage::new(tee(Self::RaisesAtTheEnd.stage().to(for_each(|_| ()))))
            }
            Self::Pipe => BoxStage::new(input().pipe(Self::Raises.stage()).map(|n| n)),
        }
    }
}

/// Passes items on, and gives -1 at the end.
pub(crate) fn flusher() -> BoxStage<'static, i64, i64> {
    BoxStage::new(stage(|io: Ends<'static, i64, i64>| async move {
        while let Some(n) = io.recv().await {
            io.emit(n).await;
        }
        io.emit(-1).await;
    }))
}

/// Three stages: the failing one, with witnesses above and flushers below it.
pub(crate) fn three(
    fault: Fault,
    position: usize,
    log: &Log<String>,
) -> BoxStage<'static, i64, i64> {
    let mut pipe = BoxStage::new(input());
    for at in 0..3 {
        let stage = match at {
            _ if at < position => witness(["first", "second"][at], log),
            _ if at > position => flusher(),
            _ => fault.stage(),
        };
        pipe = BoxStage::new(pipe.pipe(stage));
    }
    pipe
}

/// The items from before the failure, and those that the stages below flush.
fn given(position: usize) -> Vec<i64> {
    [&[1, 2][..], &[-1, -1][position..]].concat()
}

fn seen_above(position: usize) -> Vec<String> {
    let names = ["first", "second"][..position].iter().rev();
    names.map(|name| format!("{name}: oops 3")).collect()
}

/// Runs `check` with each fault at each position.
fn for_each_fault(check: impl Fn(BoxStage<'static, i64, i64>, &[i64])) {
    for &fault in FAULTS {
        for position in 0..3 {
            println!("{fault:?} at {position}");
            let log = Log::new();
            check(three(fault, position, &log), &given(position));
            assert_eq!(log.take(), seen_above(position), "above, from below");
        }
    }
}

#[test]
fn an_iterator_gives_what_came_before_and_outcome_tells_the_error_once() {
    for_each_fault(|stage, given| {
        let counts = Counts::default();
        let mut pipeline = source(counts.of(1..)).pipe(stage);
        assert_eq!(pipeline.iter().collect::<Vec<_>>(), given);
        assert!(counts.is_dropped(), "the source is closed");
        assert_eq!(counts.polls.get(), 3);
        assert_eq!(pipeline.iter().next(), None);
        assert_eq!(oops(&pipeline.outcome().unwrap_err()), 3);
        pipeline.outcome().unwrap();
        assert_eq!(pipeline.iter().next(), None);
    });
}

#[test]
fn results_end_with_the_error() {
    for_each_fault(|stage, given| {
        let mut results = source(1..).pipe(stage).results();
        for n in given {
            assert_eq!(results.next().unwrap().unwrap(), *n);
        }
        assert_eq!(oops(&results.next().unwrap().unwrap_err()), 3);
        assert!(results.next().is_none());
        assert!(results.next().is_none());
    });
}

#[test]
fn a_run_that_is_interrupted_has_the_output_of_what_came_before() {
    for_each_fault(|stage, given| {
        let error = source(1..)
            .pipe(stage)
            .run(collect::<Vec<_>, _>())
            .unwrap_err();
        assert_eq!(error.to_string(), "pipeline interrupted: oops 3");
        assert_eq!(oops(error.exception()), 3);
        assert_eq!(error.into_output().unwrap(), given);
    });
    for_each_fault(|stage, given| {
        let error = source(1..)
            .run(stage.to(collect::<Vec<_>, _>()))
            .unwrap_err();
        let (exception, output) = error.into_parts();
        assert_eq!((oops(&exception), &output.unwrap()[..]), (3, given));
    });
}

#[test]
fn a_for_loop_by_value_panics_at_the_end_with_the_message() {
    for_each_fault(|stage, given| {
        let mut seen = Vec::new();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in source(1..).pipe(stage) {
                seen.push(n);
            }
        }));
        assert_eq!(seen, given);
        let message = panic.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(*message, "a stage failed: oops 3");
    });
}

#[test]
fn feed_raises_and_finish_gives_the_output_of_what_came_before() {
    for_each_fault(|stage, given| {
        let mut push = stage.to(collect::<Vec<_>, _>()).pushed();
        push.feed(1).unwrap();
        push.feed(2).unwrap();
        assert!(!push.is_ended());
        let FeedError::Raised(exception) = push.feed(3).unwrap_err() else {
            panic!("the item was taken")
        };
        assert_eq!(oops(&exception), 3);
        assert!(push.is_ended());
        assert_eq!(push.feed(4).unwrap_err().into_item(), Some(4));
        assert_eq!(push.finish().unwrap(), given);
    });
}

#[test]
fn an_error_at_the_end_comes_after_everything() {
    for fault in [Fault::RaisesAtTheEnd, Fault::TeeAtTheEnd] {
        for position in 0..3 {
            let log = Log::new();
            let pipeline = source(1..4).pipe(three(fault, position, &log));
            let error = pipeline.run(collect::<Vec<_>, _>()).unwrap_err();
            assert_eq!(oops(error.exception()), 3, "{fault:?} at {position}");
            let expected = [&[1, 2, 3][..], &[-1, -1][position..]].concat();
            assert_eq!(
                error.into_output().unwrap(),
                expected,
                "{fault:?} at {position}"
            );
            let ends: Vec<_> = ["first: end", "second: end"][..position].to_vec();
            assert_eq!(log.take(), ends, "the stages above had ended before");

            let mut push = three(fault, position, &log)
                .to(collect::<Vec<_>, _>())
                .pushed();
            push.feed(1).unwrap();
            let error = push.finish().unwrap_err();
            assert_eq!(oops(error.exception()), 3, "{fault:?} at {position}");
            assert_eq!(error.into_output().unwrap()[0], 1);
        }
    }
}

/// Sinks that fail at the third item.
fn failing_sinks() -> Vec<(&'static str, BoxSink<'static, i64, ()>)> {
    vec![
        (
            "a body that raises",
            BoxSink::new(sink(|io: Ends<'static, i64>| async move {
                while let Some(n) = io.recv().await {
                    if let Err(error) = third(n) {
                        match io.raise(error).await {}
                    }
                }
            })),
        ),
        ("broadcast", {
            let fails = sink(|io: Ends<'static, i64>| async move {
                while let Some(n) = io.recv().await {
                    if let Err(error) = third(n) {
                        match io.raise(error).await {}
                    }
                }
            });
            let both = broadcast((for_each(|_| ()), fails));
            BoxSink::new(Unit(both))
        }),
        ("a coroutine", {
            let raises = generator(|co: Co<'_, (), i64>| async move {
                loop {
                    let n = co.yield_(()).await;
                    if let Err(error) = third(n) {
                        match co.raise(error).await {}
                    }
                }
            });
            BoxSink::new(Unit(coroutine(raises.boxed())))
        }),
    ]
}

/// A sink whose output is dropped.
struct Unit<K>(K);

impl<K: Sink> Sink for Unit<K> {
    type In = K::In;
    type Output = ();

    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut std::task::Context<'_>>,
    ) -> std::task::Poll<Option<()>>
    where
        U: Source<Item = K::In> + ?Sized,
    {
        self.0.poll_drain(above, cx).map(|output| output.map(drop))
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.0.take_error()
    }
}

#[test]
fn the_stages_above_a_sink_that_raises_see_it() {
    for (name, sink) in failing_sinks() {
        let (counts, log) = (Counts::default(), Log::new());
        let pipeline = source(counts.of(1..)).pipe(witness("above", &log));
        let error = pipeline.run(sink).unwrap_err();
        assert_eq!(oops(error.exception()), 3, "{name}");
        assert!(error.into_output().is_none(), "{name}: the sink failed");
        assert_eq!(log.take(), ["above: oops 3"], "{name}");
        assert!(counts.is_dropped(), "{name}");
    }
    for (name, sink) in failing_sinks() {
        let log = Log::new();
        let mut push = witness("above", &log).to(sink).pushed();
        push.feed(1).unwrap();
        push.feed(2).unwrap();
        assert!(
            matches!(push.feed(3), Err(FeedError::Raised(error)) if oops(&error) == 3),
            "{name}"
        );
        assert_eq!(log.take(), ["above: oops 3"], "{name}");
        let error = push.finish().unwrap_err();
        assert!(error.exception().is::<NoOutput>(), "{name}: {error}");
    }
}

/// Catches an error from below, and returns.
pub(crate) fn swallower(log: &Log<i32>) -> BoxStage<'static, i64, i64> {
    let log = log.clone();
    BoxStage::new(stage(move |io: Ends<'static, i64, i64>| async move {
        while let Some(n) = io.recv().await {
            if let Err(exception) = io.catch(io.emit(n)).await {
                log.add(oops(&exception));
                break;
            }
        }
    }))
}

#[test]
fn a_stage_above_may_swallow_the_error_of_a_stage() {
    for &fault in FAULTS {
        let (counts, seen, log) = (Counts::default(), Log::new(), Log::new());
        let pipeline = source(counts.of(1..))
            .pipe(witness("above", &log))
            .pipe(swallower(&seen))
            .pipe(fault.stage())
            .pipe(flusher());
        assert_eq!(
            pipeline.collect::<Vec<_>>().unwrap(),
            [1, 2, -1],
            "{fault:?}"
        );
        assert_eq!(seen.take(), [3], "the sink's own exception");
        assert_eq!(log.take(), ["above: generator exit"], "the rest is closed");
        assert!(counts.is_dropped());
    }
}

#[test]
fn a_stage_above_that_swallows_the_error_of_the_sink_leaves_no_output() {
    for (name, sink) in failing_sinks() {
        let seen = Log::new();
        let error = source(1..).pipe(swallower(&seen)).run(sink).unwrap_err();
        assert!(error.exception().is::<NoOutput>(), "{name}: {error}");
        assert_eq!(seen.take(), [3], "{name}");
    }
}

#[test]
fn a_stage_above_that_catches_and_goes_on_is_closed() {
    let log = Log::new();
    let seen = log.clone();
    let stubborn = stage(move |io: Ends<'static, i64, i64>| async move {
        loop {
            let Some(n) = io.recv().await else { break };
            if let Err(exception) = io.catch(io.emit(n)).await {
                seen.add(exception.to_string());
                let closed = io.catch(io.emit(100)).await.unwrap_err();
                seen.add(closed.to_string());
                io.raise(closed).await;
            }
        }
    });
    let pipeline = source(1..).pipe(stubborn).pipe(Fault::TryMap.stage());
    assert_eq!(pipeline.collect::<Vec<_>>().unwrap(), [1, 2]);
    assert_eq!(log.take(), ["oops 3", "generator exit"]);
}

#[test]
fn a_stage_above_may_raise_another_error() {
    let other = stage(|io: Ends<'static, i64, i64>| async move {
        while let Some(n) = io.recv().await {
            if let Err(exception) = io.catch(io.emit(n)).await {
                io.raise(Oops(10 + oops(&exception))).await;
            }
        }
    });
    let log = Log::new();
    let pipeline = source(1..)
        .pipe(witness("above", &log))
        .pipe(other)
        .pipe(Fault::Raises.stage());
    let error = pipeline.collect::<Vec<_>>().unwrap_err();
    assert_eq!(oops(error.exception()), 13);
    assert_eq!(log.take(), ["above: oops 13"]);
}

#[test]
fn a_generator_sees_the_error_at_its_yield() {
    fn numbers(
        swallow: bool,
        log: &Log<i32>,
    ) -> impl Generator<Yield = i64, Resume = (), Return = ()> + Unpin {
        let log = log.clone();
        generator(move |co: Co<'_, i64>| async move {
            for n in 1.. {
                if let Err(exception) = co.try_yield(n).await {
                    log.add(oops(&exception));
                    if swallow {
                        break;
                    }
                    co.raise(exception).await;
                }
            }
        })
        .boxed()
    }
    let log = Log::new();
    let error = generated(numbers(false, &log))
        .try_map(third)
        .collect::<Vec<_>>()
        .unwrap_err();
    assert_eq!((oops(error.exception()), log.take()), (3, vec![3]));
    let seen: Vec<_> = generated(numbers(true, &log))
        .try_map(third)
        .collect()
        .unwrap();
    assert_eq!((seen, log.take()), (vec![1, 2], vec![3]));
}

#[test]
fn a_generator_may_fail_by_raising_and_by_returning() {
    let raises = generator(|co: Co<'_, i64>| async move {
        co.yield_(1).await;
        match co.raise(Oops(3)).await {}
    });
    let returns = generator(|co: Co<'_, i64>| async move {
        co.yield_(1).await;
        Err::<(), _>(Oops(3))
    });
    for pipeline in [
        LocalBoxSource::new(generated(raises.boxed_local::<'static>())),
        LocalBoxSource::new(generated(returns.boxed_local())),
    ] {
        let error = pipeline.pipe(flusher()).collect::<Vec<_>>().unwrap_err();
        assert_eq!(oops(error.exception()), 3);
        assert_eq!(error.into_output().unwrap(), [1, -1]);
    }
}

/// Whoever prints an error and its sources prints each once.
#[test]
fn an_interrupted_run_says_its_reason_once() {
    let run = source(["1", "x"]).try_map(str::parse::<u32>).collect();
    let interrupted: Interrupted<Vec<u32>> = run.unwrap_err();
    assert_eq!(
        interrupted.to_string(),
        "pipeline interrupted: invalid digit found in string"
    );
    assert!(interrupted.source().is_none());
    assert_eq!(interrupted.output(), Some(&vec![1]));
    let why = Exception::from(interrupted);
    assert!(why.is::<ParseIntError>());
}

/// A sink beside the pipeline that fails, and fails once more when it sees the end.
#[test]
fn a_tee_loses_no_error_of_its_sink() {
    let ends_badly = sink(|io: Ends<'static, i32>| async move {
        while io.recv().await.is_some() {}
        io.raise(Oops(2)).await
    });
    let side = tee(ends_badly)
        .pipe(try_map(|n| if n == 3 { Err(Oops(1)) } else { Ok(n) }))
        .to(collect::<Vec<_>, _>());
    let interrupted = source(1..9).tee(side).collect::<Vec<_>>().unwrap_err();
    assert_eq!(oops(interrupted.exception()), 1);
    let others: Vec<_> = interrupted.others().iter().map(oops).collect();
    assert_eq!(others, [2]);
    assert_eq!(interrupted.output(), Some(&vec![1, 2]));
}

/// The panic of a loop is that of the loop, and aborts nothing.
#[test]
fn an_error_that_cannot_be_printed_ends_a_loop_by_a_panic() {
    #[derive(Debug)]
    struct Hostile;
    impl fmt::Display for Hostile {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("its text")
        }
    }
    impl Error for Hostile {}
    let looped = panic::catch_unwind(
        || {
            for _ in source(0..3).try_map(|_| Err::<i32, _>(Hostile)) {}
        },
    );
    let message = looped.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(*message, "a stage failed: ");
}

//! One round: a pipeline, and a way to run it.

use std::future::Future;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};
use std::thread;

use cogen::pipeline::{self, Ends, Pipeline, Sink, Source};
use futures::Stream;

use super::stage::{exception, pause, stage};
use super::value::{self, ALIVE, BROKEN, Noisy, Val, act, below, chance, explode};

fn quietly(f: impl FnOnce()) {
    let _done = catch_unwind(AssertUnwindSafe(f));
}

/// A source of a few values.
pub fn source() -> impl Source<Item = Val> + Send {
    let mut left = below(6);
    pipeline::source(iter::from_fn(move || {
        if chance(3) {
            act();
        }
        left = left.checked_sub(1)?;
        Some(Val::new())
    }))
}

/// Runs one round, and gives its hole, if any.
pub fn round(seed: u64) -> Result<(), String> {
    value::begin(seed);
    let ways: [fn(); 11] = [
        three_stages,
        streamed,
        run_async,
        pushed,
        on_thread,
        threaded,
        parallel,
        borrowed,
        broadcast,
        sink_on_thread,
        merged,
    ];
    let way = below(11) as usize;
    quietly(ways[way]);
    value::end();
    let left = ALIVE.swap(0, SeqCst);
    if BROKEN.swap(false, SeqCst) {
        return Err(format!("a value was used after its end, in way {way}"));
    }
    if left == 0 {
        Ok(())
    } else {
        Err(format!("{left} values were never dropped, in way {way}"))
    }
}

fn three_stages() {
    let run = source().pipe(stage(false)).pipe(stage(false));
    drop(run.pipe(stage(false)).run(pipeline::collect::<Vec<_>, _>()));
}

fn noisy() -> Waker {
    Waker::from(Arc::new(Noisy))
}

fn streamed() {
    let mut stream = source().pipe(stage(true)).pipe(stage(true)).into_stream();
    let waker = noisy();
    for _ in 0..below(12) {
        quietly(|| {
            let _polled = Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker));
        });
    }
}

fn run_async() {
    let sink = pipeline::sink(|io: Ends<'static, Val>| async move {
        while let Some(value) = io.recv().await {
            value.check();
            pause().await;
            act();
        }
        5
    });
    let mut run = Box::pin(source().pipe(stage(true)).run_async(sink));
    for _ in 0..20 {
        let waker = noisy();
        let mut cx = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(&mut cx).is_ready()));
        if polled.is_ok_and(|ready| ready) {
            break;
        }
    }
}

fn pushed() {
    let count = pipeline::fold(0, |n, value: Val| {
        value.check();
        act();
        n + 1
    });
    let mut pushed = Pipeline::to(stage(false), count).pushed();
    for _ in 0..below(5) {
        quietly(|| drop(pushed.feed(Val::new())));
    }
    if chance(2) {
        quietly(|| drop(pushed.finish()));
    }
}

/// Takes a few items from a pipeline.
fn take<S: Source<Item = Val>>(pipeline: &mut S, most: u32) {
    for _ in 0..below(most) {
        match pipeline.iter().next() {
            Some(value) => value.check(),
            None => break,
        }
    }
}

// The threads belong to a scope, which joins them, so that all they hold is dropped by then.

fn on_thread() {
    thread::scope(|scope| {
        let above = source().pipe(stage(false));
        let mut all = above
            .on_thread_in(scope, below(3) as usize)
            .pipe(stage(false));
        take(&mut all, 5);
        if chance(3) {
            all.throw(exception());
        }
    });
}

fn threaded() {
    thread::scope(|scope| {
        let mut all = source()
            .pipe(pipeline::threaded_in(scope, 1, stage(false)))
            .pipe(stage(false));
        take(&mut all, 6);
        if chance(3) {
            all.close();
        }
    });
}

fn parallel() {
    thread::scope(|scope| {
        let workers = pipeline::parallel_in(scope, 1 + below(3) as usize, || stage(false));
        let workers = if chance(2) {
            workers.unordered()
        } else {
            workers
        };
        let mut all = source().pipe(stage(false)).pipe(workers);
        take(&mut all, 7);
        if chance(3) {
            all.throw(exception());
        }
    });
}

/// Parts that run on threads and borrow.
fn borrowed() {
    let local = [Val::new(), Val::new(), Val::new()];
    thread::scope(|scope| {
        quietly(|| {
            let look = pipeline::map(|value: &Val| {
                value.check();
                explode(6);
                value
            });
            let mut all = pipeline::source(local.iter())
                .on_thread_in(scope, below(2) as usize)
                .pipe(pipeline::threaded_in(scope, 1, look));
            for _ in 0..below(5) {
                all.iter().next().into_iter().for_each(Val::check);
            }
        });
    });
    local.iter().for_each(Val::check);
}

fn broadcast() {
    let count = pipeline::fold(0, |n, _: Val| n + 1);
    let both = (
        pipeline::collect::<Vec<_>, Val>(),
        Pipeline::to(stage(false), count),
    );
    drop(source().pipe(stage(false)).run(pipeline::broadcast(both)));
}

fn sink_on_thread() {
    thread::scope(|scope| {
        let below_there = Pipeline::to(stage(false), pipeline::collect::<Vec<_>, Val>());
        let there = below_there.on_thread_in(scope, 1 + below(2) as usize);
        drop(source().pipe(stage(false)).run(there));
    });
}

fn merged() {
    let look = || {
        pipeline::map(|value: Val| {
            value.check();
            value
        })
    };
    thread::scope(|scope| {
        let merged = source().merge(source().pipe(stage(false)));
        let all = merged.tee(pipeline::fold(0, |n, _: Val| n + 1));
        let workers = pipeline::parallel_in(scope, 2, look);
        drop(all.pipe(workers).run(pipeline::collect::<Vec<_>, _>()));
    });
}

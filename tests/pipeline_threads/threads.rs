//! The ways of running a pipeline that use threads.

use cogen::pipeline::{Pipeline, Sink as _, Stage, collect, parallel, source, threaded};

use crate::forms::{drained, pushed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    Threaded(usize),
    OnThread(usize),
    SinkOnThread(usize),
    SinkOnThreadPushed(usize),
    ThreadedPushed(usize),
    One,
}

pub(crate) const THREADS: &[Threads] = &[
    Threads::Threaded(0),
    Threads::Threaded(1),
    Threads::Threaded(7),
    Threads::OnThread(0),
    Threads::OnThread(1),
    Threads::OnThread(7),
    Threads::SinkOnThread(0),
    Threads::SinkOnThread(7),
    Threads::SinkOnThreadPushed(1),
    Threads::ThreadedPushed(2),
    Threads::One,
];

impl Threads {
    pub(crate) fn outputs<S>(self, items: &[i64], stage: S) -> Vec<i64>
    where
        S: Stage<In = i64, Item = i64> + Send + 'static,
    {
        let items = source(items.to_vec());
        match self {
            Self::Threaded(capacity) => drained(items.pipe(threaded(capacity, stage))),
            Self::OnThread(capacity) => drained(items.pipe(stage).on_thread(capacity)),
            Self::SinkOnThread(capacity) => {
                items.run(stage.to(collect()).on_thread(capacity)).unwrap()
            }
            Self::SinkOnThreadPushed(capacity) => {
                pushed(items, stage.to(collect()).on_thread(capacity))
            }
            Self::ThreadedPushed(capacity) => {
                pushed(items, threaded(capacity, stage).to(collect()))
            }
            Self::One => {
                let mut stage = Some(stage);
                drained(items.pipe(parallel(1, move || stage.take().unwrap())))
            }
        }
    }
}

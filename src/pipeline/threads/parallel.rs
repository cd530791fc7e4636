mod crew;
mod order;
mod stock;
mod worker;

use std::panic;
use std::task::{Context, Poll, ready};
use std::thread::Scope;

use self::crew::{Crew, Found, Limits};
use super::spawn::Spawner;
use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select::Select;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// A stage on `threads` threads: `make` makes a stage for each. Each item goes to a stage that has
/// nothing to do; the results are given in the order of the items, unless
/// [`unordered`](Parallel::unordered) is called.
///
/// Items are taken [ahead](Parallel::ahead) of what is given. They change threads one by one where each is waited for, and
/// many at a time where they pile up; that costs 0.1 to 0.3 µs an item, so it pays for work that takes longer than that.
/// [`chunks`](Pipeline::chunks) in front makes work of items that take less. At the end each stage sees the end, and what the stages
/// give then comes last. If a stage fails, the results of earlier items are given first; the other stages are closed.
/// If a stage panics, the caller gets the panic at the same point. If a stage ends, the others go on; when all have
/// ended, no more items are wanted. An error of a stage below goes past the stages (which are closed) to what is
/// above. What is above stays on the caller's thread: its panic reaches the caller at once, and what the workers have
/// by then is given if the caller goes on.
///
/// What a stage gives has the place of the last item that it has taken. So the order is kept for stages that give all that
/// comes of an item before they take the next, which a stage on threads of its own does not: put `parallel` and
/// [`threaded`](super::threaded()) behind each other, and not into each other. (An inner one would also hold what it has
/// until its next item comes, or the end.)
///
/// The stages and their items must be `'static`; [`parallel_in`] uses the threads of a scope
/// instead.
///
/// Dropping it, or ending early, waits for the items that are being worked on.
///
/// # Panics
///
/// If `threads` is 0; or, when the pipeline runs, if a thread cannot be started.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, map, parallel, source};
///
/// let squares = source(1..=5).pipe(parallel(2, || map(|n| n * n)));
/// assert_eq!(squares.collect::<Vec<_>>()?, [1, 4, 9, 16, 25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn parallel<S>(threads: usize, make: impl FnMut() -> S) -> Parallel<'static, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'static,
{
    Parallel::new(threads, make, Spawner::program())
}

/// [`parallel`] on the threads of a scope: stages and items may borrow what outlives the scope.
///
/// # Panics
///
/// As [`parallel`].
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, filter, parallel_in, source};
///
/// let stop = ["a", "of", "the"];
/// let words = std::thread::scope(|scope| {
///     let useful = parallel_in(scope, 2, || filter(|word: &&str| !stop.contains(word)));
///     source("the art of a pipe".split(' ')).pipe(useful).collect::<Vec<_>>()
/// })?;
/// assert_eq!(words, ["art", "pipe"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn parallel_in<'a, S>(
    scope: &'a Scope<'a, '_>,
    threads: usize,
    make: impl FnMut() -> S,
) -> Parallel<'a, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'a,
{
    Parallel::new(threads, make, Spawner::scope(scope))
}

/// A stage on a thread of its own, [ahead](Parallel::ahead) by twice `capacity` items: as many that wait for the
/// stage as results that wait to be taken. It is [`parallel`] on one thread.
///
/// What is above and below stays on the thread that runs the pipeline. Where that is not needed,
/// [`Pipeline::on_thread`] and [`Sink::on_thread`](crate::pipeline::Sink::on_thread) are faster: there each item
/// changes threads only once.
///
/// # Panics
///
/// When the pipeline runs, if the thread cannot be started.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, input, source, threaded};
///
/// let lengths = input::<&str>().filter(|line| !line.is_empty()).map(str::len);
/// let lengths = source(["ab", "", "c"]).pipe(threaded(16, lengths));
/// assert_eq!(lengths.collect::<Vec<_>>()?, [2, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn threaded<S>(capacity: usize, stage: S) -> Parallel<'static, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'static,
{
    one(capacity, stage, Spawner::program())
}

/// [`threaded`] on a thread of a scope.
pub fn threaded_in<'a, S>(scope: &'a Scope<'a, '_>, capacity: usize, stage: S) -> Parallel<'a, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'a,
{
    one(capacity, stage, Spawner::scope(scope))
}

fn one<S: Stage>(capacity: usize, stage: S, spawner: Spawner<'_>) -> Parallel<'_, S> {
    let mut stage = Some(stage);
    let make = || match stage.take() {
        Some(stage) => stage,
        None => unreachable!("one thread, one stage"),
    };
    Parallel::new(1, make, spawner)
        .ahead(capacity.saturating_mul(2))
        .capacity(capacity)
}

/// How many items may be open for each thread: enough for a hand-over of tiny items to cost little.
const AHEAD: usize = 128;

/// A stage on several threads: see [`parallel`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Parallel<'a, S: Stage> {
    limits: Limits,
    state: ParallelPhase<'a, S>,
    errors: Errors,
    select: Select,
}

enum ParallelPhase<'a, S: Stage> {
    Idle {
        stages: Vec<S>,
        spawner: Spawner<'a>,
    },
    Running(Box<Crew<'a, S::In, S::Item>>),
    Over,
}

impl<'a, S: Stage> Parallel<'a, S> {
    #[track_caller]
    fn new(threads: usize, mut make: impl FnMut() -> S, spawner: Spawner<'a>) -> Self {
        assert!(threads > 0, "a parallel stage needs at least one thread");
        Self {
            limits: Limits {
                capacity: 16,
                ahead: threads.saturating_mul(AHEAD),
                ordered: true,
            },
            state: ParallelPhase::Idle {
                stages: (0..threads).map(|_| make()).collect(),
                spawner,
            },
            errors: Errors::default(),
            select: Select::default(),
        }
    }

    /// Gives results as soon as they are there, in any order.
    pub fn unordered(mut self) -> Self {
        self.limits.ordered = false;
        self
    }

    /// Sets how many items may be open: taken from above, and what came of them not given yet. 128 for each thread,
    /// unless this is called; at least one for each thread.
    ///
    /// Results are given as soon as they are there (in order, if the order is kept); items are taken while there are none.
    /// So this is how far the source gets ahead while the first item is in work, and how many items and results are in memory
    /// at most. The more there are, the more change threads at a time, and the less each costs; make it small where
    /// items are large, or where the source must not run ahead.
    pub fn ahead(mut self, items: usize) -> Self {
        self.limits.ahead = items;
        self
    }

    /// Sets how many results of one item may wait to be taken: 16, unless this is called. A stage that gives more
    /// waits. At least one.
    pub fn capacity(mut self, items: usize) -> Self {
        self.limits.capacity = items.max(1);
        self
    }
}

impl<'a, S> Parallel<'a, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'a,
    S::In: 'a,
    S::Item: 'a,
{
    #[cold]
    fn start(&mut self) {
        if let ParallelPhase::Idle { stages, spawner } =
            std::mem::replace(&mut self.state, ParallelPhase::Over)
        {
            let crew = Crew::start(stages, &spawner, self.limits);
            self.state = ParallelPhase::Running(Box::new(crew));
        }
    }

    /// Stops the workers, for good.
    fn stop(&mut self) {
        if let ParallelPhase::Running(crew) =
            std::mem::replace(&mut self.state, ParallelPhase::Over)
        {
            self.errors = crew.stop();
        }
    }
}

impl<S: Stage> Pipeline for Parallel<'_, S> {
    type Item = S::Item;
}

impl<'a, S> Stage for Parallel<'a, S>
where
    S: Stage<In: Send, Item: Send> + Send + 'a,
    S::In: 'a,
    S::Item: 'a,
{
    type In = S::In;

    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<S::Item>>
    where
        U: Source<Item = S::In> + ?Sized,
    {
        if let ParallelPhase::Idle { .. } = self.state {
            self.start();
        }
        let ParallelPhase::Running(crew) = &mut self.state else {
            return Poll::Ready(None);
        };
        match ready!(self.select.poll(cx, |cx| crew.poll(above, cx))) {
            Found::Item(item) => return Poll::Ready(Some(item)),
            Found::Over => {
                self.stop();
                above.close();
            }
            Found::Failed(exception) => {
                self.stop();
                above.throw(exception);
            }
            Found::Panicked(payload) => {
                self.stop();
                above.close();
                panic::resume_unwind(payload);
            }
        }
        Poll::Ready(None)
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = S::In> + ?Sized,
    {
        self.stop();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = S::In> + ?Sized,
    {
        self.stop();
        above.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}

debug!(impl[S: Stage] self: Parallel<'_, S> { limits: self.limits, .. });

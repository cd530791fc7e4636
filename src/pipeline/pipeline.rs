use std::future::Future;
#[cfg(feature = "threads")]
use std::thread::Scope;

use super::body::{self, Body};
use super::ends::Ends;
use super::errors::Interrupted;
use super::into_stream::IntoStream;
use super::pipe::Pipe;
use super::pull::{Iter, Results, drain};
use super::push::outcome;
use super::run_async::RunAsync;
use super::sink::Sink;
use super::sinks::{self, Collect, Fold, ForEach};
use super::source::Source;
use super::sources::{self, Merge, Zip};
use super::stage::Stage;
use super::stages::{
    self, Batch, Chunks, Enumerate, Filter, FilterMap, FlatMap, Inspect, Map, Skip, Take,
    TakeWhile, Tee, TryMap,
};
#[cfg(feature = "threads")]
use super::threads::OnThread;
use crate::frame::{Exception, IntoException};
use crate::generator::Outcome;

/// Something that items come out of: a [`Source`], or a [`Stage`] that has no source yet. The
/// methods put a pipeline together, and run it.
///
/// The methods that put a stage behind it (`map`, `filter`, …) are short for
/// [`pipe`](Self::pipe) with the stage of the same name; in them the compiler knows the type of the
/// items.
pub trait Pipeline {
    /// What comes out.
    type Item;

    /// Puts `stage` behind it. A pipe of stages is a stage; a source with stages behind it is a source.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, map, skip, source};
    ///
    /// let tail = skip(1).pipe(map(str::len));
    /// let mut lengths = Vec::new();
    /// for length in source(["a", "bc", "def"]).pipe(tail) {
    ///     lengths.push(length);
    /// }
    /// assert_eq!(lengths, [2, 3]);
    /// ```
    fn pipe<S>(self, stage: S) -> Pipe<Self, S>
    where
        Self: Sized,
        S: Stage<In = Self::Item>,
    {
        Pipe::new(self, stage)
    }

    /// Puts a sink behind a stage: together they are a sink.
    fn to<K>(self, sink: K) -> Pipe<Self, K>
    where
        Self: Stage + Sized,
        K: Sink<In = Self::Item>,
    {
        Pipe::new(self, sink)
    }

    /// Puts a stage of straight-line code behind it: see [`stage`](super::stage()).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, source};
    ///
    /// let text = ["I love iterators", "I love coroutine instead!"];
    /// let grep = source(text).stage(|io| async move {
    ///     while let Some(line) = io.recv().await {
    ///         if line.contains("coroutine") {
    ///             io.emit(line).await;
    ///         }
    ///     }
    /// });
    /// for line in grep {
    ///     assert_eq!(line, "I love coroutine instead!");
    /// }
    /// ```
    fn stage<'g, Out, F>(
        self,
        body: impl FnOnce(Ends<'g, Self::Item, Out>) -> F,
    ) -> Pipe<Self, Body<'g, Self::Item, Out, F>>
    where
        Self: Sized,
        F: Future<Output: Outcome>,
    {
        self.pipe(body::stage(body))
    }

    /// See [`map`](super::map()).
    fn map<T, F>(self, f: F) -> Pipe<Self, Map<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> T,
    {
        self.pipe(stages::map(f))
    }

    /// See [`try_map`](super::try_map()).
    fn try_map<T, E, F>(self, f: F) -> Pipe<Self, TryMap<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> Result<T, E>,
        E: IntoException,
    {
        self.pipe(stages::try_map(f))
    }

    /// See [`filter`](super::filter()).
    fn filter<F>(self, keep: F) -> Pipe<Self, Filter<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Item) -> bool,
    {
        self.pipe(stages::filter(keep))
    }

    /// See [`filter_map`](super::filter_map()).
    fn filter_map<T, F>(self, f: F) -> Pipe<Self, FilterMap<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> Option<T>,
    {
        self.pipe(stages::filter_map(f))
    }

    /// See [`flat_map`](super::flat_map()).
    fn flat_map<I, F>(self, f: F) -> Pipe<Self, FlatMap<Self::Item, I, F>>
    where
        Self: Sized,
        F: FnMut(Self::Item) -> I,
        I: IntoIterator,
    {
        self.pipe(stages::flat_map(f))
    }

    /// See [`take`](super::take()).
    fn take(self, n: usize) -> Pipe<Self, Take<Self::Item>>
    where
        Self: Sized,
    {
        self.pipe(stages::take(n))
    }

    /// See [`take_while`](super::take_while()).
    fn take_while<F>(self, keep: F) -> Pipe<Self, TakeWhile<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Item) -> bool,
    {
        self.pipe(stages::take_while(keep))
    }

    /// See [`skip`](super::skip()).
    fn skip(self, n: usize) -> Pipe<Self, Skip<Self::Item>>
    where
        Self: Sized,
    {
        self.pipe(stages::skip(n))
    }

    /// See [`enumerate`](super::enumerate()).
    fn enumerate(self) -> Pipe<Self, Enumerate<Self::Item>>
    where
        Self: Sized,
    {
        self.pipe(stages::enumerate())
    }

    /// See [`inspect`](super::inspect()).
    fn inspect<F>(self, f: F) -> Pipe<Self, Inspect<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Item),
    {
        self.pipe(stages::inspect(f))
    }

    /// See [`chunks`](super::chunks()).
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[track_caller]
    fn chunks(self, size: usize) -> Pipe<Self, Chunks<Self::Item>>
    where
        Self: Sized,
    {
        self.pipe(stages::chunks(size))
    }

    /// See [`batch`](super::batch()).
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[track_caller]
    fn batch(self, limit: usize) -> Pipe<Self, Batch<Self::Item>>
    where
        Self: Sized,
    {
        self.pipe(stages::batch(limit))
    }

    /// See [`tee`](super::tee()).
    fn tee<K>(self, sink: K) -> Pipe<Self, Tee<K>>
    where
        Self: Sized,
        Self::Item: Clone,
        K: Sink<In = Self::Item>,
    {
        self.pipe(stages::tee(sink))
    }

    /// See [`merge`](super::merge()).
    fn merge<U>(self, other: U) -> Merge<Self, U>
    where
        Self: Source + Sized,
        U: Source<Item = Self::Item>,
    {
        sources::merge(self, other)
    }

    /// See [`zip`](super::zip()).
    fn zip<U>(self, other: U) -> Zip<Self, U>
    where
        Self: Source + Sized,
        U: Source,
    {
        sources::zip(self, other)
    }

    /// Runs everything up to here on a thread of its own, which runs ahead by `capacity` items.
    ///
    /// The order is kept. An error comes out as if it had occurred on this thread; a panic goes to the caller. An
    /// error of a stage below is thrown into the source on its thread, when the source gives its next item: the run waits
    /// for that. The thread ends when either side ends. (A `capacity` of 0 makes each side wait for the other.)
    ///
    /// # Dropping
    ///
    /// Dropping the pipeline, or ending early, does not wait for a source that waits itself (for a channel, a socket,
    /// standard input): its thread is left to end by itself, and closes the source when that gives its next item. (A scope
    /// waits for its threads, as ever.) What the source raises then is told by
    /// [`outcome`](Self::outcome), if the thread has ended by the time that is asked, or else by the hook for
    /// lost errors ([`set_unraisable_hook`](crate::set_unraisable_hook)); a panic, by the panic hook.
    ///
    /// # Panics
    ///
    /// When the pipeline runs, if a thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, source};
    ///
    /// let numbers = source(["1", "2", "3"]).try_map(str::parse::<u32>).on_thread(16);
    /// assert_eq!(numbers.fold(0, |sum, n| sum + n)?, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "threads")]
    fn on_thread(self, capacity: usize) -> OnThread<'static, Self>
    where
        Self: Source<Item: Send> + Sized + Send + 'static,
    {
        OnThread::program(self, capacity)
    }

    /// [`on_thread`](Self::on_thread) on a thread of a scope.
    #[cfg(feature = "threads")]
    fn on_thread_in<'a>(self, scope: &'a Scope<'a, '_>, capacity: usize) -> OnThread<'a, Self>
    where
        Self: Source<Item: Send> + Sized + Send + 'a,
    {
        OnThread::scope(scope, self, capacity)
    }

    /// Runs the source into `sink`, and returns the output of the sink.
    ///
    /// # Errors
    ///
    /// A stage or the sink failed. The error holds the output for what came before.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, collect, source};
    /// use std::num::ParseIntError;
    ///
    /// let parse = |word: &str| word.parse::<u32>();
    /// assert_eq!(source(["1", "2"]).try_map(parse).run(collect::<Vec<_>, _>())?, [1, 2]);
    ///
    /// let error = source(["1", "two", "3"]).try_map(parse).run(collect::<Vec<_>, _>()).unwrap_err();
    /// assert!(error.exception().is::<ParseIntError>());
    /// assert_eq!(error.into_output().unwrap(), [1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn run<K>(mut self, mut sink: K) -> Result<K::Output, Interrupted<K::Output>>
    where
        Self: Source + Sized,
        K: Sink<In = Self::Item>,
    {
        let output = drain(&mut self, &mut sink);
        outcome(|| self.take_error().or_else(|| sink.take_error()), output)
    }

    /// [`run`](Self::run), where bodies and streams may await.
    ///
    /// Equivalent to: `async fn run_async<K>(self, sink: K) -> Result<K::Output, Interrupted<K::Output>>`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the pipeline and the sink, with what the sink made of the items so far; bodies are
    /// closed, and do not flush. (In a `select!` in a loop, make one future and poll that by reference.) With
    /// [`into_stream`](Self::into_stream) nothing is lost between items.
    ///
    /// # Panics
    ///
    /// If a stage or the sink panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Ends, Pipeline, sink, source};
    /// use std::time::Duration;
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    /// # runtime.block_on(async {
    /// let writer = sink(|io: Ends<'_, String>| async move {
    ///     let mut written = String::new();
    ///     while let Some(line) = io.recv().await {
    ///         tokio::time::sleep(Duration::from_millis(5)).await; // a slow disk
    ///         written += &line;
    ///     }
    ///     written
    /// });
    /// let written = source(1..=3).map(|n| format!("{n};")).run_async(writer).await?;
    /// assert_eq!(written, "1;2;3;");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn run_async<K>(self, sink: K) -> RunAsync<Self, K>
    where
        Self: Source + Sized,
        K: Sink<In = Self::Item>,
    {
        RunAsync::new(self, sink)
    }

    /// Runs the source into a collection: see [`collect`](super::collect()).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn collect<C>(self) -> Result<C, Interrupted<C>>
    where
        Self: Source + Sized,
        Collect<C, Self::Item>: Sink<In = Self::Item, Output = C>,
        C: Default + Extend<Self::Item>,
    {
        self.run(sinks::collect())
    }

    /// Runs the source, and folds the items into one value: see [`fold`](super::fold()).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn fold<T, F>(self, first: T, f: F) -> Result<T, Interrupted<T>>
    where
        Self: Source + Sized,
        Fold<Self::Item, T, F>: Sink<In = Self::Item, Output = T>,
        F: FnMut(T, Self::Item) -> T,
    {
        self.run(sinks::fold(first, f))
    }

    /// Runs the source, and calls `f` with each item: see [`for_each`](super::for_each()).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    fn for_each<F>(self, f: F) -> Result<(), Interrupted<()>>
    where
        Self: Source + Sized,
        ForEach<Self::Item, F>: Sink<In = Self::Item, Output = ()>,
        F: FnMut(Self::Item),
    {
        self.run(sinks::for_each(f))
    }

    /// An iterator over what comes out. Afterwards, [`outcome`](Self::outcome) tells how the
    /// pipeline ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, source};
    ///
    /// let mut numbers = source(["1", "2", "x"]).try_map(str::parse::<u32>);
    /// assert_eq!(numbers.iter().sum::<u32>(), 3);
    /// assert!(numbers.outcome().is_err());
    /// ```
    fn iter(&mut self) -> Iter<'_, Self>
    where
        Self: Source + Sized,
    {
        Iter::new(self)
    }

    /// An iterator over what comes out, with the error, if there is one, as the last item.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, source};
    ///
    /// let numbers = source(["1", "x", "3"]).try_map(str::parse::<u32>);
    /// let seen: Vec<_> = numbers.results().map(|n| n.ok()).collect();
    /// assert_eq!(seen, [Some(1), None]);
    /// ```
    fn results(self) -> Results<Self>
    where
        Self: Source + Sized,
    {
        Results::new(self)
    }

    /// What comes out, as a stream, with the error, if there is one, as the last item: [`results`](Self::results),
    /// where bodies and streams may await.
    ///
    /// A pipeline that is lent, `(&mut pipeline).into_stream()`, is still there afterwards.
    ///
    /// # Cancellation
    ///
    /// Dropping a `next()` of the stream loses nothing: the next one goes on. Dropping the stream drops the pipeline:
    /// bodies are closed, and do not flush.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, streamed};
    /// use futures::{TryStreamExt, executor::block_on, stream};
    ///
    /// let words = stream::iter(["a", "b", "c"]);
    /// let mut pairs = streamed(words)
    ///     .stage(|io| async move {
    ///         while let Some(first) = io.recv().await {
    ///             let second = io.recv().await.unwrap_or("-");
    ///             io.emit(format!("{first}{second}")).await;
    ///         }
    ///     })
    ///     .into_stream();
    /// # block_on(async {
    /// while let Some(pair) = pairs.try_next().await? {
    ///     assert!(pair == "ab" || pair == "c-");
    /// }
    /// # Ok::<(), cogen::Exception>(()) })?;
    /// # Ok::<(), cogen::Exception>(())
    /// ```
    fn into_stream(self) -> IntoStream<Self>
    where
        Self: Source + Sized,
    {
        IntoStream::new(self)
    }

    /// How the pipeline ended, after an iterator: the first error, once.
    ///
    /// # Errors
    ///
    /// The error that a stage failed with.
    fn outcome(&mut self) -> Result<(), Exception>
    where
        Self: Source + Sized,
    {
        self.take_error().map_or(Ok(()), Err)
    }
}

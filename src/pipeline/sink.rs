use std::task::{Context, Poll};
#[cfg(feature = "threads")]
use std::thread::Scope;

use super::push::Push;
use super::source::Source;
#[cfg(feature = "threads")]
use super::threads::SinkOnThread;
use crate::frame::Exception;

/// The end of a pipeline: it takes items and gives one output.
///
/// [`Pipeline::run`](super::Pipeline::run) runs a source into it; [`pushed`](Self::pushed) makes it
/// something to feed.
pub trait Sink {
    /// What it takes.
    type In;
    /// What it gives at the end.
    type Output;

    /// Takes what `above` has. Ready at its end, or when the sink wants no more (it then
    /// [closes](Source::close) `above`); `Pending` if `above` is.
    ///
    /// `None`: the sink failed, and has [thrown](Source::throw) its error up. `cx` is that of
    /// [`Source::poll_next`].
    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Self::Output>>
    where
        U: Source<Item = Self::In> + ?Sized;

    /// An error that this sink could not throw, as it came after the end.
    fn take_error(&mut self) -> Option<Exception> {
        None
    }

    /// Runs the sink on a thread of its own, behind a queue of `capacity` items.
    ///
    /// The order is kept. Feeding the sink waits while the queue is full. A panic or an error reaches the caller with
    /// the next item, which the sink no longer takes, or at the end. If a stage in between ends, the whole ends.
    ///
    /// # Panics
    ///
    /// When the sink runs, if a thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, Sink, fold, input};
    ///
    /// let lengths = input::<&str>().map(str::len).to(fold(0, |sum, n| sum + n));
    /// let mut push = lengths.on_thread(16).pushed();
    /// push.feed("ab")?;
    /// push.feed("c")?;
    /// assert_eq!(push.finish()?, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "threads")]
    fn on_thread(self, capacity: usize) -> SinkOnThread<'static, Self>
    where
        Self: Sized + Send + 'static,
    {
        SinkOnThread::program(self, capacity)
    }

    /// [`on_thread`](Self::on_thread) on a thread of a scope.
    #[cfg(feature = "threads")]
    fn on_thread_in<'a>(self, scope: &'a Scope<'a, '_>, capacity: usize) -> SinkOnThread<'a, Self>
    where
        Self: Sized + Send + 'a,
    {
        SinkOnThread::scope(scope, self, capacity)
    }

    /// Something to feed with items, one by one.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Sink, fold, input, Pipeline};
    ///
    /// let mut sum = input::<&str>()
    ///     .filter_map(|word| word.parse::<u32>().ok())
    ///     .to(fold(0, |sum, n| sum + n))
    ///     .pushed();
    /// for word in ["1", "two", "3"] {
    ///     sum.feed(word)?;
    /// }
    /// assert_eq!(sum.finish()?, 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn pushed(self) -> Push<Self>
    where
        Self: Sized,
    {
        Push::new(self)
    }
}

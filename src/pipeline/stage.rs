use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};

use super::pipeline::Pipeline;
use super::source::Source;
use crate::frame::Exception;

/// A part of a pipeline: it takes items from above and gives items below.
///
/// This is what a stage of your own implements that is not written as straight-line code
/// ([`stage`](super::stage)); the methods to call are in [`Pipeline`].
///
/// A stage holds no reference to what is above it: that comes with each call, always the same.
pub trait Stage: Pipeline {
    /// What it takes.
    type In;

    /// The next item for below, or `None` at the end.
    ///
    /// It takes from `above` what it needs for one item and no more. It passes `Pending` on. If it
    /// ends before `above` does, it [closes](Source::close) `above`; if it fails, it
    /// [throws](Source::throw) up, and ends. `cx` is that of [`Source::poll_next`].
    fn poll_next<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Self::Item>>
    where
        U: Source<Item = Self::In> + ?Sized;

    /// Gives all items to `emit`, until it breaks: what a stage on a thread of its own does. `Pending` as
    /// [`poll_next`](Self::poll_next).
    ///
    /// The default asks for one item after another.
    fn drive<U, E>(&mut self, above: &mut U, mut emit: E) -> Poll<()>
    where
        U: Source<Item = Self::In>,
        E: FnMut(&mut U, Self::Item) -> ControlFlow<()>,
    {
        while let Some(item) = ready!(self.poll_next(above, None)) {
            if emit(above, item).is_break() {
                self.close(above);
                break;
            }
        }
        Poll::Ready(())
    }

    /// An error of a stage below. The default passes it up.
    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = Self::In> + ?Sized,
    {
        above.throw(exception);
    }

    /// No more items are wanted below. The default passes it up.
    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = Self::In> + ?Sized,
    {
        above.close();
    }

    /// An error that this stage could not throw, as it came while it was being closed.
    fn take_error(&mut self) -> Option<Exception> {
        None
    }

    /// How many items are to come, if so many as `above` says are to come from above: as
    /// [`Source::size_hint`].
    #[expect(unused_variables, reason = "its name is for the documentation")]
    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, None)
    }
}

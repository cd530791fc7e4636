use std::task::{Context, Poll, ready};

use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// Pairs of the items of both sources. It ends with the shorter one, and closes the other.
///
/// The first is asked first: if it has an item and the second has none, that item is dropped, as
/// with [`Iterator::zip`]. An error of a stage below goes to the first; the second is closed.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let pairs = source(1..).zip(source(["a", "b"]));
/// assert_eq!(pairs.collect::<Vec<_>>()?, [(1, "a"), (2, "b")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zip<A: Source, B: Source>(first: A, second: B) -> Zip<A, B> {
    Zip {
        first,
        second,
        held: None,
    }
}

/// A source: see [`zip`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Zip<A: Pipeline, B> {
    first: A,
    second: B,
    /// The item of the first, while the second has nothing.
    held: Option<A::Item>,
}

impl<A: Source, B: Source> Pipeline for Zip<A, B> {
    type Item = (A::Item, B::Item);
}

impl<A: Source, B: Source> Source for Zip<A, B> {
    fn poll_next(&mut self, mut cx: Option<&mut Context<'_>>) -> Poll<Option<Self::Item>> {
        let first = match self.held.take() {
            Some(held) => Some(held),
            None => ready!(self.first.poll_next(cx.as_deref_mut())),
        };
        let Some(first) = first else {
            self.second.close();
            return Poll::Ready(None);
        };
        match self.second.poll_next(cx) {
            Poll::Ready(Some(second)) => Poll::Ready(Some((first, second))),
            Poll::Ready(None) => {
                self.first.close();
                Poll::Ready(None)
            }
            Poll::Pending => {
                self.held = Some(first);
                Poll::Pending
            }
        }
    }

    fn throw(&mut self, exception: Exception) {
        self.held = None;
        self.first.throw(exception);
        self.second.close();
    }

    fn close(&mut self) {
        self.held = None;
        self.first.close();
        self.second.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.first.take_error().or_else(|| self.second.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let held = usize::from(self.held.is_some());
        let (first, second) = (self.first.size_hint(), self.second.size_hint());
        let most = match (first.1.map(|most| most.saturating_add(held)), second.1) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        (first.0.saturating_add(held).min(second.0), most)
    }
}

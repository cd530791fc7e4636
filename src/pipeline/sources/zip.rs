use std::iter;
use std::task::{Context, Poll};

use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select::Select;
use crate::pipeline::source::Source;

/// Pairs of the items of both sources. It ends with the shorter one, and closes the other.
///
/// Both are asked for the halves of a pair at the same time: while the one waits for its half (it awaits something, or is on a
/// thread of its own), so does the other. The half that comes first is kept until the pair is complete. If the other
/// source ends or fails instead, the kept half is dropped, as [`Iterator::zip`] drops it: a program that needs it
/// has each source end with a mark of its own. The first source is asked first: if that has ended, the second is not asked.
///
/// # Errors
///
/// The first error ends both: the other source is closed at once, even while the pair that it belongs to is waited for.
///
/// An error of a stage below goes to the first source; the second is closed.
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
        held: (None, None),
        over: false,
        errors: Errors::default(),
        select: Select::default(),
    }
}

/// A source: see [`zip`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Zip<A: Pipeline, B: Pipeline> {
    first: A,
    second: B,
    /// The half of a pair, while the other source has nothing.
    held: (Option<A::Item>, Option<B::Item>),
    over: bool,
    /// The errors of the source that ended.
    errors: Errors,
    select: Select,
}

impl<A: Source, B: Source> Zip<A, B> {
    #[inline]
    fn poll_both(&mut self, mut cx: Option<&mut Context<'_>>) -> Poll<Option<(A::Item, B::Item)>> {
        if self.over {
            return Poll::Ready(None);
        }
        if self.held.0.is_none() {
            match self.first.poll_next(cx.as_deref_mut()) {
                Poll::Ready(None) => return self.first_ended(),
                Poll::Ready(item) => self.held.0 = item,
                Poll::Pending => {}
            }
        }
        if self.held.1.is_none() {
            match self.second.poll_next(cx) {
                Poll::Ready(None) => return self.second_ended(),
                Poll::Ready(item) => self.held.1 = item,
                Poll::Pending => {}
            }
        }
        match std::mem::take(&mut self.held) {
            (Some(first), Some(second)) => Poll::Ready(Some((first, second))),
            held => {
                self.held = held;
                Poll::Pending
            }
        }
    }

    fn first_ended(&mut self) -> Poll<Option<(A::Item, B::Item)>> {
        let _held = self.end();
        self.errors
            .add_all(iter::from_fn(|| self.first.take_error()));
        self.second.close();
        Poll::Ready(None)
    }

    fn second_ended(&mut self) -> Poll<Option<(A::Item, B::Item)>> {
        let _held = self.end();
        self.errors
            .add_all(iter::from_fn(|| self.second.take_error()));
        self.first.close();
        Poll::Ready(None)
    }

    /// Gives back what is to be dropped after everything else.
    fn end(&mut self) -> (Option<A::Item>, Option<B::Item>) {
        self.over = true;
        std::mem::take(&mut self.held)
    }
}

impl<A: Source, B: Source> Pipeline for Zip<A, B> {
    type Item = (A::Item, B::Item);
}

impl<A: Source, B: Source> Source for Zip<A, B> {
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<Self::Item>> {
        let mut select = std::mem::take(&mut self.select);
        let polled = select.poll(cx, |cx| self.poll_both(cx));
        self.select = select;
        polled
    }

    fn throw(&mut self, exception: Exception) {
        let _held = self.end();
        self.first.throw(exception);
        self.second.close();
    }

    fn close(&mut self) {
        let _held = self.end();
        self.first.close();
        self.second.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        let error = self.errors.take().or_else(|| self.first.take_error());
        error.or_else(|| self.second.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.over {
            return (0, Some(0));
        }
        let with = |(least, most): (usize, Option<usize>), held: bool| {
            let held = usize::from(held);
            (
                least.saturating_add(held),
                most.map(|most| most.saturating_add(held)),
            )
        };
        let first = with(self.first.size_hint(), self.held.0.is_some());
        let second = with(self.second.size_hint(), self.held.1.is_some());
        let most = match (first.1, second.1) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        (first.0.min(second.0), most)
    }
}

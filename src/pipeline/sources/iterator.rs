use std::task::{Context, Poll};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// A source of the items of an iterator. The iterator is dropped when no more are wanted.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let squares = source(1..).map(|n| n * n).take_while(|&n| n < 10);
/// assert_eq!(squares.collect::<Vec<_>>()?, [1, 4, 9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn source<I: IntoIterator>(items: I) -> FromIter<I::IntoIter> {
    FromIter {
        items: Some(items.into_iter()),
        errors: Errors::default(),
    }
}

/// A source: see [`source`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct FromIter<I> {
    /// `None` after the end.
    items: Option<I>,
    errors: Errors,
}

impl<I: Iterator> Pipeline for FromIter<I> {
    type Item = I::Item;
}

impl<I: Iterator> Source for FromIter<I> {
    #[inline]
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<I::Item>> {
        let Some(items) = &mut self.items else {
            return Poll::Ready(None);
        };
        let item = items.next();
        if item.is_none() {
            self.items = None;
        }
        Poll::Ready(item)
    }

    fn throw(&mut self, exception: Exception) {
        self.items = None;
        self.errors.add(exception);
    }

    fn close(&mut self) {
        self.items = None;
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items
            .as_ref()
            .map_or((0, Some(0)), Iterator::size_hint)
    }
}

debug!(impl[I] FromIter<I> { .. });

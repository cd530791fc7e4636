use std::task::{Context, Poll};

use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// The items of both sources, in turn; after the end of one, those of the other.
///
/// A source that has nothing at the moment is passed over, unless it waits for an item itself: one that is on a
/// thread does, so each has its turn however slow it is. An error of a stage below goes to the source whose item was
/// the last one; the other is closed.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let both = source([1, 3]).merge(source([2, 4, 6, 8]));
/// assert_eq!(both.collect::<Vec<_>>()?, [1, 2, 3, 4, 6, 8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn merge<A, B>(first: A, second: B) -> Merge<A, B>
where
    A: Source,
    B: Source<Item = A::Item>,
{
    Merge {
        first,
        second,
        turn: Side::First,
    }
}

/// A source: see [`merge`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Merge<A, B> {
    first: A,
    second: B,
    turn: Side,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

impl<A: Source, B: Source<Item = A::Item>> Merge<A, B> {
    fn poll_one(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<A::Item>> {
        let turn = self.turn;
        self.turn = turn.other();
        match turn {
            Side::First => self.first.poll_next(cx),
            Side::Second => self.second.poll_next(cx),
        }
    }
}

impl<A: Source, B> Pipeline for Merge<A, B> {
    type Item = A::Item;
}

impl<A: Source, B: Source<Item = A::Item>> Source for Merge<A, B> {
    fn poll_next(&mut self, mut cx: Option<&mut Context<'_>>) -> Poll<Option<A::Item>> {
        let first = self.poll_one(cx.as_deref_mut());
        if let Poll::Ready(Some(_)) = first {
            return first;
        }
        match self.poll_one(cx) {
            Poll::Ready(None) => first,
            second => second,
        }
    }

    fn throw(&mut self, exception: Exception) {
        match self.turn.other() {
            Side::First => {
                self.first.throw(exception);
                self.second.close();
            }
            Side::Second => {
                self.second.throw(exception);
                self.first.close();
            }
        }
    }

    fn close(&mut self) {
        self.first.close();
        self.second.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.first.take_error().or_else(|| self.second.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (first, second) = (self.first.size_hint(), self.second.size_hint());
        let most = first.1.zip(second.1).and_then(|(a, b)| a.checked_add(b));
        (first.0.saturating_add(second.0), most)
    }
}

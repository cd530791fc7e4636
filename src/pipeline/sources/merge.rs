use std::iter;
use std::task::{Context, Poll};

use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select::Select;
use crate::pipeline::source::Source;

/// The items of both sources, in turn; after the end of one, those of the other.
///
/// A source that has nothing at the moment is passed over, if it awaits something, or is on a thread of its own
/// ([`on_thread`](Pipeline::on_thread)), with whatever stages behind it: then the other one goes on, and where neither has
/// anything, both are waited for. (One that blocks the caller's thread is waited for, also if a stage behind it is on
/// threads.)
///
/// # Errors
///
/// The first error ends both: the other source is closed at once, whether it has something or not, and the error is that of the
/// pipeline. (Python's `TaskGroup`; `futures::stream::select` of two `TryStream`s, until its first error.) What the other raises
/// while it is closed comes after it.
///
/// An error of a stage below goes to the source whose item was the last one; the other is closed.
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
        last: Side::First,
        open: [true; 2],
        errors: Errors::default(),
        select: Select::default(),
    }
}

/// A source: see [`merge`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Merge<A, B> {
    first: A,
    second: B,
    turn: Side,
    /// Where the last item came from.
    last: Side,
    /// Which of them have not ended, and are asked.
    open: [bool; 2],
    /// The errors of the source that failed, and ended both.
    errors: Errors,
    select: Select,
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
    /// Asks each source once.
    #[inline]
    fn poll_both(&mut self, mut cx: Option<&mut Context<'_>>) -> Poll<Option<A::Item>> {
        for _ in 0..2 {
            let side = self.turn;
            self.turn = side.other();
            if !self.open[side as usize] {
                continue;
            }
            let polled = match side {
                Side::First => self.first.poll_next(cx.as_deref_mut()),
                Side::Second => self.second.poll_next(cx.as_deref_mut()),
            };
            match polled {
                Poll::Ready(Some(item)) => {
                    self.last = side;
                    return Poll::Ready(Some(item));
                }
                Poll::Ready(None) => self.end(side),
                Poll::Pending => {}
            }
        }
        if self.open == [false; 2] {
            return Poll::Ready(None);
        }
        Poll::Pending
    }

    /// One has ended: if it has failed, both have.
    fn end(&mut self, side: Side) {
        self.open[side as usize] = false;
        let error = match side {
            Side::First => self.first.take_error(),
            Side::Second => self.second.take_error(),
        };
        let Some(error) = error else { return };
        self.errors.add(error);
        let other = side.other();
        let was_open = std::mem::replace(&mut self.open[other as usize], false);
        match side {
            Side::First => self
                .errors
                .add_all(iter::from_fn(|| self.first.take_error())),
            Side::Second => self
                .errors
                .add_all(iter::from_fn(|| self.second.take_error())),
        }
        if was_open {
            match other {
                Side::First => self.first.close(),
                Side::Second => self.second.close(),
            }
        }
    }
}

impl<A: Source, B> Pipeline for Merge<A, B> {
    type Item = A::Item;
}

impl<A: Source, B: Source<Item = A::Item>> Source for Merge<A, B> {
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<A::Item>> {
        let mut select = std::mem::take(&mut self.select);
        let polled = select.poll(cx, |cx| self.poll_both(cx));
        self.select = select;
        polled
    }

    fn throw(&mut self, exception: Exception) {
        self.open = [false; 2];
        match self.last {
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
        self.open = [false; 2];
        self.first.close();
        self.second.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        let error = self.errors.take().or_else(|| self.first.take_error());
        error.or_else(|| self.second.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let hint =
            |open: bool, hint: (usize, Option<usize>)| if open { hint } else { (0, Some(0)) };
        let first = hint(self.open[0], self.first.size_hint());
        let second = hint(self.open[1], self.second.size_hint());
        let most = first.1.zip(second.1).and_then(|(a, b)| a.checked_add(b));
        (first.0.saturating_add(second.0), most)
    }
}

use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gives the items up to the first for which `keep` is false (that one is dropped), and closes what is
/// above.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// assert_eq!(source(1..).take_while(|&n| n < 4).collect::<Vec<_>>()?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn take_while<T, F>(keep: F) -> TakeWhile<T, F>
where
    F: FnMut(&T) -> bool,
{
    TakeWhile {
        keep,
        done: false,
        input: PhantomData,
    }
}

/// A stage: see [`take_while`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct TakeWhile<T, F> {
    keep: F,
    done: bool,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T, F> Pipeline for TakeWhile<T, F> {
    type Item = T;
}

impl<T, F: FnMut(&T) -> bool> Stage for TakeWhile<T, F> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        if self.done {
            return Poll::Ready(None);
        }
        let Some(item) = ready!(above.poll_next(cx)) else {
            self.done = true;
            return Poll::Ready(None);
        };
        if (self.keep)(&item) {
            return Poll::Ready(Some(item));
        }
        self.done = true;
        above.close();
        Poll::Ready(None)
    }

    fn size_hint(&self, (_, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, if self.done { Some(0) } else { most })
    }
}

debug!(impl[T, F] self: TakeWhile<T, F> { done: self.done, .. });

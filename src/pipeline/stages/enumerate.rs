use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gives each item with its number, from 0.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// assert_eq!(source(["a", "b"]).enumerate().collect::<Vec<_>>()?, [(0, "a"), (1, "b")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn enumerate<T>() -> Enumerate<T> {
    Enumerate {
        next: 0,
        input: PhantomData,
    }
}

/// A stage: see [`enumerate`].
#[derive(Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Enumerate<T> {
    next: usize,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T> Pipeline for Enumerate<T> {
    type Item = (usize, T);
}

impl<T> Stage for Enumerate<T> {
    type In = T;

    #[inline]
    fn poll_next<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<(usize, T)>>
    where
        U: Source<Item = T> + ?Sized,
    {
        let Some(item) = ready!(above.poll_next(cx)) else {
            return Poll::Ready(None);
        };
        let number = self.next;
        self.next += 1;
        Poll::Ready(Some((number, item)))
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        above
    }
}

debug!(impl[T] self: Enumerate<T> { next: self.next, .. });

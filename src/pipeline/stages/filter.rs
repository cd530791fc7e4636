use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gives the items for which `keep` is true.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let even = source(1..).filter(|n| n % 2 == 0).take(2);
/// assert_eq!(even.collect::<Vec<_>>()?, [2, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn filter<T, F>(keep: F) -> Filter<T, F>
where
    F: FnMut(&T) -> bool,
{
    Filter {
        keep,
        input: PhantomData,
    }
}

/// A stage: see [`filter`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Filter<T, F> {
    keep: F,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T, F> Pipeline for Filter<T, F> {
    type Item = T;
}

impl<T, F: FnMut(&T) -> bool> Stage for Filter<T, F> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        loop {
            match ready!(above.poll_next(cx.as_deref_mut())) {
                Some(item) if !(self.keep)(&item) => {}
                next => return Poll::Ready(next),
            }
        }
    }

    fn size_hint(&self, (_, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, most)
    }
}

debug!(impl[T, F] Filter<T, F> { .. });

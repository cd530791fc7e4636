use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Calls `f` with each item, and gives the contents of the `Some`s that it returns.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = source(["1", "x", "3"]).filter_map(|word| word.parse::<u32>().ok());
/// assert_eq!(numbers.collect::<Vec<_>>()?, [1, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn filter_map<In, T, F>(f: F) -> FilterMap<In, F>
where
    F: FnMut(In) -> Option<T>,
{
    FilterMap {
        f,
        input: PhantomData,
    }
}

/// A stage: see [`filter_map`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct FilterMap<In, F> {
    f: F,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, T, F: FnMut(In) -> Option<T>> Pipeline for FilterMap<In, F> {
    type Item = T;
}

impl<In, T, F: FnMut(In) -> Option<T>> Stage for FilterMap<In, F> {
    type In = In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = In> + ?Sized,
    {
        loop {
            let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) else {
                return Poll::Ready(None);
            };
            if let Some(item) = (self.f)(item) {
                return Poll::Ready(Some(item));
            }
        }
    }

    fn size_hint(&self, (_, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, most)
    }
}

debug!(impl[In, F] FilterMap<In, F> { .. });

use std::marker::PhantomData;
use std::task::{Context, Poll};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Calls `f` with each item, and passes the item on.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let mut seen = Vec::new();
/// let first = source(1..).inspect(|&n| seen.push(n)).take(2);
/// assert_eq!(first.collect::<Vec<_>>()?, [1, 2]);
/// assert_eq!(seen, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect<T, F>(f: F) -> Inspect<T, F>
where
    F: FnMut(&T),
{
    Inspect {
        f,
        input: PhantomData,
    }
}

/// A stage: see [`inspect`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Inspect<T, F> {
    f: F,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T, F> Pipeline for Inspect<T, F> {
    type Item = T;
}

impl<T, F: FnMut(&T)> Stage for Inspect<T, F> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        above
            .poll_next(cx)
            .map(|item| item.inspect(|item| (self.f)(item)))
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        above
    }
}

debug!(impl[T, F] Inspect<T, F> { .. });

use std::marker::PhantomData;
use std::task::{Context, Poll};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Calls `f` with each item, and gives what it returns.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let lengths = source(["a", "bc"]).map(str::len);
/// assert_eq!(lengths.collect::<Vec<_>>()?, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn map<In, T, F>(f: F) -> Map<In, F>
where
    F: FnMut(In) -> T,
{
    Map {
        f,
        input: PhantomData,
    }
}

/// A stage: see [`map`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Map<In, F> {
    f: F,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, T, F: FnMut(In) -> T> Pipeline for Map<In, F> {
    type Item = T;
}

impl<In, T, F: FnMut(In) -> T> Stage for Map<In, F> {
    type In = In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = In> + ?Sized,
    {
        above.poll_next(cx).map(|item| item.map(&mut self.f))
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        above
    }
}

debug!(impl[In, F] Map<In, F> { .. });

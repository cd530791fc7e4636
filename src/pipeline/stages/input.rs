use std::marker::PhantomData;
use std::task::{Context, Poll};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// The beginning of a pipeline that has no source yet: it passes its items on.
///
/// It says what comes in, so that the stages behind it need not.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, input, source};
///
/// let long = input::<&str>().filter(|word| word.len() > 2).map(str::to_uppercase);
/// assert_eq!(source(["a", "few", "words"]).pipe(long).collect::<Vec<_>>()?, ["FEW", "WORDS"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn input<T>() -> Input<T> {
    Input { input: PhantomData }
}

/// A stage: see [`input`].
#[derive(Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Input<T> {
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T> Pipeline for Input<T> {
    type Item = T;
}

impl<T> Stage for Input<T> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        above.poll_next(cx)
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        above
    }
}

debug!(impl[T] Input<T> { .. });

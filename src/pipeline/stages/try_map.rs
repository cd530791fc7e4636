use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::IntoException;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Calls `f` with each item, gives what it returns, and fails with its first error.
///
/// (An error that is boxed, or a message, becomes an exception by `map_err(Exception::new)`.)
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = source(["1", "x", "3"]).try_map(str::parse::<u32>);
/// let error = numbers.collect::<Vec<_>>().unwrap_err();
/// assert_eq!(error.to_string(), "pipeline interrupted: invalid digit found in string");
/// assert_eq!(error.into_output().unwrap(), [1]);
/// ```
pub fn try_map<In, T, E, F>(f: F) -> TryMap<In, F>
where
    F: FnMut(In) -> Result<T, E>,
    E: IntoException,
{
    TryMap {
        f,
        input: PhantomData,
    }
}

/// A stage: see [`try_map`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct TryMap<In, F> {
    f: F,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, T, E, F: FnMut(In) -> Result<T, E>> Pipeline for TryMap<In, F> {
    type Item = T;
}

impl<In, T, E: IntoException, F: FnMut(In) -> Result<T, E>> Stage for TryMap<In, F> {
    type In = In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = In> + ?Sized,
    {
        let Some(item) = ready!(above.poll_next(cx)) else {
            return Poll::Ready(None);
        };
        Poll::Ready(match (self.f)(item) {
            Ok(item) => Some(item),
            Err(error) => {
                above.throw(error.into_exception());
                None
            }
        })
    }

    fn size_hint(&self, (_, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, most)
    }
}

debug!(impl[In, F] TryMap<In, F> { .. });

use std::fmt;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use crate::debug::debug;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// Folds the items into one value: `f` gets the value so far and an item, and gives the next value.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, fold, source};
///
/// assert_eq!(source(1..=4).run(fold(0, |sum, n| sum + n))?, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fold<In, T, F>(first: T, f: F) -> Fold<In, T, F>
where
    F: FnMut(T, In) -> T,
{
    Fold {
        value: Some(first),
        f,
        input: PhantomData,
    }
}

/// A sink: see [`fold`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Fold<In, T, F> {
    /// `None` after the end, and after a panic of `f`.
    value: Option<T>,
    f: F,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, T, F: FnMut(T, In) -> T> Sink for Fold<In, T, F> {
    type In = In;
    type Output = T;

    #[inline]
    fn poll_drain<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = In> + ?Sized,
    {
        let Some(mut value) = self.value.take() else {
            return Poll::Ready(None);
        };
        loop {
            match above.poll_next(cx.as_deref_mut()) {
                Poll::Ready(Some(item)) => value = (self.f)(value, item),
                Poll::Ready(None) => return Poll::Ready(Some(value)),
                Poll::Pending => {
                    self.value = Some(value);
                    return Poll::Pending;
                }
            }
        }
    }
}

debug!(impl[In, T: fmt::Debug, F] self: Fold<In, T, F> { value: self.value, .. });

use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Drops the first `n` items, and gives the rest.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// assert_eq!(source(1..=5).skip(3).collect::<Vec<_>>()?, [4, 5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn skip<T>(n: usize) -> Skip<T> {
    Skip {
        left: n,
        input: PhantomData,
    }
}

/// A stage: see [`skip`].
#[derive(Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Skip<T> {
    left: usize,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T> Pipeline for Skip<T> {
    type Item = T;
}

impl<T> Stage for Skip<T> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        while self.left > 0 {
            if ready!(above.poll_next(cx.as_deref_mut())).is_none() {
                return Poll::Ready(None);
            }
            self.left -= 1;
        }
        above.poll_next(cx)
    }

    fn size_hint(&self, (least, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        let most = most.map(|most| most.saturating_sub(self.left));
        (least.saturating_sub(self.left), most)
    }
}

debug!(impl[T] self: Skip<T> { left: self.left, .. });

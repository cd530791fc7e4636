use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gives the first `n` items, and closes what is above. It never takes more than `n` from there. (To take some and go
/// on with the rest: `pipeline.iter().take(n)`.)
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// assert_eq!(source(1..).take(3).collect::<Vec<_>>()?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn take<T>(n: usize) -> Take<T> {
    Take {
        left: n,
        ended: false,
        input: PhantomData,
    }
}

/// A stage: see [`take`].
#[derive(Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Take<T> {
    left: usize,
    ended: bool,
    // Takes a `T`, holds none.
    input: PhantomData<fn(T)>,
}

impl<T> Pipeline for Take<T> {
    type Item = T;
}

impl<T> Stage for Take<T> {
    type In = T;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut item = None;
        if self.left == 0 {
            above.close();
        } else {
            item = ready!(above.poll_next(cx));
            self.left -= 1;
        }
        self.ended = item.is_none();
        Poll::Ready(item)
    }

    fn size_hint(&self, (least, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        let most = most.map_or(self.left, |most| most.min(self.left));
        (least.min(self.left), Some(most))
    }
}

debug!(impl[T] self: Take<T> { left: self.left, .. });

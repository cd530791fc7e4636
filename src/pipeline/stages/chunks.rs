use std::mem;
use std::task::{Context, Poll, ready};

use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gives the items in vectors of `size`; the last may be shorter.
///
/// # Panics
///
/// If `size` is 0.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// assert_eq!(source(1..=5).chunks(2).collect::<Vec<_>>()?, [vec![1, 2], vec![3, 4], vec![5]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn chunks<T>(size: usize) -> Chunks<T> {
    assert!(size > 0, "a chunk needs at least one item");
    Chunks {
        size,
        items: Vec::new(),
    }
}

/// A stage: see [`chunks`].
#[derive(Debug, Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Chunks<T> {
    size: usize,
    items: Vec<T>,
}

impl<T> Pipeline for Chunks<T> {
    type Item = Vec<T>;
}

impl<T> Stage for Chunks<T> {
    type In = T;

    fn poll_next<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Vec<T>>>
    where
        U: Source<Item = T> + ?Sized,
    {
        while self.items.len() < self.size {
            match ready!(above.poll_next(cx.as_deref_mut())) {
                Some(item) => self.items.push(item),
                None if self.items.is_empty() => return Poll::Ready(None),
                None => break,
            }
        }
        Poll::Ready(Some(mem::take(&mut self.items)))
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.items.clear();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.items.clear();
        above.close();
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        let held = self.items.len();
        let chunks = |items: usize| items.saturating_add(held).div_ceil(self.size);
        (chunks(above.0), above.1.map(chunks))
    }
}

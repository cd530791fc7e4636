use std::fmt;
use std::iter::FusedIterator;
use std::task::Poll;

use super::{Awaits, Source};
use crate::Exception;

/// The next item of a source that is driven synchronously.
#[inline]
fn next<U: Source>(source: &mut U) -> Option<U::Item> {
    match source.poll_next(None) {
        Poll::Ready(item) => item,
        Poll::Pending => {
            source.throw(Awaits::new().into());
            None
        }
    }
}

/// An iterator over what comes out of a pipeline: see [`Pipeline::iter`](super::Pipeline::iter).
pub struct Iter<'a, U> {
    source: &'a mut U,
}

impl<'a, U: Source> Iter<'a, U> {
    pub(super) fn new(source: &'a mut U) -> Self {
        Self { source }
    }
}

impl<U: Source> Iterator for Iter<'_, U> {
    type Item = U::Item;

    #[inline]
    fn next(&mut self) -> Option<U::Item> {
        next(self.source)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<U: Source> FusedIterator for Iter<'_, U> {}

impl<U> fmt::Debug for Iter<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").finish_non_exhaustive()
    }
}

/// An iterator that owns its pipeline: what `for item in pipeline` goes through.
///
/// # Panics
///
/// At the end, if a stage failed.
#[derive(Debug)]
pub struct Items<U> {
    source: U,
}

impl<U: Source> Items<U> {
    pub(super) fn new(source: U) -> Self {
        Self { source }
    }
}

impl<U: Source> Iterator for Items<U> {
    type Item = U::Item;

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<U::Item> {
        let item = next(&mut self.source);
        if item.is_none()
            && let Some(exception) = self.source.take_error()
        {
            panic!("a stage failed: {exception}");
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<U: Source> FusedIterator for Items<U> {}

/// An iterator whose last item is the error of the pipeline, if there is one: see
/// [`Pipeline::results`](super::Pipeline::results).
#[derive(Debug)]
pub struct Results<U> {
    source: U,
}

impl<U: Source> Results<U> {
    pub(super) fn new(source: U) -> Self {
        Self { source }
    }
}

impl<U: Source> Iterator for Results<U> {
    type Item = Result<U::Item, Exception>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match next(&mut self.source) {
            Some(item) => Some(Ok(item)),
            None => self.source.take_error().map(Err),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.size_hint();
        // Any number of items may be missing, and an error may come in their place.
        (least.min(1), most.and_then(|most| most.checked_add(1)))
    }
}

impl<U: Source> FusedIterator for Results<U> {}

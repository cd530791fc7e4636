use std::iter::FusedIterator;
use std::task::Poll;

use futures_core::Stream;

use super::boxed::{BoxSource, LocalBoxSource};
use super::errors::Awaits;
use super::pipe::Pipe;
use super::pipeline::Pipeline;
use super::select;
use super::sink::Sink;
use super::source::Source;
use super::sources::{FromIter, Generated, Merge, Streamed, Zip};
use super::stage::Stage;
#[cfg(feature = "threads")]
use super::threads::OnThread;
use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{Generator, Outcome, panic_with};

/// The next item of a source that is driven synchronously.
#[inline]
fn next<U: Source>(source: &mut U) -> Option<U::Item> {
    match source.poll_next(None) {
        Poll::Ready(item) => item,
        Poll::Pending => next_pending(source),
    }
}

/// Takes all that a source has into a sink: a run, driven synchronously.
#[inline]
pub(super) fn drain<U, K>(source: &mut U, sink: &mut K) -> Option<K::Output>
where
    U: Source,
    K: Sink<In = U::Item>,
{
    match select::alone(|| sink.poll_drain(source, None)) {
        Poll::Ready(output) => output,
        Poll::Pending => {
            source.throw(Awaits::new().into());
            None
        }
    }
}

#[cold]
fn next_pending<U: Source>(source: &mut U) -> Option<U::Item> {
    match select::blocking(|| source.poll_next(None)) {
        Poll::Ready(item) => item,
        Poll::Pending => {
            source.throw(Awaits::new().into());
            None
        }
    }
}

/// An iterator over what comes out of a pipeline: see [`Pipeline::iter`](super::Pipeline::iter).
#[must_use = "an iterator does nothing until it is looped over"]
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

debug!(impl[U] Iter<'_, U> { .. });

/// An iterator that owns its pipeline: what `for item in pipeline` goes through.
///
/// # Panics
///
/// At the end, if a stage failed.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is looped over"]
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
        if item.is_none() {
            if let Some(exception) = self.source.take_error() {
                panic_with("a stage failed", &exception);
            }
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<U: Source> FusedIterator for Items<U> {}

/// An iterator that gives the errors of the pipeline after its items: see
/// [`Pipeline::results`](super::Pipeline::results).
///
/// It may go on after a `None`: a source on a thread that was closed may still raise something.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is looped over"]
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
        // Any number of items may be missing, and errors may come in their place.
        (self.source.size_hint().0.min(1), None)
    }
}

macro_rules! into_iterator {
    ($([$($generics:tt)*] $type:ty $(where $($bounds:tt)*)?;)*) => {$(
        impl<$($generics)*> IntoIterator for $type $(where $($bounds)*)? {
            type Item = <$type as Pipeline>::Item;
            type IntoIter = Items<Self>;

            /// # Panics
            ///
            /// The iterator panics at the end if a stage failed, as there would be no way left to learn of the error:
            /// iterate over `&mut pipeline` and ask [`outcome`](Pipeline::outcome), or over
            /// [`results`](Pipeline::results).
            fn into_iter(self) -> Items<Self> {
                Items::new(self)
            }
        }

        impl<'i, $($generics)*> IntoIterator for &'i mut $type $(where $($bounds)*)? {
            type Item = <$type as Pipeline>::Item;
            type IntoIter = Iter<'i, $type>;

            fn into_iter(self) -> Self::IntoIter {
                Iter::new(self)
            }
        }
    )*};
}

into_iterator! {
    [A: Source, B: Stage<In = A::Item>] Pipe<A, B>;
    [I: Iterator] FromIter<I>;
    [G: Generator<Resume = (), Return: Outcome> + Unpin] Generated<G>;
    [S: Stream + Unpin] Streamed<S>;
    [A: Source, B: Source<Item = A::Item>] Merge<A, B>;
    [A: Source, B: Source] Zip<A, B>;
    ['a, T] BoxSource<'a, T>;
    ['a, T] LocalBoxSource<'a, T>;
}

#[cfg(feature = "threads")]
into_iterator! {
    ['a, U: Source<Item: Send> + Send + 'a] OnThread<'a, U>;
}

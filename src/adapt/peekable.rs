use core::iter::FusedIterator;
use core::pin::Pin;

use crate::debug::debug;
use crate::generator::{Generator, Iter, NextError, Step};

/// A generator and the value that was looked at: see [`GeneratorExt::peekable`](crate::GeneratorExt::peekable).
#[must_use = "an iterator does nothing until it is asked for items"]
pub struct Peekable<G: Generator> {
    items: Iter<G>,
    peeked: Option<G::Yield>,
}

// The value is not pinned.
impl<G: Generator + Unpin> Unpin for Peekable<G> {}

impl<G: Generator> Peekable<G> {
    /// The generator, which may be one value ahead.
    pub fn get_ref(&self) -> &G {
        self.items.get_ref()
    }

    /// The generator, which may be one value ahead: for [`take_return`](Generator::take_return) after the end, say, or
    /// [`close`](Generator::close).
    pub fn get_mut(&mut self) -> &mut G {
        self.items.get_mut()
    }

    /// The generator, and the value that was looked at and not taken. A body goes on with both by
    /// [`Co::yield_from_with`](crate::Co::yield_from_with).
    pub fn into_parts(self) -> (G, Option<G::Yield>) {
        (self.items.into_inner(), self.peeked)
    }
}

impl<G: Generator<Resume = ()> + Unpin> Peekable<G> {
    pub(super) fn new(generator: G) -> Self {
        Self {
            items: generator.into_iterator(),
            peeked: None,
        }
    }

    /// The next value, which stays there; `None` at the end.
    ///
    /// # Panics
    ///
    /// As a loop over the generator does ([`Iter`]): [`try_peek`](Self::try_peek) gives the error.
    pub fn peek(&mut self) -> Option<&G::Yield> {
        self.peek_mut().map(|value| &*value)
    }

    /// [`peek`](Self::peek), to change the value.
    ///
    /// # Panics
    ///
    /// As `peek`.
    pub fn peek_mut(&mut self) -> Option<&mut G::Yield> {
        if self.peeked.is_none() {
            self.peeked = self.items.next();
        }
        self.peeked.as_mut()
    }

    /// [`peek`](Self::peek), with what goes wrong.
    ///
    /// # Errors
    ///
    /// As [`Generator::next`], but at the end `None`.
    pub fn try_peek(&mut self) -> Result<Option<&G::Yield>, NextError> {
        if self.peeked.is_none() {
            self.peeked = self.pull()?;
        }
        Ok(self.peeked.as_ref())
    }

    /// [`next`](Iterator::next), with what goes wrong.
    ///
    /// # Errors
    ///
    /// As [`Generator::next`], but at the end `None`.
    pub fn try_next(&mut self) -> Result<Option<G::Yield>, NextError> {
        match self.peeked.take() {
            Some(value) => Ok(Some(value)),
            None => self.pull(),
        }
    }

    /// Takes the next value if `takes` says so; else it stays there.
    ///
    /// # Panics
    ///
    /// As `peek`.
    pub fn next_if(&mut self, takes: impl FnOnce(&G::Yield) -> bool) -> Option<G::Yield> {
        if takes(self.peek()?) {
            self.peeked.take()
        } else {
            None
        }
    }

    /// Takes the next value if it equals `expected`; else it stays there.
    ///
    /// # Panics
    ///
    /// As `peek`.
    pub fn next_if_eq<T: ?Sized>(&mut self, expected: &T) -> Option<G::Yield>
    where
        G::Yield: PartialEq<T>,
    {
        self.next_if(|value| value == expected)
    }

    fn pull(&mut self) -> Result<Option<G::Yield>, NextError> {
        let generator = self.items.get_mut();
        match generator.next() {
            Ok(Step::Yielded(value)) => Ok(Some(value)),
            Ok(Step::Complete(value)) => {
                Pin::new(generator).keep_return(Ok(value));
                Ok(None)
            }
            Err(NextError::Finished) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<G: Generator<Resume = ()> + Unpin> Iterator for Peekable<G> {
    type Item = G::Yield;

    fn next(&mut self) -> Option<G::Yield> {
        self.peeked.take().or_else(|| self.items.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let peeked = usize::from(self.peeked.is_some());
        let (least, most) = self.items.size_hint();
        (
            least.saturating_add(peeked),
            most.and_then(|most| most.checked_add(peeked)),
        )
    }
}

impl<G: Generator<Resume = ()> + Unpin> FusedIterator for Peekable<G> {}

debug!(impl[G: Generator] self: Peekable<G> { state: self.get_ref().state(), peeked: self.peeked.is_some() });

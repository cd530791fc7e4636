use core::pin::Pin;
use core::task::Context;

use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{
    Generator, Iter, KeptReturn, NextError, SendError, StartError, State, Step, ThrowError,
};

/// A generator that yields what an iterator gives, and returns `()`. Python: `(x for x in iterable)`.
///
/// What is thrown drops the iterator and comes back. It needs no pin, and tells how many items are left, as the
/// iterator does ([`Generator::size_hint`]). Inside a body, [`Co::yield_all`](crate::Co::yield_all) does the same.
///
/// # Examples
///
/// ```
/// use cogen::{BoxGen, Generator, Step, from_iter};
///
/// let mut g: BoxGen<'_, u32> = from_iter(1..=2).boxed();
/// assert_eq!(g.iter().size_hint(), (2, Some(2)));
/// assert_eq!(g.next()?, Step::Yielded(1));
/// assert_eq!(g.next()?, Step::Yielded(2));
/// assert_eq!(g.next()?, Step::Complete(()));
/// # Ok::<(), cogen::NextError>(())
/// ```
#[inline]
pub fn from_iter<I: IntoIterator>(items: I) -> FromIter<I::IntoIter> {
    FromIter {
        items: Some(items.into_iter()),
        state: State::Created,
        kept: KeptReturn::new(),
    }
}

/// A generator made from an iterator: see [`from_iter`].
#[must_use = "a generator does nothing until it is resumed"]
pub struct FromIter<I> {
    /// `None`: it is over, and has been dropped.
    items: Option<I>,
    /// `Closed` while the iterator runs, so that this is right if it panics.
    state: State,
    kept: KeptReturn<()>,
}

// The iterator is not pinned with it.
impl<I> Unpin for FromIter<I> {}

impl<I: Iterator> FromIter<I> {
    #[inline]
    fn step(&mut self) -> Step<I::Item, ()> {
        self.state = State::Closed;
        let Some(item) = self.items.as_mut().and_then(Iterator::next) else {
            self.items = None;
            return Step::Complete(());
        };
        self.state = State::Suspended;
        Step::Yielded(item)
    }
}

impl<I: Iterator> Generator for FromIter<I> {
    type Yield = I::Item;
    type Resume = ();
    type Return = ();

    #[inline]
    fn state(&self) -> State {
        self.state
    }

    #[inline]
    fn resume_start(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
    ) -> Result<Step<I::Item, ()>, StartError> {
        match self.state {
            State::Created => Ok(self.get_mut().step()),
            State::Closed => Err(StartError::Finished),
            _ => Err(StartError::AlreadyStarted),
        }
    }

    #[inline]
    fn resume_send(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        (): (),
    ) -> Result<Step<I::Item, ()>, SendError<()>> {
        match self.state {
            State::Created => Err(SendError::JustStarted(())),
            State::Closed => Err(SendError::Finished(())),
            _ => Ok(self.get_mut().step()),
        }
    }

    #[inline]
    fn resume_start_or_send(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        (): (),
    ) -> Result<Step<I::Item, ()>, SendError<()>> {
        match self.state {
            State::Closed => Err(SendError::Finished(())),
            _ => Ok(self.get_mut().step()),
        }
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<I::Item, ()>, ThrowError> {
        self.state = State::Closed;
        self.items = None;
        Err(ThrowError::Raised(exception))
    }

    fn resume_continue(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
    ) -> Result<Step<I::Item, ()>, NextError> {
        Err(match self.state {
            State::Closed => NextError::Finished,
            _ => NextError::NotAwaiting,
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.items {
            Some(items) if self.state != State::Closed => items.size_hint(),
            _ => (0, Some(0)),
        }
    }

    fn keep_return(mut self: Pin<&mut Self>, outcome: Result<(), Exception>) {
        self.kept.keep(outcome);
    }

    fn take_kept_return(mut self: Pin<&mut Self>) -> Option<Result<(), Exception>> {
        self.kept.take()
    }
}

impl<I: Iterator> IntoIterator for FromIter<I> {
    type Item = I::Item;
    type IntoIter = Iter<Self>;

    #[inline]
    fn into_iter(self) -> Iter<Self> {
        self.into_iterator()
    }
}

impl<'i, I: Iterator> IntoIterator for &'i mut FromIter<I> {
    type Item = I::Item;
    type IntoIter = Iter<&'i mut FromIter<I>>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

debug!(impl[I] self: FromIter<I> { state: self.state, .. });

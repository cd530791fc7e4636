use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project::pin_project;

use super::loop_error::{ask, take};
use crate::debug::debug;
use crate::frame::{Co, IntoException, Raise, Yield};

impl<'g, Y, S> Co<'g, Y, S> {
    /// Yields everything that an iterator gives. Python: `yield from iterable`.
    ///
    /// An iterator has no use for what is sent, which is dropped
    /// ([`yield_all_with`](Self::yield_all_with) receives it), nor for what is thrown, which drops
    /// the iterator and goes to the enclosing scope.
    ///
    /// # Exceptions
    ///
    /// Where the iterator is a loop over a generator (`&mut g`, [`g.iter()`](crate::Generator::iter)), what such a loop
    /// panics with elsewhere is raised here: what the inner body raises, or a [`NextError`](crate::NextError) if it
    /// awaits a future or is running. Behind an adaptor (`g.iter().map(…)`), behind a reference (`&mut iter`), in a
    /// box, and without the feature `std` the loop panics, so that nothing between takes the error for the end.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     co.yield_all(1..=3).await;
    ///     co.yield_all([10, 20]).await;
    /// }));
    /// assert_eq!(g.iter().collect::<Vec<_>>(), [1, 2, 3, 10, 20]);
    /// ```
    #[inline]
    pub fn yield_all<I>(self, items: I) -> YieldAll<'g, Y, S, I::IntoIter>
    where
        I: IntoIterator<Item = Y>,
    {
        YieldAll {
            co: self,
            items: items.into_iter(),
            yielding: None,
            raising: None,
        }
    }

    /// Like [`yield_all`](Self::yield_all), and calls `replied` with what is sent for each item. An error that
    /// `replied` returns is raised here. (Python raises an `AttributeError` for anything but `None`.)
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Generator, SendError, Step, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co: Co<'_, u32, bool>| async move {
    ///     let wanted = |more: bool| more.then_some(()).ok_or(std::fmt::Error);
    ///     co.yield_all_with(1.., wanted).await;
    /// }));
    /// g.start()?;
    /// assert_eq!(g.send(true)?, Step::Yielded(2));
    /// assert!(matches!(g.send(false), Err(SendError::Raised(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn yield_all_with<I, H, E>(
        self,
        items: I,
        replied: H,
    ) -> YieldAllWith<'g, Y, S, I::IntoIter, H>
    where
        I: IntoIterator<Item = Y>,
        H: FnMut(S) -> Result<(), E>,
        E: IntoException,
    {
        YieldAllWith {
            co: self,
            items: items.into_iter(),
            replied,
            waiting: Waiting::Nothing,
        }
    }

    /// Yields everything that a stream gives. Python (PEP 525):
    /// `async for item in stream: yield item`.
    ///
    /// The body awaits the stream: drive the generator with the async methods, or use a stream that is always ready.
    /// What is sent is dropped; what is thrown drops the stream and goes to the enclosing scope. A
    /// [generator as a stream](crate::GeneratorExt::into_stream) panics with its error here as elsewhere; delegate to the
    /// generator itself ([`yield_from`](Self::yield_from)), which raises it.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    /// use std::pin::pin;
    ///
    /// # futures::executor::block_on(async {
    /// let mut g = pin!(generator(|co| async move {
    ///     co.yield_all_stream(futures::stream::iter([1, 2])).await;
    /// }));
    /// assert_eq!(g.anext().await?, Step::Yielded(1));
    /// assert_eq!(g.anext().await?, Step::Yielded(2));
    /// assert_eq!(g.anext().await?, Step::Complete(()));
    /// # Ok::<(), cogen::NextError>(()) }).unwrap();
    /// ```
    #[inline]
    pub fn yield_all_stream<T>(self, items: T) -> YieldAllStream<'g, Y, S, T>
    where
        T: Stream<Item = Y>,
    {
        YieldAllStream {
            co: self,
            items,
            yielding: None,
        }
    }
}

/// Delegation to an iterator: the future that [`Co::yield_all`] makes.
#[pin_project]
#[must_use = "a delegation does nothing until it is awaited"]
pub struct YieldAll<'g, Y, S, I> {
    co: Co<'g, Y, S>,
    items: I,
    #[pin]
    yielding: Option<Yield<Y, S>>,
    /// Then nothing is yielded.
    #[pin]
    raising: Option<Raise<Y, S>>,
}

impl<Y, S, I: Iterator<Item = Y>> Future for YieldAll<'_, Y, S, I> {
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            if let Some(yielding) = this.yielding.as_mut().as_pin_mut() {
                let Poll::Ready(_reply) = yielding.poll(cx) else {
                    return Poll::Pending;
                };
                this.yielding.set(None);
            } else if let Some(raise) = this.raising.as_mut().as_pin_mut() {
                match ready!(raise.poll(cx)) {}
            }
            let Some(item) = ask(this.items) else {
                return match take() {
                    None => Poll::Ready(()),
                    Some(error) => {
                        let raise = this.co.raise(error);
                        this.raising.set(Some(raise));
                        match this.raising.as_pin_mut() {
                            Some(raise) => raise.poll(cx).map(|never| never),
                            None => Poll::Ready(()),
                        }
                    }
                };
            };
            this.yielding.set(Some(this.co.yield_(item)));
        }
    }
}

/// Delegation to an iterator, with what is sent: the future that [`Co::yield_all_with`] makes.
#[pin_project]
#[must_use = "a delegation does nothing until it is awaited"]
pub struct YieldAllWith<'g, Y, S, I, H> {
    co: Co<'g, Y, S>,
    items: I,
    replied: H,
    #[pin]
    waiting: Waiting<Y, S>,
}

/// What a delegation waits for.
#[pin_project(project = Part)]
enum Waiting<Y, S> {
    Nothing,
    Reply(#[pin] Yield<Y, S>),
    /// The error has been raised, for a scope to catch.
    Scope(#[pin] Raise<Y, S>),
}

impl<Y, S, I, H, E> Future for YieldAllWith<'_, Y, S, I, H>
where
    I: Iterator<Item = Y>,
    H: FnMut(S) -> Result<(), E>,
    E: IntoException,
{
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            match this.waiting.as_mut().project() {
                Part::Nothing => {
                    this.waiting.set(match ask(this.items) {
                        Some(item) => Waiting::Reply(this.co.yield_(item)),
                        None => match take() {
                            Some(error) => Waiting::Scope(this.co.raise(error)),
                            None => return Poll::Ready(()),
                        },
                    });
                }
                Part::Reply(yielding) => {
                    let reply = ready!(yielding.poll(cx));
                    this.waiting.set(Waiting::Nothing);
                    if let Err(error) = (this.replied)(reply) {
                        this.waiting.set(Waiting::Scope(this.co.raise(error)));
                    }
                }
                Part::Scope(raise) => match ready!(raise.poll(cx)) {},
            }
        }
    }
}

/// Delegation to a stream: the future that [`Co::yield_all_stream`] makes.
#[pin_project]
#[must_use = "a delegation does nothing until it is awaited"]
pub struct YieldAllStream<'g, Y, S, T> {
    co: Co<'g, Y, S>,
    #[pin]
    items: T,
    #[pin]
    yielding: Option<Yield<Y, S>>,
}

impl<Y, S, T: Stream<Item = Y>> Future for YieldAllStream<'_, Y, S, T> {
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            if let Some(yielding) = this.yielding.as_mut().as_pin_mut() {
                let Poll::Ready(_reply) = yielding.poll(cx) else {
                    return Poll::Pending;
                };
                this.yielding.set(None);
            }
            let Some(item) = ready!(this.items.as_mut().poll_next(cx)) else {
                return Poll::Ready(());
            };
            this.yielding.set(Some(this.co.yield_(item)));
        }
    }
}

debug!(impl[Y, S, I] self: YieldAll<'_, Y, S, I> { co: self.co, .. });

debug!(impl[Y, S, T] self: YieldAllStream<'_, Y, S, T> { co: self.co, .. });

debug!(impl[Y, S, I, H] self: YieldAllWith<'_, Y, S, I, H> { co: self.co, .. });

//! What a body does through its handle.

use core::error::Error;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::catch_as::CatchAs;
use super::catch_exception::CatchException;
use super::finally::Finally;
use crate::frame::{Catch, Co, Exception, IntoException, Never, Raise, Yield};

impl<'g, Y, S> Co<'g, Y, S> {
    /// Yields `value` and waits for the reply. Python: `reply = yield value`.
    ///
    /// It does nothing until it is awaited. An exception that is thrown at it unwinds by dropping:
    /// everything inside the innermost scope ([`catch`](Self::catch)) is dropped, or the whole body
    /// if there is none.
    ///
    /// Yields that are awaited at the same time (`join!`, `FuturesUnordered`) queue in order; none is lost, and each
    /// gets its own reply. A yield has to be polled in the resume that brings its reply. One that is not (because it
    /// is awaited in an inner generator, say, which is suspended at a yield of its own) is left behind, and panics if
    /// it is awaited later.
    ///
    /// # Panics
    ///
    /// When it is awaited where its generator is not running, with the caller's location: in another
    /// generator's body that is driven synchronously, on another thread, or after its generator has
    /// gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    /// use std::pin::pin;
    ///
    /// let mut doubler = pin!(generator(|co| async move {
    ///     let mut n = co.yield_(0).await;
    ///     loop {
    ///         n = co.yield_(2 * n).await;
    ///     }
    /// }));
    /// doubler.start()?;
    /// let Step::Yielded(six) = doubler.send(3)?;
    /// assert_eq!(six, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn yield_(self, value: Y) -> Yield<Y, S> {
        Yield::new(self, value)
    }

    /// Yields `value` in a scope of its own: an exception that is thrown at the yield comes back as
    /// the error. Python: `try: reply = yield value` / `except BaseException as e:`.
    ///
    /// That includes the [`GeneratorExit`](crate::GeneratorExit) of a close: a body that catches one and yields again
    /// has ignored it. Python's `except Exception` lets it pass, as
    /// [`co.catch_exception(co.yield_(value))`](Self::catch_exception) does.
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
    /// let mut g = pin!(generator(|co| async move {
    ///     match co.try_yield(1).await {
    ///         Ok(()) => co.yield_(2).await,
    ///         Err(exception) => assert_eq!(exception.to_string(), "stop"),
    ///     }
    /// }));
    /// g.next()?;
    /// assert_eq!(g.throw(cogen::Exception::new("stop"))?, Step::Complete(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn try_yield(self, value: Y) -> TryYield<Y, S> {
        TryYield {
            scope: Catch::new(self, Yield::new(self, value)),
        }
    }

    /// A scope: runs `inside`, and catches what is thrown at a yield in it, or raised in it. Python:
    /// `try: …` / `except BaseException as e:`.
    ///
    /// When an exception comes, everything inside is dropped (destructors run) before the scope ends
    /// with the exception. Of nested scopes, the innermost catches it. Of scopes side by side under a foreign
    /// combinator (`join!`), the one around the yield that the caller was given catches it.
    ///
    /// # Errors
    ///
    /// The exception.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Exception, Generator, Step, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     let caught = co.catch(async {
    ///         co.yield_("first").await;
    ///         co.yield_("second").await;
    ///     });
    ///     if caught.await.is_err() {
    ///         co.yield_("caught").await;
    ///     }
    /// }));
    /// g.next()?;
    /// assert_eq!(g.throw(Exception::new("no"))?, Step::Yielded("caught"));
    /// assert_eq!(g.next()?, Step::Complete(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn catch<F: Future>(self, inside: F) -> Catch<Y, S, F> {
        Catch::new(self, inside)
    }

    /// A scope for every error but a [`GeneratorExit`](crate::GeneratorExit), which passes through: so the body can
    /// still be closed. Python: `try: …` / `except Exception as e:`.
    ///
    /// # Errors
    ///
    /// The exception.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    ///
    /// let mut g = generator(|co| async move {
    ///     let mut failures = 0;
    ///     loop {
    ///         if co.catch_exception(co.yield_(failures)).await.is_err() {
    ///             failures += 1;
    ///         }
    ///     }
    /// })
    /// .boxed();
    /// # let g: &mut cogen::BoxGen<'_, u32, (), ()> = &mut g;
    /// g.next()?;
    /// assert_eq!(g.throw("disk full")?, Step::Yielded(1));
    /// assert_eq!(g.close()?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn catch_exception<F: Future>(self, inside: F) -> CatchException<'g, Y, S, F> {
        CatchException::new(self, inside)
    }

    /// A scope for one type of error: everything else passes through. Python: `try: …` / `except E
    /// as e:`.
    ///
    /// # Errors
    ///
    /// The error, if it is an `E`.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Exception, Generator, Step, generator};
    /// use std::{fmt, pin::pin};
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     let caught = co.catch_as::<fmt::Error, _>(co.yield_(1)).await;
    ///     co.yield_(if caught.is_err() { 2 } else { 3 }).await;
    /// }));
    /// g.next()?;
    /// assert_eq!(g.throw(fmt::Error)?, Step::Yielded(2));
    /// // The scope has ended: the next exception goes through.
    /// assert!(g.throw(Exception::new("other")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn catch_as<E, F>(self, inside: F) -> CatchAs<'g, Y, S, E, F>
    where
        E: Error + 'static,
        F: Future,
    {
        CatchAs::new(self, inside)
    }

    /// Runs `inside` and then `cleanup`, whether `inside` ends or is unwound by an exception, which
    /// then goes on. Python: `try: …` / `finally: …`.
    ///
    /// A panic in the first block is not an exception, as in Rust it means a bug: the clean-up is dropped without being
    /// polled, and destructors run. What must happen after a panic too belongs in a destructor.
    ///
    /// `cleanup` may yield and await. It returns `()`: an error is raised ([`co.raise(error).await`](Self::raise)). What it
    /// raises, or what is thrown at it, replaces the exception, which becomes its [context](Exception::context).
    ///
    /// A generator that is dropped in place drops `cleanup` with the rest; the forms that close when
    /// they are dropped run it ([`BoxGen`](crate::BoxGen), [`closing`](crate::Generator::closing)).
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    /// use std::cell::Cell;
    ///
    /// let cleaned = Cell::new(false);
    /// let mut g = generator(|co| {
    ///     let cleaned = &cleaned;
    ///     async move {
    ///         co.finally(async { co.yield_(1).await }, async { cleaned.set(true) }).await
    ///     }
    /// })
    /// .boxed_local();
    /// g.next()?;
    /// assert_eq!(g.close()?, None);
    /// assert!(cleaned.get());
    /// # drop(g);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn finally<F, C>(self, inside: F, cleanup: C) -> Finally<'g, Y, S, F, C>
    where
        F: Future,
        C: Future<Output = ()>,
    {
        Finally::new(self, inside, cleanup)
    }

    /// Raises an exception: the innermost enclosing scope catches it, or else the caller gets it.
    /// Python: `raise exception`.
    ///
    /// The future never ends: it is dropped with everything inside that scope. Raised in one branch
    /// of a `join!`, it takes its siblings along, up to the scope.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Exception, Generator, NextError, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     co.yield_(1).await;
    ///     co.raise(Exception::new("broken")).await
    /// }));
    /// g.next()?;
    /// let Err(NextError::Raised(exception)) = g.next() else { unreachable!() };
    /// assert_eq!(exception.to_string(), "broken");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn raise(self, exception: impl IntoException) -> Raise<Y, S> {
        Raise::new(self, exception.into_exception())
    }
}

/// A yield with a scope of its own: the future that [`Co::try_yield`] makes.
#[derive(Debug)]
#[must_use = "a yield does nothing until it is awaited"]
#[pin_project]
pub struct TryYield<Y, S = ()> {
    #[pin]
    scope: Catch<Y, S, Yield<Y, S>>,
}

impl<Y, S> Future for TryYield<Y, S> {
    type Output = Result<S, Exception>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().scope.poll(cx)
    }
}

// `Never` is what `raise` gives.
const _: fn(Never) -> u8 = |never| never;

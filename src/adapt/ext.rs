use core::future::Future;

use super::drive::{self, DriveError};
use super::drive_with::{self, HandlerFuture};
use super::into_future::IntoFuture;
use super::into_sink::IntoSink;
use super::into_stream::IntoStream;
use super::into_try_stream::IntoTryStream;
use super::peekable::Peekable;
#[cfg(feature = "std")]
use super::tee::{self, Tee};
use crate::frame::{Exception, IntoException};
use crate::generator::{Generator, Outcome};

/// What every generator can be turned into, and driven by. All take the generator by value: a frame in
/// place, a box, or `&mut` of one, which is then still there.
pub trait GeneratorExt: Generator {
    /// Answers what the generator yields until it returns: each request goes to `handler`, whose reply is
    /// sent in. In this way one protocol in a generator is driven blocking, async
    /// ([`drive_async`](Self::drive_async)), and in a test with canned replies.
    ///
    /// # Errors
    ///
    /// `AlreadyStarted`, `Finished`, `Running`; `Pending` if the body awaits a future; `Raised`.
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, generator};
    ///
    /// /// Asks for numbers until there is none, and adds them up.
    /// async fn sum(co: Co<'_, &'static str, Option<u32>>) -> u32 {
    ///     let mut sum = 0;
    ///     while let Some(n) = co.yield_("number, please").await {
    ///         sum += n;
    ///     }
    ///     sum
    /// }
    ///
    /// let mut canned = [1, 2, 3].into_iter();
    /// assert_eq!(generator(sum).drive(|_prompt| canned.next())?, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn drive<H>(self, handler: H) -> Result<Self::Return, DriveError<Self::Resume>>
    where
        Self: Sized,
        H: FnMut(Self::Yield) -> Self::Resume,
    {
        drive::drive(self, handler)
    }

    /// [`drive`](Self::drive) with a handler that may fail: its error is thrown at the yield that asked.
    /// A body that catches it goes on; otherwise the drive ends with it (`Raised`).
    ///
    /// # Errors
    ///
    /// As `drive`; `Raised` also with the handler's error.
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, DriveError, GeneratorExt, generator};
    /// use std::num::ParseIntError;
    ///
    /// let tolerant = |co: Co<'static, &'static str, u32>| async move {
    ///     co.try_yield("x").await.unwrap_or(7) + co.yield_("5").await
    /// };
    /// assert_eq!(generator(tolerant).try_drive(str::parse)?, 12);
    ///
    /// let strict = |co: Co<'static, &'static str, u32>| async move { co.yield_("x").await };
    /// let Err(DriveError::Raised(error)) = generator(strict).try_drive(str::parse) else { unreachable!() };
    /// assert!(error.is::<ParseIntError>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn try_drive<H, E>(self, handler: H) -> Result<Self::Return, DriveError<Self::Resume>>
    where
        Self: Sized,
        H: FnMut(Self::Yield) -> Result<Self::Resume, E>,
        E: IntoException,
    {
        drive::try_drive(self, handler)
    }

    /// [`drive`](Self::drive) with an async handler. The body may await futures as well. They are polled with a waker
    /// of the generator's own, which wakes the caller's ([`into_stream`](Self::into_stream) says what that means);
    /// the handler is polled with the caller's.
    ///
    /// Equivalent to: `async fn drive_async(self, handler: …) -> Result<Self::Return, DriveError<…>>`.
    ///
    /// # Errors
    ///
    /// As `drive`, but `Pending` only if another caller of a shared generator takes it over.
    ///
    /// # Cancellation
    ///
    /// A drive that is dropped drops the generator, if that was given by value, and the future of the
    /// handler. A generator that was lent (`(&mut g).drive_async(…)`) stays where it is:
    ///
    /// - while the handler had a request: at the yield that asked. The request is lost, so drive it on by
    ///   hand ([`asend`](Generator::asend) a reply, or [`athrow`](Generator::athrow)), or close it.
    /// - while the body awaited a future: there. [`acontinue`](Generator::acontinue) goes on,
    ///   `athrow` and [`aclose`](Generator::aclose) throw there. A reply that no yield has received by then is lost.
    ///
    /// Another drive of that generator fails with `AlreadyStarted`. So a drive is not cancel-safe in the sense of
    /// `select!` in a loop: make one future of it, pin it, and poll that again.
    ///
    /// # Spawning
    ///
    /// The future is `Send` if the generator and the handler's futures are. Inside a task that is spawned on
    /// several threads, rustc 1.95 cannot see this for an async closure that borrows from its surroundings
    /// ("higher-ranked lifetime error", "`Send` is not general enough"). Lend it that by
    /// [`drive_async_with`](Self::drive_async_with).
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, generator};
    ///
    /// # futures::executor::block_on(async {
    /// let twice = generator(|co: Co<'_, u32, u32>| async move { co.yield_(1).await + co.yield_(2).await });
    /// let mut asked = 0;
    /// let sum = twice
    ///     .drive_async(async |n| {
    ///         asked += 1; // any future may be awaited here
    ///         10 * n
    ///     })
    ///     .await?;
    /// assert_eq!((sum, asked), (30, 2));
    /// # Ok::<(), cogen::DriveError<u32>>(()) }).unwrap();
    /// ```
    fn drive_async<H>(
        self,
        handler: H,
    ) -> impl Future<Output = Result<Self::Return, DriveError<Self::Resume>>>
    where
        Self: Sized,
        H: AsyncFnMut(Self::Yield) -> Self::Resume,
    {
        drive::drive_async(self, handler)
    }

    /// [`try_drive`](Self::try_drive) with an async handler.
    ///
    /// Equivalent to: `async fn try_drive_async(self, handler: …) -> Result<Self::Return, DriveError<…>>`.
    ///
    /// # Errors
    ///
    /// As [`drive_async`](Self::drive_async); `Raised` also with the handler's error.
    ///
    /// # Cancellation
    ///
    /// As [`drive_async`](Self::drive_async).
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, generator};
    ///
    /// # futures::executor::block_on(async {
    /// let tolerant = generator(|co: Co<'_, &str, u32>| async move {
    ///     co.try_yield("x").await.unwrap_or(7) + co.yield_("5").await
    /// });
    /// assert_eq!(tolerant.try_drive_async(async |text| text.parse::<u32>()).await?, 12);
    /// # Ok::<(), cogen::DriveError<u32>>(()) }).unwrap();
    /// ```
    fn try_drive_async<H, E>(
        self,
        handler: H,
    ) -> impl Future<Output = Result<Self::Return, DriveError<Self::Resume>>>
    where
        Self: Sized,
        H: AsyncFnMut(Self::Yield) -> Result<Self::Resume, E>,
        E: IntoException,
    {
        drive::try_drive_async(self, handler)
    }

    /// [`drive_async`](Self::drive_async) with a handler that is lent its state, a connection for example, at each call.
    /// A task that is spawned on several threads can await it: an async closure that borrows from the task cannot be
    /// used there. The handler's futures are boxed.
    ///
    /// Equivalent to: `async fn drive_async_with(self, state: S, handler: …) -> Result<Self::Return, DriveError<…>>`.
    ///
    /// # Errors
    ///
    /// As [`drive_async`](Self::drive_async).
    ///
    /// # Cancellation
    ///
    /// As [`drive_async`](Self::drive_async).
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, generator};
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    ///
    /// /// Sends a greeting, and gives the answer.
    /// async fn greet(co: Co<'_, &'static str, u8>) -> u8 {
    ///     co.yield_("hello").await
    /// }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let (mut near, mut far) = duplex(16);
    /// far.write_u8(7).await?;
    /// let task = tokio::spawn(async move {
    ///     let answer = generator(greet).drive_async_with(&mut near, |near, greeting| {
    ///         Box::pin(async move {
    ///             near.write_all(greeting.as_bytes()).await.unwrap();
    ///             near.read_u8().await.unwrap()
    ///         })
    ///     });
    ///     let answer = answer.await.unwrap();
    ///     near.shutdown().await.unwrap(); // it is still here
    ///     answer
    /// });
    /// assert_eq!(task.await?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    fn drive_async_with<S, H>(
        self,
        state: S,
        handler: H,
    ) -> impl Future<Output = Result<Self::Return, DriveError<Self::Resume>>>
    where
        Self: Sized,
        H: for<'s> FnMut(&'s mut S, Self::Yield) -> HandlerFuture<'s, Self::Resume>,
    {
        drive_with::drive_async_with(self, state, handler)
    }

    /// [`drive_async_with`](Self::drive_async_with) with a handler that may fail, as
    /// [`try_drive`](Self::try_drive)'s.
    ///
    /// Equivalent to: `async fn try_drive_async_with(self, state: S, handler: …) -> Result<Self::Return, DriveError<…>>`.
    ///
    /// # Errors
    ///
    /// As [`drive_async`](Self::drive_async); `Raised` also with the handler's error.
    ///
    /// # Cancellation
    ///
    /// As [`drive_async`](Self::drive_async).
    ///
    /// # Panics
    ///
    /// If the body or the handler panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, generator};
    ///
    /// # futures::executor::block_on(async {
    /// let tolerant = generator(|co: Co<'_, &'static str, u32>| async move {
    ///     co.try_yield("x").await.unwrap_or(7) + co.yield_("5").await
    /// });
    /// let mut asked = 0;
    /// let sum = tolerant.try_drive_async_with(&mut asked, |asked, text| {
    ///     Box::pin(async move {
    ///         **asked += 1;
    ///         text.parse::<u32>()
    ///     })
    /// });
    /// assert_eq!(sum.await?, 12);
    /// assert_eq!(asked, 2);
    /// # Ok::<(), cogen::DriveError<u32>>(()) }).unwrap();
    /// ```
    fn try_drive_async_with<S, H, E>(
        self,
        state: S,
        handler: H,
    ) -> impl Future<Output = Result<Self::Return, DriveError<Self::Resume>>>
    where
        Self: Sized,
        H: for<'s> FnMut(&'s mut S, Self::Yield) -> HandlerFuture<'s, Result<Self::Resume, E>>,
        E: IntoException,
    {
        drive_with::try_drive_async_with(self, state, handler)
    }

    /// An iterator that looks ahead, and has the generator: for a field of a parser, say. Its methods with an error
    /// ([`try_peek`](Peekable::try_peek), [`try_next`](Peekable::try_next)) say what went wrong; the others panic then,
    /// as any loop.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::adapt::Peekable;
    /// use cogen::{BoxGen, Generator, GeneratorExt, NextError, generator};
    ///
    /// struct Parser<'t> {
    ///     tokens: Peekable<BoxGen<'t, char, (), usize>>,
    /// }
    ///
    /// impl Parser<'_> {
    ///     fn number(&mut self) -> Result<u32, NextError> {
    ///         let mut number = 0;
    ///         while let Some(digit) = self.tokens.try_peek()?.and_then(|c| c.to_digit(10)) {
    ///             number = 10 * number + digit;
    ///             self.tokens.try_next()?;
    ///         }
    ///         Ok(number)
    ///     }
    /// }
    ///
    /// let text = "42+";
    /// let tokens = generator(|co| async move {
    ///     co.yield_all(text.chars()).await;
    ///     text.len()
    /// });
    /// let mut parser = Parser { tokens: tokens.boxed().peekable() };
    /// assert_eq!(parser.number()?, 42);
    /// assert_eq!(parser.tokens.by_ref().collect::<String>(), "+");
    /// assert_eq!(parser.tokens.get_mut().take_return().unwrap().unwrap(), 3);
    /// # Ok::<(), NextError>(())
    /// ```
    fn peekable(self) -> Peekable<Self>
    where
        Self: Sized + Unpin + Generator<Resume = ()>,
    {
        Peekable::new(self)
    }

    /// Two generators of one: each yields all that it yields, and what one has had before the other waits for that.
    /// Python: `itertools.tee`.
    ///
    /// - If the body raises, both do: the [`Exception`] of each is the same error, in an `Arc` that it looks through.
    /// - They return `()`. What the body returned is kept in the [`generator`](Tee::generator).
    /// - What is thrown at one, or closes or drops it, ends that one. When both have been dropped, the generator is closed.
    /// - They go to different threads or tasks if the generator is `Send`. One that is resumed while the other one is
    ///   running fails with `Running`, as handles of a [`Shared`](crate::Shared) do.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, GeneratorExt, from_iter};
    ///
    /// let (numbers, mut ahead) = from_iter(1..=3).tee();
    /// assert_eq!(ahead.iter().next(), Some(1));
    /// assert_eq!(numbers.into_iter().zip(ahead).collect::<Vec<_>>(), [(1, 2), (2, 3)]);
    /// ```
    #[cfg(feature = "std")]
    fn tee(self) -> (Tee<Self>, Tee<Self>)
    where
        Self: Sized + Unpin + Generator<Yield: Clone, Resume = ()>,
    {
        tee::tee(self)
    }

    /// A generator that yields nothing, as a cooperative future: at each yield it wakes itself and lets others run.
    /// Its output is what the body returns, or the error that ends it.
    ///
    /// A generator that was started goes on. One that has ended gives the error `Finished`.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the generator; one that was lent goes on from where it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{GeneratorExt, generator};
    ///
    /// # futures::executor::block_on(async {
    /// let search = generator(|co| async move {
    ///     let mut n = 600_851_475_143_u64;
    ///     let mut factor = 2;
    ///     while factor * factor <= n {
    ///         if n % factor == 0 { n /= factor } else { factor += 1 }
    ///         co.yield_(()).await; // others may run
    ///     }
    ///     n
    /// });
    /// assert_eq!(search.into_future().await?, 6857);
    /// # Ok::<(), cogen::NextError>(()) }).unwrap();
    /// ```
    fn into_future(self) -> IntoFuture<Self>
    where
        Self: Sized + Generator<Yield = (), Resume = ()>,
    {
        IntoFuture::new(self)
    }

    /// What the generator yields, as a stream. The stream ends where the body returns
    /// ([`take_return`](Generator::take_return) on the generator gives the value), and then gives `None` for ever.
    ///
    /// A stream has no place for an error: it panics with what the body raises, and where the body of a shared
    /// generator is running. [`results`](IntoStream::results) gives these as items.
    ///
    /// To pull the stream, pin it, or box the generator.
    ///
    /// # The waker
    ///
    /// The body is polled with a waker of this crate, which is lent for the poll, so that a yield costs what it costs
    /// in a sync generator. For what the body awaits:
    ///
    /// - A clone of it is a clone of the caller's waker, and waking it wakes the caller's. So timers, channels and
    ///   sockets of any runtime work, and so do combinators.
    /// - It is not `will_wake`-equal to an earlier clone of it: code that compares the two clones once more.
    /// - A future that looks into the waker it is polled with, for something that its executor put there, does not
    ///   find that (embassy's timers look there). Await it with [`with_callers_waker`](crate::with_callers_waker).
    ///
    /// The same holds for [`anext`](Generator::anext) and the other async operations. A yield or a scope of an
    /// enclosing generator may be awaited in this body: it belongs to the enclosing one.
    ///
    /// # Panics
    ///
    /// Polling the stream panics with the error where the body raises or is running, and if generators resume each other
    /// too deep for the thread's stack ([`RecursionError`](crate::RecursionError)).
    ///
    /// # Cancellation
    ///
    /// Dropping a `next()` of the stream loses nothing: the next one goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, GeneratorExt, generator};
    /// use futures::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut g = generator(|co| async move {
    ///     co.yield_(1).await;
    ///     co.yield_(async { 2 }.await).await;
    ///     "done"
    /// })
    /// .boxed();
    /// let doubled = (&mut g).into_stream().map(|n| 2 * n);
    /// assert_eq!(doubled.collect::<Vec<_>>().await, [2, 4]);
    /// assert_eq!(g.take_return().unwrap()?, "done");
    /// # Ok::<(), cogen::Exception>(()) }).unwrap();
    /// ```
    fn into_stream(self) -> IntoStream<Self>
    where
        Self: Sized + Generator<Resume = ()>,
    {
        IntoStream::new(self)
    }

    /// A body that returns a `Result`, as a stream of results: `?` works in the body, and its error is the last item.
    /// So is an exception that the body raises, which becomes an `E`
    /// ([`into_try_stream_with`](Self::into_try_stream_with) says how, where `From` does not).
    ///
    /// Then the stream gives `None` for ever. Otherwise it is as
    /// [`into_stream`](Self::into_stream).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Exception, GeneratorExt, generator};
    /// use futures::TryStreamExt;
    ///
    /// fn numbers(text: &str) -> impl futures::TryStream<Ok = i32, Error = Exception> {
    ///     generator(move |co| async move {
    ///         for word in text.split(' ') {
    ///             co.yield_(word.parse()?).await;
    ///         }
    ///         Ok(())
    ///     })
    ///     .into_try_stream()
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// assert_eq!(numbers("1 2 3").try_collect::<Vec<_>>().await?, [1, 2, 3]);
    /// let error = numbers("1 x 3").try_collect::<Vec<_>>().await.unwrap_err();
    /// assert_eq!(error.to_string(), "invalid digit found in string");
    /// # Ok::<(), Exception>(()) }).unwrap();
    /// ```
    fn into_try_stream<E>(self) -> IntoTryStream<Self, fn(Exception) -> E>
    where
        Self: Sized + Generator<Resume = (), Return = Result<(), E>>,
        E: From<Exception>,
    {
        IntoTryStream::new(self, E::from)
    }

    /// [`into_try_stream`](Self::into_try_stream), where `convert` makes an `E` from an exception that the body
    /// raises.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Exception, GeneratorExt, generator};
    /// use futures::StreamExt;
    /// use std::{io, pin::pin};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = generator(|co| async move {
    ///     co.yield_(1).await;
    ///     co.raise(Exception::new("broken")).await
    /// })
    /// .into_try_stream_with(io::Error::other);
    /// let mut stream = pin!(stream);
    /// assert_eq!(stream.next().await.unwrap()?, 1);
    /// assert_eq!(stream.next().await.unwrap().unwrap_err().to_string(), "broken");
    /// assert!(stream.next().await.is_none());
    /// # Ok::<(), io::Error>(()) }).unwrap();
    /// ```
    fn into_try_stream_with<E, F>(self, convert: F) -> IntoTryStream<Self, F>
    where
        Self: Sized + Generator<Resume = (), Return = Result<(), E>>,
        F: FnMut(Exception) -> E,
    {
        IntoTryStream::new(self, convert)
    }

    /// A body that is sent items and yields nothing, as a sink of `futures`.
    ///
    /// - The sink is ready when the body is at a yield: the body is started by the first `poll_ready`, or when a sink
    ///   that was sent nothing is closed. What it awaits holds the sender back.
    /// - An item is sent to the body when the sink is polled next: one item may wait in the sink. Flushing
    ///   is done when the body is at its next yield.
    /// - Closing flushes and then throws a [`GeneratorExit`](crate::GeneratorExit): the body's clean-up may
    ///   await. Dropping does what dropping the generator does.
    /// - The body may use `?`: if it returns an `Err`, at an item or while it is closed, the sink has failed.
    ///   [`into_sink_with`](Self::into_sink_with) is for bodies that return something else.
    ///
    /// # Errors
    ///
    /// See [`SinkError`](crate::adapt::SinkError). What the body raises or returns as an error is `Raised`, once, from
    /// the call that runs into it: from flushing or closing, if that is the last item, or the end. All calls after
    /// that fail with `Finished`. A body that returns without an error ends the sink: the next item fails with
    /// `Finished`, flushing and closing succeed.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExit, GeneratorExt, generator};
    /// use futures::{SinkExt, StreamExt, stream};
    /// use std::num::ParseIntError;
    ///
    /// # futures::executor::block_on(async {
    /// let mut numbers = Vec::new();
    /// let parsing = generator(|co: Co<'_, (), &str>| {
    ///     let numbers = &mut numbers;
    ///     async move {
    ///         while let Ok(text) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
    ///             numbers.push(text.parse::<i32>()?);
    ///         }
    ///         Ok::<(), ParseIntError>(())
    ///     }
    /// })
    /// .boxed_local();
    /// let sent = stream::iter(["1", "2", "x"]).map(Ok).forward(parsing.into_sink()).await;
    /// assert_eq!(sent.unwrap_err().to_string(), "invalid digit found in string");
    /// assert_eq!(numbers, [1, 2]);
    /// # });
    /// ```
    fn into_sink(self) -> IntoSink<Self>
    where
        Self: Sized + Generator<Yield = (), Return: Outcome>,
    {
        IntoSink::new(self, Outcome::into_result)
    }

    /// [`into_sink`](Self::into_sink) for a body that returns a value: `check` is given the value, and says whether the
    /// sink has failed, by what it returns itself: `()`, or a `Result` of `()`.
    ///
    /// `check` is not called if the body raises, or lets itself be unwound when it is closed.
    ///
    /// # Errors
    ///
    /// As with `into_sink`. What `check` returns as an error is `Raised`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExit, GeneratorExt, generator};
    /// use futures::{SinkExt, StreamExt, stream};
    ///
    /// # futures::executor::block_on(async {
    /// let sum = generator(|co: Co<'_, (), u32>| async move {
    ///     let mut sum = 0;
    ///     while let Ok(n) = co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
    ///         sum += n;
    ///     }
    ///     sum
    /// });
    /// let mut total = None;
    /// let sink = sum.into_sink_with(|sum| total = Some(sum));
    /// stream::iter([1, 2, 3]).map(Ok).forward(sink).await?;
    /// assert_eq!(total, Some(6));
    /// # Ok::<(), cogen::adapt::SinkError<u32>>(()) }).unwrap();
    /// ```
    fn into_sink_with<F, O>(self, check: F) -> IntoSink<Self, F>
    where
        Self: Sized + Generator<Yield = ()>,
        F: FnOnce(Self::Return) -> O,
        O: Outcome,
    {
        IntoSink::new(self, check)
    }
}

impl<G: Generator + ?Sized> GeneratorExt for G {}

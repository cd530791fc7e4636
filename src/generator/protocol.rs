use core::pin::Pin;
use core::task::Context;

use super::asynchronous::{AClose, AContinue, ANext, ASend, AStart, AThrow};
#[cfg(feature = "std")]
use super::boxed::BoxGen;
use super::boxed::LocalBoxGen;
use super::closing::Closing;
use super::delegate::{Delegate, Delegated, by_protocol};
use super::errors::{CloseError, NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::iter::Iter;
use super::results::Results;
use super::sent_nothing::SentNothing;
#[cfg(feature = "std")]
use super::shared::Shared;
use super::state::State;
use super::step::Step;
use crate::frame::{Exception, IntoException, UnderWay};

/// A resumable generator: Python's protocol (PEP 342, PEP 380, PEP 479).
///
/// # For callers
///
/// | To | call | where the body awaits futures |
/// |---|---|---|
/// | run it to its first yield | [`start`](Self::start) | [`astart`](Self::astart) |
/// | resume it | [`next`](Self::next) | [`anext`](Self::anext) |
/// | resume it with the reply to its yield | [`send`](Self::send) | [`asend`](Self::asend) |
/// | throw an exception at its yield | [`throw`](Self::throw) | [`athrow`](Self::athrow) |
/// | end it | [`close`](Self::close) | [`aclose`](Self::aclose) |
/// | go on where it awaits | [`try_continue`](Self::try_continue) | [`acontinue`](Self::acontinue) |
/// | loop over it, with errors as items | [`results`](Self::results) | `into_stream().results()` |
/// | loop over it | [`iter`](Self::iter), [`into_iterator`](Self::into_iterator), `for … in g`, `for … in &mut g` | [`into_stream`](crate::GeneratorExt::into_stream) |
/// | get what it returned, after a loop | [`take_return`](Self::take_return) | the same |
///
/// They take `&mut self` where `Self: Unpin`: a pinned frame, a box. `Pin<P>` of pointers to generators, `&mut G` and
/// `Box<G>` are generators too.
///
/// # What they do in each state
///
/// | state \ call | `start` / `next` | `send(v)` | `throw(e)` | `close()` |
/// |---|---|---|---|---|
/// | `Created` | runs to the first yield | error `JustStarted(v)` | the body never runs, closed, `Err(Raised(e))` | closed, `Ok(None)` |
/// | `Suspended` | resumes (`next`) / error `AlreadyStarted` | resumes | delivered at the yield | throws `GeneratorExit` |
/// | `Awaiting` | goes on (`next`) / error `AlreadyStarted` | error `Awaiting(v)` | delivered where it awaits | throws `GeneratorExit` there |
/// | `Running` | error `Running` | error `Running(v)` | error `Running(e)` | error `Running` |
/// | `Closed` | error `Finished`; iterators give `None` for ever | error `Finished(v)` | `Err(Raised(e))` | `Ok(None)` |
///
/// # As `dyn`
///
/// `&mut (dyn Generator<Yield = Y, Resume = (), Return = R> + Unpin)`, `Box<dyn Generator<…> + Unpin + Send>` and
/// `Pin<Box<dyn Generator<…>>>` are generators, and so is any other pointer. Boxes have all methods. A `g` of type
/// `&mut dyn` has those that can be called through a vtable (`start`, `next`, `send`, `close`, `state`,
/// `take_return`, …) and is looped over by `for … in &mut *g`. The others (`throw`, `iter`, `anext`, …) give or take
/// a type that depends on the generator's: call them on the pointer, as `(&mut g).throw(error)`.
///
/// ```
/// use cogen::{Generator, Step, from_iter};
///
/// fn first_two(mut g: &mut (dyn Generator<Yield = u32, Resume = (), Return = ()> + Unpin)) -> [u32; 2] {
///     let Ok(Step::Yielded(first)) = g.next() else { panic!() };
///     let second = (&mut g).iter().next().unwrap();
///     [first, second]
/// }
///
/// assert_eq!(first_two(&mut from_iter(1..).boxed()), [1, 2]);
/// ```
///
/// A [`BoxGen`](crate::BoxGen) has a shorter name, closes when it is dropped, and any generator
/// [becomes one](Self::boxed).
///
/// # For types that implement it
///
/// The methods that a type implements have names of their own (`resume_start`, …), and take `Pin<&mut Self>` and a
/// context. `None` drives synchronously: if the body awaits a future that is not ready, the operation fails with
/// `Pending`. `Some` drives asynchronously: `Pending` means that the context's waker will be woken.
///
/// An adapter around another generator `inner` passes the calls on. Two lines are easy to forget, so they are
/// required: without them the value that a loop has seen returned would be lost.
///
/// ```text
/// fn keep_return(self: Pin<&mut Self>, outcome: Result<…>) { self.inner().keep_return(outcome) }
/// fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<…>> { self.inner().take_kept_return() }
/// ```
///
/// A generator of your own that has none inside holds a [`KeptReturn`](crate::KeptReturn), whose example is one.
///
/// # Panics
///
/// Only a loop does ([`iter`](Self::iter), `for`, a stream), where the body raises, awaits or is running, as it has no
/// other way to say so: [`results`](Self::results) never panics. A panic in the body goes to the caller; the generator
/// is then closed.
pub trait Generator {
    /// What it yields.
    type Yield;
    /// What it is sent. A yield gives it to the body.
    type Resume;
    /// What it returns.
    type Return;

    /// Where the generator is in its life.
    fn state(&self) -> State;

    /// See [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// As `start`.
    fn resume_start(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<Self::Yield, Self::Return>, StartError>;

    /// See [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As `send`.
    fn resume_send(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>>;

    /// See [`throw`](Self::throw).
    ///
    /// # Errors
    ///
    /// As `throw`.
    fn resume_throw(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<Self::Yield, Self::Return>, ThrowError>;

    /// See [`acontinue`](Self::acontinue) and [`try_continue`](Self::try_continue).
    ///
    /// # Errors
    ///
    /// As those.
    fn resume_continue(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<Self::Yield, Self::Return>, NextError>;

    /// Keeps how the body ended for [`take_kept_return`](Self::take_kept_return): loops and streams call this, as they
    /// have no other place for the outcome.
    ///
    /// A generator that is made of another one passes the call on. One that is not keeps the outcome in a field, a
    /// [`KeptReturn`](crate::KeptReturn) ("For types that implement it").
    fn keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>);

    /// See [`take_return`](Self::take_return).
    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>>;

    /// Runs the body to its first yield. Python's `next(g)` or `g.send(None)` on a new generator.
    ///
    /// # Errors
    ///
    /// `AlreadyStarted`, `Finished`, `Running`; `Pending` if the body awaits a future; `Raised`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn start(&mut self) -> Result<Step<Self::Yield, Self::Return>, StartError>
    where
        Self: Unpin,
    {
        Pin::new(self).resume_start(None)
    }

    /// Resumes a generator that is sent nothing, or starts it. Python's `next(g)`.
    ///
    /// # Errors
    ///
    /// `Finished`, `Running`; `Pending` if the body awaits a future; `Raised`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Result<Step<Self::Yield, Self::Return>, NextError>
    where
        Self: Unpin,
        (): SentNothing<Self::Resume>,
    {
        Pin::new(self).resume_next(None)
    }

    /// Starts the generator if it is new, else resumes it with `value`: one call for a driver that does not know in
    /// which state the generator is.
    ///
    /// There is no yield that could receive the first value, and it is dropped, as by std's `Coroutine::resume` and by
    /// genawaiter. (Python's `g.send(value)` is an error there.) To lose none, look at [`state`](Self::state), or call
    /// [`start`](Self::start) and [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As `send`, but never `JustStarted`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    ///
    /// /// Sends the same value until the generator has finished.
    /// fn run<G: Generator<Resume = u32> + Unpin>(mut g: G, value: u32) -> Option<G::Return> {
    ///     loop {
    ///         if let Step::Complete(end) = g.start_or_send(value).ok()? {
    ///             return Some(end);
    ///         }
    ///     }
    /// }
    ///
    /// let mut sum = generator(|co| async move { co.yield_(()).await + co.yield_(()).await }).boxed();
    /// sum.start()?;
    /// assert_eq!(run(sum, 4), Some(8));
    /// # Ok::<(), cogen::StartError>(())
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn start_or_send(
        &mut self,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>>
    where
        Self: Unpin,
    {
        Pin::new(self).resume_start_or_send(None, value)
    }

    /// Resumes the body with the reply to its yield. Python's `g.send(value)`.
    ///
    /// # Errors
    ///
    /// `JustStarted(value)`, `Finished(value)`, `Running(value)`, `Awaiting(value)` (the body has been awaiting a
    /// future since an earlier operation): the value comes back. `Pending` if the body now awaits a future. `Raised`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, SendError, Step, generator};
    /// use std::pin::pin;
    ///
    /// let mut echo = pin!(generator(|co| async move {
    ///     let mut heard = String::new();
    ///     loop {
    ///         heard = co.yield_(heard).await;
    ///     }
    /// }));
    /// let Err(SendError::JustStarted(early)) = echo.send("hello".to_owned()) else { unreachable!() };
    /// echo.start()?;
    /// let Step::Yielded(heard) = echo.send(early)?;
    /// assert_eq!(heard, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn send(
        &mut self,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>>
    where
        Self: Unpin,
    {
        Pin::new(self).resume_send(None, value)
    }

    /// Throws an exception at the yield where the body is suspended. Python's `g.throw(exception)`.
    ///
    /// The innermost scope ([`Co::catch`](crate::Co::catch)) catches it, and the body goes on from there. Without a
    /// scope the body is dropped and the exception comes back.
    ///
    /// # Errors
    ///
    /// `Raised`: the exception, or another one, came out of the body. `Running(exception)`.
    /// `Pending` if the body then awaits a future.
    fn throw(
        &mut self,
        exception: impl IntoException,
    ) -> Result<Step<Self::Yield, Self::Return>, ThrowError>
    where
        Self: Unpin + Sized,
    {
        Pin::new(self).resume_throw(None, exception.into_exception())
    }

    /// Ends the generator: throws a [`GeneratorExit`]. Python's `g.close()` (3.13: with the value).
    ///
    /// `Ok(Some(value))` if the body answers by returning, `Ok(None)` if it lets itself be unwound,
    /// had not started, or was closed.
    ///
    /// # Errors
    ///
    /// `Ignored(y)` if the body answers by yielding: it stays suspended, and can be closed again.
    /// `Raised` if it answers with another exception. `Running`. `Pending` if it awaits a future.
    fn close(&mut self) -> Result<Option<Self::Return>, CloseError<Self::Yield>>
    where
        Self: Unpin,
    {
        Pin::new(self).resume_close(None)
    }

    /// How the body ended: the value that it returned, or the exception that it raised. Given once,
    /// after an iterator or a stream has seen the end (after a panic of theirs, if the body raised).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     for n in 1..=3 {
    ///         co.yield_(n).await;
    ///     }
    ///     "three"
    /// }));
    /// let mut sum = 0;
    /// for n in &mut g {
    ///     sum += n;
    /// }
    /// assert_eq!(sum, 6);
    /// assert_eq!(g.take_return().unwrap()?, "three");
    /// assert!(g.take_return().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn take_return(&mut self) -> Option<Result<Self::Return, Exception>>
    where
        Self: Unpin,
    {
        Pin::new(self).take_kept_return()
    }

    /// An iterator over what is yielded from now on. Python: `for item in g`.
    ///
    /// It ends where the body returns: [`take_return`](Self::take_return) gives the value then. Keeping that value
    /// takes no memory where the value has no size (a `()`), one allocation elsewhere, or two for a large value.
    ///
    /// # Panics
    ///
    /// Where the body raises, the iterator panics with the error, as Python's `for` raises it, and `take_return`
    /// gives the exception then. So it does if the body awaits a future, is running (a shared handle is used inside
    /// it), or is too deep for the thread's stack ([`RecursionError`](crate::RecursionError)).
    /// [`results`](Self::results) gives these errors as items. Where a body delegates to the
    /// iterator itself ([`Co::yield_all`](crate::Co::yield_all)), the error is raised in that body.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn iter(&mut self) -> Iter<&mut Self>
    where
        Self: Unpin + Sized + Generator<Resume = ()>,
    {
        Iter::new(self)
    }

    /// An iterator over what is yielded from now on, with what went wrong: items are `Ok`, and an error, if there
    /// is one, is the last item.
    ///
    /// After an error the iterator is over, as after the end. Another one goes on where that is possible: a body that
    /// awaited a future may be ready by then. [`take_return`](Self::take_return) gives what the body returned; an
    /// exception that came out as an item is not kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, NextError, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     co.yield_(1).await;
    ///     co.raise("x".parse::<u32>().unwrap_err()).await;
    /// }));
    /// let mut sum = 0;
    /// let mut failed = None;
    /// for item in g.results() {
    ///     match item {
    ///         Ok(item) => sum += item,
    ///         Err(error) => failed = Some(error),
    ///     }
    /// }
    /// assert_eq!(sum, 1);
    /// assert!(matches!(failed, Some(NextError::Raised(_))));
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn results(&mut self) -> Results<&mut Self>
    where
        Self: Unpin + Sized + Generator<Resume = ()>,
    {
        Results::new(self)
    }

    /// An iterator that owns the generator. For a function that gives an `impl Iterator`, and for generic code: the types
    /// with a name ([`BoxGen`](crate::BoxGen), [`Frame`](crate::Frame), …) are also `IntoIterator`, but Rust allows that
    /// for no type parameter and no `impl Generator`.
    ///
    /// The generator is [in the iterator](Iter::get_mut), with what it returned. One that is not `Unpin` is boxed
    /// before: `Box::pin(g).into_iterator()`, or [`boxed`](Self::boxed).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, generator};
    ///
    /// fn words(text: &str) -> impl Generator<Yield = &str, Resume = (), Return = usize> + Unpin {
    ///     Box::pin(generator(move |co| async move {
    ///         co.yield_all(text.split(' ')).await;
    ///         text.len()
    ///     }))
    /// }
    ///
    /// fn lengths(text: &str) -> impl Iterator<Item = usize> {
    ///     words(text).into_iterator().map(str::len)
    /// }
    ///
    /// assert_eq!(lengths("to be or").collect::<Vec<_>>(), [2, 2, 2]);
    ///
    /// let mut iter = words("not to be").into_iterator();
    /// assert_eq!(iter.by_ref().count(), 3);
    /// assert_eq!(iter.into_inner().take_return().unwrap()?, 9);
    /// # Ok::<(), cogen::Exception>(())
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn into_iterator(self) -> Iter<Self>
    where
        Self: Unpin + Sized + Generator<Resume = ()>,
    {
        Iter::new(self)
    }

    /// A form that closes when it is dropped, as a Python generator does, so that scopes and
    /// [`finally`](crate::Co::finally) run. What goes wrong then is reported
    /// ([`set_unraisable_hook`](crate::set_unraisable_hook)).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, generator};
    /// use std::{cell::Cell, pin::pin};
    ///
    /// let cleaned = Cell::new(0);
    /// {
    ///     let cleaned = &cleaned;
    ///     let g = pin!(generator(|co| async move {
    ///         co.finally(co.yield_(1), async { cleaned.set(1) }).await
    ///     }));
    ///     let mut g = g.closing();
    ///     g.next()?;
    /// }
    /// assert_eq!(cleaned.get(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn closing(self) -> Closing<Self>
    where
        Self: Unpin + Sized,
    {
        Closing::new(self)
    }

    /// Boxes the generator, whatever it is: a type with a name, which closes when it is dropped. What was started goes
    /// on in the box, and what it kept is there.
    ///
    /// ([`Frame::boxed`](crate::Frame::boxed) is this for a frame, which needs no pin before, and is resumed faster. A
    /// generator that is lent, as `&mut`, or has other owners, is not closed with the box.)
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{BoxGen, Generator, from_iter};
    ///
    /// fn numbers() -> impl Generator<Yield = u32, Resume = (), Return = ()> + Send {
    ///     from_iter(1..=3)
    /// }
    ///
    /// let mut sources: Vec<BoxGen<'_, u32>> = vec![numbers().boxed(), from_iter([7]).boxed()];
    /// assert_eq!(sources.iter_mut().flatten().collect::<Vec<_>>(), [1, 2, 3, 7]);
    /// ```
    #[cfg(feature = "std")]
    fn boxed<'a>(self) -> BoxGen<'a, Self::Yield, Self::Resume, Self::Return>
    where
        Self: Sized + Send + 'a,
    {
        BoxGen::of(self)
    }

    /// [`boxed`](Self::boxed) for a generator that need not be `Send`.
    fn boxed_local<'a>(self) -> LocalBoxGen<'a, Self::Yield, Self::Resume, Self::Return>
    where
        Self: Sized + 'a,
    {
        LocalBoxGen::of(self)
    }

    /// A handle that may be cloned, so that a generator has several owners, as in Python: a call that is made while
    /// the body runs fails with `Running`. The generator closes when the last handle is dropped.
    ///
    /// A frame that is not pinned is boxed first ([`Frame::shared`](crate::Frame::shared)).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, generator};
    ///
    /// let mut one = generator(|co| async move {
    ///     co.yield_all(1..=4).await;
    /// })
    /// .shared();
    /// let mut other = one.clone();
    /// let pairs: Vec<_> = one.iter().zip(other.iter()).collect();
    /// assert_eq!(pairs, [(1, 2), (3, 4)]);
    /// ```
    #[cfg(feature = "std")]
    fn shared(self) -> Shared<Self>
    where
        Self: Unpin + Sized,
    {
        Shared::new(self)
    }

    /// Starts the generator at once: gives back the generator, advanced to its first yield, and
    /// what it yielded (or returned) there. Python's customary decorator `@coroutine`, which calls
    /// `next` on what it makes.
    ///
    /// The result is what [`yield_from_with`](crate::Co::yield_from_with) takes.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); the generator is then dropped. (`(&mut g).primed()` keeps it. So
    /// does [`astart`](Self::astart), which is for a body that awaits before it yields.)
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    ///
    /// let (mut echo, _) = generator(|co| async move {
    ///     let mut heard = 0;
    ///     loop {
    ///         heard = co.yield_(heard).await;
    ///     }
    /// })
    /// .boxed()
    /// .primed()?;
    /// let Step::Yielded(heard) = echo.send(5)?;
    /// assert_eq!(heard, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn primed(mut self) -> Result<(Self, Step<Self::Yield, Self::Return>), StartError>
    where
        Self: Unpin + Sized,
    {
        let first = self.start()?;
        Ok((self, first))
    }

    /// [`start`](Self::start), where the body may await futures. Python's `agen.asend(None)` on a new
    /// async generator (PEP 525).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it is ready, nothing is lost: another `astart` goes on to the first yield, as
    /// long as the body awaits on its way there. So it may be repeated in a `select!` loop.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn astart(&mut self) -> AStart<'_, Self>
    where
        Self: Unpin + Sized,
    {
        AStart::new(self)
    }

    /// [`next`](Self::next), where the body may await futures. Python's `agen.__anext__()` (PEP 525).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it is ready, nothing is lost: another one goes on.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn anext(&mut self) -> ANext<'_, Self>
    where
        Self: Unpin + Sized + Generator<Resume = ()>,
    {
        ANext::new(self)
    }

    /// [`send`](Self::send), where the body may await futures. Python's `agen.asend(value)`
    /// (PEP 525).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before a yield has received the value, the value is dropped with it. Otherwise the
    /// body keeps the value, and the operation is still under way: another `asend` goes on with it, and drops its *own*
    /// value. So in a `select!` loop pass the same value until there is an answer, or, where the value is not at hand
    /// any longer, go on with [`acontinue`](Self::acontinue). (A [`Shared`](crate::Shared) handle gives the value back
    /// instead, as `Awaiting`: the operation may be another owner's.)
    ///
    /// An `asend` to a generator that awaits for another reason gives its value back (`Awaiting`): go on with
    /// `acontinue` first.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Generator, Step, generator};
    /// use futures::FutureExt;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = futures::channel::oneshot::channel();
    /// let mut g = generator(|co: Co<'_, u32, u32>| async move {
    ///     let sent = co.yield_(0).await;
    ///     let more = receiver.await.unwrap_or(0);
    ///     co.yield_(sent + more).await
    /// })
    /// .boxed();
    /// g.astart().await?;
    /// assert!(g.asend(5).now_or_never().is_none()); // dropped, as by `select!`
    /// sender.send(10).unwrap();
    /// assert_eq!(g.asend(5).await?, Step::Yielded(15));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn asend(&mut self, value: Self::Resume) -> ASend<'_, Self>
    where
        Self: Unpin + Sized,
    {
        ASend::new(self, value)
    }

    /// [`throw`](Self::throw), where the body may await futures. Python's `agen.athrow(exception)`
    /// (PEP 525).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it was polled, nothing is thrown. If it is dropped later, a scope has caught
    /// the exception, and the generator awaits: go on with [`acontinue`](Self::acontinue). Another `athrow` does not
    /// repeat this one: it throws where the body awaits.
    fn athrow(&mut self, exception: impl IntoException) -> AThrow<'_, Self>
    where
        Self: Unpin + Sized,
    {
        AThrow::new(self, exception.into_exception())
    }

    /// [`close`](Self::close), where the body may await futures. Python's `agen.aclose()` (PEP 525).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it was polled, nothing is closed. If it is dropped later, the generator is
    /// left in the midst of its clean-up: [`acontinue`](Self::acontinue) goes on with that, and ends with the
    /// [`GeneratorExit`]; another `aclose` throws at the clean-up, which cuts it short.
    fn aclose(&mut self) -> AClose<'_, Self>
    where
        Self: Unpin + Sized,
    {
        AClose::new(self)
    }

    /// Whether it is closed when it is dropped now, so that nobody has to do that before.
    #[doc(hidden)]
    fn closes_on_drop(&self) -> bool {
        false
    }

    /// What the body is on its way to, while it awaits: an async operation that is done again goes on with that.
    #[doc(hidden)]
    fn under_way(&self) -> UnderWay {
        UnderWay::Other
    }

    /// A yield has taken a value that an async caller sent, and the body awaits.
    #[doc(hidden)]
    fn note_sending(self: Pin<&mut Self>) {}

    /// Goes on with a body that awaits a future ([`State::Awaiting`]): after an operation that ended with `Pending`, or
    /// whose future was dropped. Python has no such call: it goes on with the awaitable of `asend` or `athrow`.
    ///
    /// # Errors
    ///
    /// `NotAwaiting` if the body does not await; `Finished`, `Running`, `Raised`. (If the generator was being closed,
    /// it ends with `Raised`, the [`GeneratorExit`].)
    ///
    /// # Cancellation
    ///
    /// If the future is dropped before it is ready, nothing is lost: another one goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Generator, StartError, State, Step, generator};
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = futures::channel::oneshot::channel();
    /// let mut g = generator(|co: Co<'_, u32, u32>| async move {
    ///     let n = receiver.await.unwrap_or(0);
    ///     co.yield_(n).await
    /// })
    /// .boxed();
    /// assert!(matches!(g.start(), Err(StartError::Pending)));
    /// assert_eq!(g.state(), State::Awaiting);
    /// sender.send(7).unwrap();
    /// assert_eq!(g.acontinue().await?, Step::Yielded(7));
    /// assert_eq!(g.state(), State::Suspended);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    fn acontinue(&mut self) -> AContinue<'_, Self>
    where
        Self: Unpin + Sized,
    {
        AContinue::new(self)
    }

    /// [`acontinue`](Self::acontinue) for a caller without a runtime: polls once. A body that awaits a lock, say, can
    /// be tried again when the lock is free.
    ///
    /// # Errors
    ///
    /// `Pending` if the body still awaits a future; `NotAwaiting` if it does not await; `Finished`, `Running`, `Raised`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Generator, NextError, SendError, Step, generator};
    /// use futures::lock::Mutex;
    ///
    /// let database = Mutex::new(1);
    /// let busy = database.try_lock().unwrap();
    /// let mut g = generator(|co: Co<'_, u32, &str>| {
    ///     let database = &database;
    ///     async move { co.yield_(*database.lock().await).await }
    /// })
    /// .boxed();
    /// assert!(g.start().is_err()); // it awaits the lock
    /// assert!(matches!(g.send("early"), Err(SendError::Awaiting("early"))));
    /// assert!(matches!(g.try_continue(), Err(NextError::Pending)));
    /// drop(busy);
    /// assert_eq!(g.try_continue()?, Step::Yielded(1));
    /// assert!(matches!(g.try_continue(), Err(NextError::NotAwaiting)));
    /// # drop(g);
    /// # Ok::<(), NextError>(())
    /// ```
    fn try_continue(&mut self) -> Result<Step<Self::Yield, Self::Return>, NextError>
    where
        Self: Unpin,
    {
        Pin::new(self).resume_continue(None)
    }

    /// See [`next`](Self::next).
    ///
    /// # Errors
    ///
    /// As `next`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn resume_next(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<Self::Yield, Self::Return>, NextError>
    where
        (): SentNothing<Self::Resume>,
    {
        self.resume_start_or_send(cx, ().nothing())
            .map_err(|error| NextError::from(error.without_value()))
    }

    /// The same, for a loop: the value is put into `item`, which is `None` before. In this way it is moved less
    /// often.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[doc(hidden)]
    fn resume_next_into(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: Self::Resume,
        item: &mut Option<Self::Yield>,
    ) -> Result<Step<(), Self::Return>, NextError> {
        match self.resume_start_or_send(cx, value) {
            Ok(Step::Yielded(value)) => {
                *item = Some(value);
                Ok(Step::Yielded(()))
            }
            Ok(Step::Complete(value)) => Ok(Step::Complete(value)),
            Err(error) => Err(error.without_value().into()),
        }
    }

    /// See [`start_or_send`](Self::start_or_send). Implement it where that can be done in one operation.
    ///
    /// # Errors
    ///
    /// As `start_or_send`.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn resume_start_or_send(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
        match self.state() {
            State::Created => self.resume_start(cx).map_err(|error| match error {
                StartError::Raised(exception) => SendError::Raised(exception),
                StartError::TooDeep => SendError::TooDeep(value),
                StartError::Running => SendError::Running(value),
                StartError::Finished => SendError::Finished(value),
                // Another owner has been faster.
                StartError::AlreadyStarted => SendError::Pending(Some(value)),
                StartError::Pending => SendError::Pending(None),
            }),
            _ => self.resume_send(cx, value),
        }
    }

    /// Resumes this generator for one that delegates to it.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[doc(hidden)]
    fn resume_delegated(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        delegate: Delegate<Self::Resume>,
    ) -> Delegated<Self::Yield, Self::Return, Self::Resume> {
        by_protocol(self, cx, delegate)
    }

    /// How many more values it will yield, at least and at most, if nothing but [`next`](Self::next) is called: what
    /// loops and streams tell of themselves ([`Iterator::size_hint`]).
    ///
    /// Nobody knows that of a body. [`from_iter`](crate::from_iter()) passes on what its iterator says.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, (self.state() == State::Closed).then_some(0))
    }

    /// Whether the generator is lent to this, or has other handles: dropping this leaves it as it is.
    #[doc(hidden)]
    fn has_other_owners(&self) -> bool {
        false
    }

    /// See [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// As `close`.
    fn resume_close(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Option<Self::Return>, CloseError<Self::Yield>> {
        if self.state() == State::Closed {
            return Ok(None);
        }
        closed(self.resume_throw(cx, GeneratorExit::new().into()))
    }
}

/// What a generator's answer to [`GeneratorExit`] means to the caller that closes it.
pub(super) fn closed<Y, R>(
    answer: Result<Step<Y, R>, ThrowError>,
) -> Result<Option<R>, CloseError<Y>> {
    match answer {
        Ok(Step::Yielded(value)) => Err(CloseError::Ignored(value)),
        Ok(Step::Complete(value)) => Ok(Some(value)),
        Err(ThrowError::Raised(exception)) if exception.is::<GeneratorExit>() => Ok(None),
        Err(ThrowError::Raised(exception)) => Err(CloseError::Raised(exception)),
        Err(ThrowError::Running(_)) => Err(CloseError::Running),
        Err(ThrowError::Pending) => Err(CloseError::Pending),
        Err(ThrowError::TooDeep(_)) => Err(CloseError::TooDeep),
    }
}

impl From<StartError> for NextError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Running => Self::Running,
            StartError::AlreadyStarted | StartError::Finished => Self::Finished,
            StartError::Pending => Self::Pending,
            StartError::TooDeep => Self::TooDeep,
            StartError::Raised(exception) => Self::Raised(exception),
        }
    }
}

impl From<SendError<()>> for NextError {
    fn from(error: SendError<()>) -> Self {
        match error {
            SendError::Running(()) => Self::Running,
            SendError::JustStarted(()) | SendError::Finished(()) => Self::Finished,
            SendError::Awaiting(()) | SendError::Pending(_) => Self::Pending,
            SendError::TooDeep(()) => Self::TooDeep,
            SendError::Raised(exception) => Self::Raised(exception),
        }
    }
}

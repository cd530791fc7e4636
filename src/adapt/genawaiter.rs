use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use ::genawaiter::{Coroutine, GeneratorState};
use pin_project::pin_project;

use super::from_iter::FromIter;
use crate::debug::debug;
use crate::frame::{Exception, Frame, Recursive};
use crate::generator::{
    BoxGen, Generator, KeptReturn, LocalBoxGen, NextError, SendError, StartError, State, Step,
    ThrowError, panic_with,
};

/// Makes a generator from any [`genawaiter::Coroutine`](Coroutine).
///
/// genawaiter's first `resume_with` starts the coroutine. Its argument is lost in genawaiter's own coroutines, and
/// goes to the start in others: [`start`](Generator::start) passes `C::Resume::default()`. What is thrown, and
/// [`close`](Generator::close), drop the coroutine: it cannot be unwound in any other way. A resume after the end
/// fails with `Finished`, and does not panic.
///
/// The coroutine must not await foreign futures: genawaiter panics there, also in an async drive.
///
/// A `&mut` of a coroutine is taken as well, such as genawaiter's macro for generators on the stack makes:
///
/// ```
/// use cogen::{Generator, Step, from_coroutine};
///
/// genawaiter::stack::let_gen_using!(numbers, |co: genawaiter::stack::Co<'_, u32>| async move {
///     co.yield_(1).await;
///     co.yield_(2).await;
/// });
/// assert_eq!(from_coroutine(numbers).iter().collect::<Vec<_>>(), [1, 2]);
/// ```
///
/// # Examples
///
/// ```
/// use cogen::{Generator, Step, from_coroutine};
///
/// let mut g = from_coroutine(genawaiter::rc::Gen::new(|co| async move {
///     let reply: u32 = co.yield_("first").await;
///     reply + 1
/// }));
/// assert_eq!(g.start()?, Step::Yielded("first"));
/// assert_eq!(g.send(4)?, Step::Complete(5));
/// assert_eq!(g.close()?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn from_coroutine<I, Kind>(coroutine: I) -> FromCoroutine<I::Coroutine>
where
    I: IntoCoroutine<Kind>,
    <I::Coroutine as Coroutine>::Resume: Default,
{
    from_coroutine_with(coroutine, Default::default())
}

/// [`from_coroutine`], with the argument that the start passes to the coroutine.
pub fn from_coroutine_with<I: IntoCoroutine<Kind>, Kind>(
    coroutine: I,
    first: <I::Coroutine as Coroutine>::Resume,
) -> FromCoroutine<I::Coroutine> {
    FromCoroutine {
        coroutine: Some(coroutine.into_coroutine()),
        first: Some(first),
        state: State::Created,
        kept: KeptReturn::new(),
    }
}

/// What [`from_coroutine`] takes: a coroutine, or a `&mut` of one. `Kind` tells which, and is inferred.
pub trait IntoCoroutine<Kind> {
    /// The coroutine.
    type Coroutine: Coroutine;

    /// The coroutine.
    fn into_coroutine(self) -> Self::Coroutine;
}

/// A coroutine by value: see [`IntoCoroutine`].
#[derive(Debug)]
pub enum Owned {}

/// A `&mut` of a coroutine: see [`IntoCoroutine`].
#[derive(Debug)]
pub enum Lent {}

impl<C: Coroutine> IntoCoroutine<Owned> for C {
    type Coroutine = C;

    fn into_coroutine(self) -> C {
        self
    }
}

impl<'c, C: Coroutine + Unpin> IntoCoroutine<Lent> for &'c mut C {
    type Coroutine = LentCoroutine<'c, C>;

    fn into_coroutine(self) -> LentCoroutine<'c, C> {
        LentCoroutine { coroutine: self }
    }
}

/// A `&mut` of a coroutine, which is one: see [`IntoCoroutine`].
#[derive(Debug)]
pub struct LentCoroutine<'c, C> {
    coroutine: &'c mut C,
}

impl<C: Coroutine + Unpin> Coroutine for LentCoroutine<'_, C> {
    type Yield = C::Yield;
    type Resume = C::Resume;
    type Return = C::Return;

    fn resume_with(
        self: Pin<&mut Self>,
        argument: C::Resume,
    ) -> GeneratorState<C::Yield, C::Return> {
        Pin::new(&mut *self.get_mut().coroutine).resume_with(argument)
    }
}

/// A generator made from a genawaiter coroutine: see [`from_coroutine`].
#[pin_project]
#[must_use = "a generator does nothing until it is resumed"]
pub struct FromCoroutine<C: Coroutine> {
    /// `None`: it is over, and has been dropped.
    #[pin]
    coroutine: Option<C>,
    /// Present while the state is `Created`.
    first: Option<C::Resume>,
    /// `Closed` while the coroutine runs, so that this is right if it panics.
    state: State,
    kept: KeptReturn<C::Return>,
}

impl<C: Coroutine> FromCoroutine<C> {
    /// Ends the generator: the coroutine is dropped.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.state = State::Closed;
        *this.first = None;
        this.coroutine.set(None);
    }

    /// Gives `None` if there is no coroutine left.
    fn resume(mut self: Pin<&mut Self>, argument: C::Resume) -> Option<Step<C::Yield, C::Return>> {
        let mut this = self.as_mut().project();
        *this.state = State::Closed;
        match this.coroutine.as_mut().as_pin_mut()?.resume_with(argument) {
            GeneratorState::Yielded(value) => {
                *this.state = State::Suspended;
                Some(Step::Yielded(value))
            }
            GeneratorState::Complete(value) => {
                self.end();
                Some(Step::Complete(value))
            }
        }
    }
}

impl<C: Coroutine> Generator for FromCoroutine<C> {
    type Yield = C::Yield;
    type Resume = C::Resume;
    type Return = C::Return;

    fn state(&self) -> State {
        self.state
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
    ) -> Result<Step<C::Yield, C::Return>, StartError> {
        if self.state == State::Suspended {
            return Err(StartError::AlreadyStarted);
        }
        let first = self.as_mut().project().first.take();
        first
            .and_then(|first| self.resume(first))
            .ok_or(StartError::Finished)
    }

    fn resume_send(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        value: C::Resume,
    ) -> Result<Step<C::Yield, C::Return>, SendError<C::Resume>> {
        match self.state {
            State::Created => Err(SendError::JustStarted(value)),
            State::Suspended => self.resume(value).ok_or(SendError::Pending(None)),
            State::Awaiting | State::Running | State::Closed => Err(SendError::Finished(value)),
        }
    }

    fn resume_throw(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<C::Yield, C::Return>, ThrowError> {
        self.end();
        Err(ThrowError::Raised(exception))
    }

    fn resume_continue(
        self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
    ) -> Result<Step<C::Yield, C::Return>, NextError> {
        Err(match self.state {
            State::Closed => NextError::Finished,
            _ => NextError::NotAwaiting,
        })
    }

    fn keep_return(self: Pin<&mut Self>, outcome: Result<C::Return, Exception>) {
        self.project().kept.keep(outcome);
    }

    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<C::Return, Exception>> {
        self.project().kept.take()
    }
}

debug!(impl[C: Coroutine] self: FromCoroutine<C> { state: self.state, .. });

/// Panics where genawaiter's protocol cannot express what happened, as its own generators do.
#[track_caller]
fn resume_with<G: Generator + ?Sized>(
    generator: Pin<&mut G>,
    argument: G::Resume,
) -> GeneratorState<G::Yield, G::Return> {
    match generator.resume_start_or_send(None, argument) {
        Ok(Step::Yielded(value)) => GeneratorState::Yielded(value),
        Ok(Step::Complete(value)) => GeneratorState::Complete(value),
        Err(error) => panic_with(
            "a coroutine that cannot fail was resumed",
            &error.without_value().into(),
        ),
    }
}

macro_rules! coroutine {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        /// The first resume starts the generator, and its argument is dropped, as in genawaiter's own generators. A
        /// resume panics, with the caller's location, after the end, if the body awaits a future, and if it raises:
        /// [`Generator`] has errors for these cases.
        impl<$($generics)*> Coroutine for $type {
            type Yield = <Self as Generator>::Yield;
            type Resume = <Self as Generator>::Resume;
            type Return = <Self as Generator>::Return;

            #[track_caller]
            fn resume_with(
                self: Pin<&mut Self>,
                argument: Self::Resume,
            ) -> GeneratorState<Self::Yield, Self::Return> {
                resume_with(self, argument)
            }
        }
    )*};
}

coroutine! {
    ['g, Y, S, F: Future] Frame<'g, Y, S, F>;
    ['g, Y, S, F: Future] Recursive<'g, Y, S, F>;
    [I: Iterator] FromIter<I>;
    ['a, Y, S, R] BoxGen<'a, Y, S, R>;
    ['a, Y, S, R] LocalBoxGen<'a, Y, S, R>;
}

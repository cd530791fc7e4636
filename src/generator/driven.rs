//! The protocol of everything with an engine: [`Frame`], [`Recursive`] and the boxes.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use super::delegate::{Delegate, Delegated};
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::outsiders::Driven;
use super::protocol::Generator;
use super::state::State;
use super::step::Step;
use crate::frame::{self, Engine, Exception, Frame, Phase, Recursive, Resumed, UnderWay};

pub(super) fn state<E: Engine + ?Sized>(engine: &E) -> State {
    match engine.phase() {
        Phase::Created => State::Created,
        Phase::Suspended => State::Suspended,
        Phase::Awaiting => State::Awaiting,
        Phase::Running => State::Running,
        Phase::Closed => State::Closed,
    }
}

type Stepped<E, Error> = Result<Step<<E as Engine>::Yield, <E as Engine>::Return>, Error>;

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn start<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Stepped<E, StartError> {
    match frame::start(engine.as_mut(), cx) {
        Resumed::Yielded(value) => Ok(Step::Yielded(value)),
        Resumed::Complete(value) => Ok(Step::Complete(value)),
        Resumed::Raised(exception) => Err(StartError::Raised(exception)),
        Resumed::Pending(_) => Err(StartError::Pending),
        Resumed::Refused(_) => Err(match engine.refusal() {
            Phase::Closed => StartError::Finished,
            Phase::Running => StartError::Running,
            Phase::Created | Phase::Suspended | Phase::Awaiting => StartError::AlreadyStarted,
        }),
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn go_on<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Stepped<E, NextError> {
    match frame::go_on(engine.as_mut(), cx) {
        Resumed::Refused(_) => Err(match engine.refusal() {
            Phase::Closed => NextError::Finished,
            Phase::Running => NextError::Running,
            Phase::Created | Phase::Suspended | Phase::Awaiting => NextError::NotAwaiting,
        }),
        resumed => next_error(resumed),
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn next_into<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
    item: &mut Option<E::Yield>,
) -> Result<Step<(), E::Return>, NextError> {
    match frame::next_into(engine.as_mut(), cx, value, item) {
        Resumed::Refused(unsent) => Err(match engine.refusal() {
            Phase::Running => NextError::Running,
            // The body awaits something, and has not taken the value.
            Phase::Created | Phase::Suspended | Phase::Awaiting if unsent.is_some() => {
                NextError::Pending
            }
            _ => NextError::Finished,
        }),
        resumed => next_error(resumed),
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn next_error<Y, R, S>(resumed: Resumed<Y, R, S>) -> Result<Step<Y, R>, NextError> {
    match resumed {
        Resumed::Yielded(value) => Ok(Step::Yielded(value)),
        Resumed::Complete(value) => Ok(Step::Complete(value)),
        Resumed::Raised(exception) => Err(NextError::Raised(exception)),
        Resumed::Pending(_) => Err(NextError::Pending),
        Resumed::Refused(_) => Err(NextError::Finished),
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn send<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Stepped<E, SendError<E::Resume>> {
    let resumed = frame::send(engine.as_mut(), cx, value);
    send_error(&*engine, resumed)
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn start_or_send<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Stepped<E, SendError<E::Resume>> {
    let resumed = frame::start_or_send(engine.as_mut(), cx, value);
    send_error(&*engine, resumed)
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn send_error<E: Driven + ?Sized>(
    engine: &E,
    resumed: Resumed<E::Yield, E::Return, E::Resume>,
) -> Stepped<E, SendError<E::Resume>> {
    match resumed {
        Resumed::Yielded(value) => Ok(Step::Yielded(value)),
        Resumed::Complete(value) => Ok(Step::Complete(value)),
        Resumed::Raised(exception) => Err(SendError::Raised(exception)),
        Resumed::Pending(value) => Err(SendError::Pending(value)),
        Resumed::Refused(None) => Err(SendError::Pending(None)),
        Resumed::Refused(Some(value)) => Err(match engine.refusal() {
            Phase::Created => SendError::JustStarted(value),
            Phase::Running => SendError::Running(value),
            Phase::Closed => SendError::Finished(value),
            Phase::Suspended | Phase::Awaiting => SendError::Awaiting(value),
        }),
    }
}

pub(super) fn throw<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    mut cx: Option<&mut Context<'_>>,
    exception: Exception,
) -> Stepped<E, ThrowError> {
    match frame::throw(engine.as_mut(), cx.as_deref_mut(), exception) {
        Resumed::Yielded(value) => Ok(Step::Yielded(value)),
        Resumed::Complete(value) => Ok(Step::Complete(value)),
        Resumed::Raised(exception) => match engine.outsider() {
            Some(generator) => generator.resume_throw(cx, exception),
            None => Err(ThrowError::Raised(exception)),
        },
        Resumed::Pending(_) | Resumed::Refused(_) => Err(ThrowError::Pending),
    }
}

/// Implements [`Generator`] by the functions above; `$engine` projects to the engine. How many generators a `boxed`
/// one contains is unknown: it may be too deep to be resumed. A `boxed` one closes when it is dropped, but for an
/// `unclosed` one.
macro_rules! driven {
    (@closes inline) => {};
    (@closes boxed) => {
        fn closes_on_drop(&self) -> bool {
            true
        }
    };
    (@check inline, $error:expr) => {};
    (@delegate inline, $delegate:expr) => {};
    (@delegate boxed, $delegate:expr) => {
        if crate::frame::is_too_deep() {
            return crate::generator::delegate::too_deep($delegate);
        }
    };
    (@closes unclosed) => {};
    (@delegate unclosed, $delegate:expr) => {
        driven!(@delegate boxed, $delegate)
    };
    (@check unclosed, $error:expr) => {
        driven!(@check boxed, $error)
    };
    (@boxed BoxGen) => {
        /// It is one.
        fn boxed<'box_>(self) -> BoxGen<'box_, Self::Yield, Self::Resume, Self::Return>
        where
            Self: Sized + Send + 'box_,
        {
            self
        }
    };
    (@boxed LocalBoxGen) => {
        /// It is one.
        fn boxed_local<'box_>(self) -> LocalBoxGen<'box_, Self::Yield, Self::Resume, Self::Return>
        where
            Self: Sized + 'box_,
        {
            self
        }
    };
    (@boxed $other:ident) => {};
    (@check boxed, $error:expr) => {
        if crate::frame::is_too_deep() {
            return Err($error);
        }
    };
    ($form:ident, [$($generics:tt)*] $name:ident<$($argument:tt),*>, $yield:ty, $send:ty, $return:ty, $this:ident, $ref:expr, $engine:expr) => {
        impl<$($generics)*> Generator for $name<$($argument),*> {
            driven!(@boxed $name);

            type Yield = $yield;
            type Resume = $send;
            type Return = $return;

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn state(&self) -> State {
                crate::generator::driven::state({ let $this = self; $ref })
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_start(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, StartError> {
                driven!(@check $form, StartError::TooDeep);
                crate::generator::driven::start({ let $this = self; $engine }, cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
                driven!(@check $form, SendError::TooDeep(value));
                crate::generator::driven::send({ let $this = self; $engine }, cx, value)
            }

            fn resume_throw(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                exception: Exception,
            ) -> Result<Step<Self::Yield, Self::Return>, ThrowError> {
                driven!(@check $form, ThrowError::TooDeep(exception));
                crate::generator::driven::throw({ let $this = self; $engine }, cx, exception)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_continue(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, NextError> {
                driven!(@check $form, NextError::TooDeep);
                crate::generator::driven::go_on({ let $this = self; $engine }, cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_start_or_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
                driven!(@check $form, SendError::TooDeep(value));
                crate::generator::driven::start_or_send({ let $this = self; $engine }, cx, value)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_next_into(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
                item: &mut Option<Self::Yield>,
            ) -> Result<Step<(), Self::Return>, NextError> {
                driven!(@check $form, NextError::TooDeep);
                crate::generator::driven::next_into({ let $this = self; $engine }, cx, value, item)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_delegated(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                delegate: Delegate<Self::Resume>,
            ) -> Delegated<Self::Yield, Self::Return, Self::Resume> {
                driven!(@delegate $form, delegate);
                crate::generator::delegate::by_engine({ let $this = self; $engine }, cx, delegate)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                let $this = self;
                crate::frame::Engine::size_hint($ref)
            }

            fn keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>) {
                let $this = self;
                crate::frame::Engine::keep($engine, outcome);
            }

            fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>> {
                let $this = self;
                crate::frame::Engine::take_kept($engine)
            }

            fn under_way(&self) -> UnderWay {
                let $this = self;
                crate::frame::Engine::way($ref)
            }

            fn note_sending(self: Pin<&mut Self>) {
                let $this = self;
                crate::frame::Engine::mark_sending($engine);
            }

            driven!(@closes $form);
        }
    };
}
pub(super) use driven;

driven!(inline, ['g, Y, S, F: Future] Frame<'g, Y, S, F>, Y, S, F::Output, this, this, this);
driven!(inline, ['g, Y, S, F: Future] Recursive<'g, Y, S, F>, Y, S, F::Output, this, this, this);

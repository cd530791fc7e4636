//! The protocol of everything with an engine: [`Frame`], [`Recursive`] and the boxes.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use super::errors::{NextError, SendError, StartError, ThrowError};
use super::protocol::Generator;
use super::state::State;
use crate::frame::{
    self, Engine, Exception, Frame, NoStep, Operation, Phase, Recursive, Resumed, Step,
};

pub(super) fn state<E: Engine + ?Sized>(engine: &E) -> State {
    match engine.phase() {
        Phase::Created => State::Created,
        Phase::Suspended | Phase::Awaiting => State::Suspended,
        Phase::Closed => State::Closed,
    }
}

type Stepped<E, Error> = Result<Step<<E as Engine>::Yield, <E as Engine>::Return>, Error>;

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn start<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Stepped<E, StartError> {
    frame::start(engine.as_mut(), cx).map_err(|stopped| match stopped {
        NoStep::Raised(exception) => StartError::Raised(exception),
        NoStep::Pending(_) => StartError::Pending,
        NoStep::Refused(_) if engine.phase() == Phase::Closed => StartError::Finished,
        NoStep::Refused(_) => StartError::AlreadyStarted,
    })
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn go_on<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Stepped<E, NextError> {
    frame::go_on(engine, cx).map_err(next_error)
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn next_into<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
    item: &mut Option<E::Yield>,
) -> Result<Step<(), E::Return>, NextError> {
    frame::next_into(engine.as_mut(), cx, value, item).map_err(|stopped| match stopped {
        // The body awaits something, and has not taken the value.
        NoStep::Refused(Some(_)) if engine.phase() != Phase::Closed => NextError::Pending,
        stopped => next_error(stopped),
    })
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn next_error<S>(stopped: NoStep<S>) -> NextError {
    match stopped {
        NoStep::Raised(exception) => NextError::Raised(exception),
        NoStep::Pending(_) => NextError::Pending,
        NoStep::Refused(_) => NextError::Finished,
    }
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn send<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Stepped<E, SendError<E::Resume>> {
    frame::send(engine.as_mut(), cx, value).map_err(|stopped| send_error(&*engine, stopped))
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn start_or_send<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Stepped<E, SendError<E::Resume>> {
    frame::start_or_send(engine.as_mut(), cx, value)
        .map_err(|stopped| send_error(&*engine, stopped))
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn send_error<E: Engine + ?Sized>(engine: &E, stopped: NoStep<E::Resume>) -> SendError<E::Resume> {
    match stopped {
        NoStep::Raised(exception) => SendError::Raised(exception),
        NoStep::Pending(value) => SendError::Pending(value),
        NoStep::Refused(None) => SendError::Pending(None),
        NoStep::Refused(Some(value)) => match engine.phase() {
            Phase::Created => SendError::JustStarted(value),
            Phase::Closed => SendError::Finished(value),
            Phase::Suspended | Phase::Awaiting => SendError::Awaiting(value),
        },
    }
}

pub(super) fn throw<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    exception: Exception,
) -> Stepped<E, ThrowError> {
    frame::throw(engine, cx, exception).map_err(|stopped| match stopped {
        NoStep::Raised(exception) => ThrowError::Raised(exception),
        NoStep::Pending(_) | NoStep::Refused(_) => ThrowError::Pending,
    })
}

/// Implements [`Generator`] by the functions above; `$engine` projects to the engine. How many generators a `boxed`
/// one contains is unknown: it may be too deep to be resumed.
macro_rules! driven {
    (@check inline, $error:expr) => {};
    (@delegate inline, $operation:expr) => {};
    (@delegate boxed, $operation:expr) => {
        if crate::frame::is_too_deep() {
            return Err(crate::generator::delegate::too_deep($operation));
        }
    };
    (@check boxed, $error:expr) => {
        if crate::frame::is_too_deep() {
            return Err($error);
        }
    };
    ($form:ident, [$($generics:tt)*] $type:ty, $yield:ty, $send:ty, $return:ty, $this:ident, $ref:expr, $engine:expr) => {
        impl<$($generics)*> Generator for $type {
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
                operation: Operation<Self::Resume>,
            ) -> Resumed<Self::Yield, Self::Return, Self::Resume> {
                driven!(@delegate $form, operation);
                crate::frame::resume({ let $this = self; $engine }, cx, operation)
            }

            fn keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>) {
                let $this = self;
                $engine.keep(outcome);
            }

            fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>> {
                let $this = self;
                $engine.take_kept()
            }
        }
    };
}
pub(super) use driven;

driven!(inline, ['g, Y, S, F: Future] Frame<'g, Y, S, F>, Y, S, F::Output, this, this, this);
driven!(inline, ['g, Y, S, F: Future] Recursive<'g, Y, S, F>, Y, S, F::Output, this, this, this);

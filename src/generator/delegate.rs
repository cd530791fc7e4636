//! The one way in which a delegating generator resumes its sub-generator: one operation for all, so
//! that the sub-generator's body has one place where it is polled (docs/architecture.md, "What keeps it
//! free").

use core::pin::Pin;
use core::task::Context;

use super::errors::{CloseError, NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::outsiders::Driven;
use super::protocol::Generator;
use super::recursion::RecursionError;
use super::step::Step;
use crate::frame::{self, Exception, Phase, Resume, Resumed};

/// What is done to a sub-generator.
#[doc(hidden)]
#[derive(Debug)]
pub enum Delegate<S> {
    Start,
    Send(S),
    Throw(Exception),
    Close,
    Continue,
}

/// The outcome. Every failure is an exception, which is raised in the outer generator.
#[doc(hidden)]
#[derive(Debug)]
pub enum Delegated<Y, R, S> {
    Yielded(Y),
    Complete(R),
    Raised(Exception),
    /// The sub-generator awaits a future. Holds what could not be sent.
    Pending(Option<S>),
}

impl<Y, R, S> From<Step<Y, R>> for Delegated<Y, R, S> {
    fn from(step: Step<Y, R>) -> Self {
        match step {
            Step::Yielded(value) => Self::Yielded(value),
            Step::Complete(value) => Self::Complete(value),
        }
    }
}

/// Delegates by the operations that every generator has.
pub(super) fn by_protocol<G: Generator + ?Sized>(
    generator: Pin<&mut G>,
    cx: Option<&mut Context<'_>>,
    delegate: Delegate<G::Resume>,
) -> Delegated<G::Yield, G::Return, G::Resume> {
    match delegate {
        Delegate::Start => match generator.resume_start(cx) {
            Ok(step) => step.into(),
            Err(StartError::Pending) => Delegated::Pending(None),
            Err(StartError::Raised(exception)) => Delegated::Raised(exception),
            Err(error) => Delegated::Raised(error.into_exception()),
        },
        Delegate::Send(value) => match generator.resume_send(cx, value) {
            Ok(step) => step.into(),
            Err(SendError::Pending(value)) => Delegated::Pending(value),
            Err(SendError::Raised(exception)) => Delegated::Raised(exception),
            Err(error) => Delegated::Raised(error.into_exception()),
        },
        Delegate::Throw(exception) => match generator.resume_throw(cx, exception) {
            Ok(step) => step.into(),
            Err(ThrowError::Pending) => Delegated::Pending(None),
            Err(ThrowError::Raised(exception)) => Delegated::Raised(exception),
            Err(error) => Delegated::Raised(error.into_exception()),
        },
        Delegate::Close => match generator.resume_close(cx) {
            Ok(Some(value)) => Delegated::Complete(value),
            Ok(None) => Delegated::Raised(GeneratorExit::new().into()),
            Err(CloseError::Ignored(value)) => Delegated::Yielded(value),
            Err(CloseError::Pending) => Delegated::Pending(None),
            Err(CloseError::Raised(exception)) => Delegated::Raised(exception),
            Err(error) => Delegated::Raised(error.into_exception()),
        },
        Delegate::Continue => match generator.resume_continue(cx) {
            Ok(step) => step.into(),
            Err(NextError::Pending) => Delegated::Pending(None),
            Err(NextError::Raised(exception)) => Delegated::Raised(exception),
            Err(error) => Delegated::Raised(error.into_exception()),
        },
    }
}

/// Delegates to an engine.
#[inline(always)]
pub(super) fn by_engine<E: Driven + ?Sized>(
    mut engine: Pin<&mut E>,
    mut cx: Option<&mut Context<'_>>,
    delegate: Delegate<E::Resume>,
) -> Delegated<E::Yield, E::Return, E::Resume> {
    let resume = match delegate {
        Delegate::Send(value) => Resume::Send(value),
        Delegate::Start => Resume::Start,
        Delegate::Continue => Resume::Continue,
        Delegate::Throw(exception) => Resume::Throw(exception),
        Delegate::Close => Resume::Throw(GeneratorExit::new().into()),
    };
    let throws = matches!(resume, Resume::Throw(_));
    match frame::resume_any(engine.as_mut(), cx.as_deref_mut(), resume) {
        Resumed::Yielded(value) => Delegated::Yielded(value),
        Resumed::Complete(value) => Delegated::Complete(value),
        Resumed::Pending(value) => Delegated::Pending(value),
        Resumed::Raised(exception) if throws => match engine.outsider() {
            // It was not delivered.
            Some(generator) => generator.resume_delegated(cx, Delegate::Throw(exception)),
            None => Delegated::Raised(exception),
        },
        Resumed::Raised(exception) => Delegated::Raised(exception),
        Resumed::Refused(value) => Delegated::Raised(refused(engine.refusal(), value.is_some())),
    }
}

/// The outcome for a generator that is too deep to be resumed. The exception holds what was to be
/// thrown.
#[cold]
#[inline(never)]
pub(super) fn too_deep<Y, R, S>(delegate: Delegate<S>) -> Delegated<Y, R, S> {
    let thrown = match delegate {
        // A delegation starts with this exception where there is no room.
        Delegate::Throw(exception) if exception.is::<RecursionError>() => {
            return Delegated::Raised(exception);
        }
        Delegate::Throw(exception) => Some(exception),
        _ => None,
    };
    Delegated::Raised(Exception::new(RecursionError::new(thrown)))
}

/// Why a generator in this phase is not resumed (by sending, or by starting).
#[cold]
#[inline(never)]
fn refused(phase: Phase, sent: bool) -> Exception {
    match (phase, sent) {
        (Phase::Closed, false) => StartError::Finished.into(),
        (Phase::Running, false) => StartError::Running.into(),
        (_, false) => StartError::AlreadyStarted.into(),
        (Phase::Running, true) => SendError::Running(()).into(),
        (Phase::Created, true) => SendError::JustStarted(()).into(),
        (Phase::Closed, true) => SendError::Finished(()).into(),
        (Phase::Suspended | Phase::Awaiting, true) => SendError::Awaiting(()).into(),
    }
}
